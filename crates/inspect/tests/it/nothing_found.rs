//! A capture in which no stream is found says why; one in which streams are found makes no noise about the rest.

use interceptor_inspect::frame::Encapsulation;
use interceptor_inspect::{InspectOptions, Problem, Summary};

use crate::capture::{ETHERNET, NAMES, Record, bytes, pcap, problem, records, run, run_with};
use crate::wrapped::{SSRC, ethernet, ipv4, ipv6, record, rtp, udp};

fn packet(port: u16, seq: u16) -> Vec<u8> {
    ethernet(0x0800, &ipv4(17, &udp(40_000, port, &rtp(SSRC, seq))))
}

fn query(number: u16) -> Vec<u8> {
    let name =
        [&number.to_be_bytes()[..], &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0], b"\x07example\0\0\x01\0\x01"].concat();
    ethernet(0x0800, &ipv4(17, &udp(50_000 + number, 53, &name)))
}

fn file(frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let records: Vec<Record> =
        frames.into_iter().zip(0..).map(|(frame, number)| record(number, frame)).collect();
    pcap(ETHERNET, false, false, &records)
}

fn summary(frames: impl IntoIterator<Item = Vec<u8>>) -> Summary {
    run(&file(frames))
}

fn cut(frame: Vec<u8>, snaplen: usize) -> impl Fn(Record) -> Record {
    move |record| {
        let mut frame = frame.clone();
        let original = frame.len() as u32;
        frame.truncate(snaplen);
        Record { original, frame, ..record }
    }
}

/// Every length that is too short for RTP's header, whatever headers are cut.
#[test]
fn a_snaplen_that_is_too_short_is_named_with_its_length() {
    for (frame, headers) in [
        (packet(5004, 1), 42),
        (ethernet(0x86dd, &ipv6(17, &udp(40_000, 5004, &rtp(SSRC, 1)))), 62),
        (
            ethernet(
                0x0800,
                &ipv4(47, &[&[0, 0, 8, 0][..], &ipv4(17, &udp(40_000, 5004, &rtp(SSRC, 1)))].concat()),
            ),
            66,
        ),
    ] {
        for snaplen in 10..headers + 12 {
            let records: Vec<Record> =
                (0..30).map(|number| cut(frame.clone(), snaplen)(record(number, Vec::new()))).collect();
            let file = pcap(ETHERNET, false, false, &records);
            for options in [InspectOptions::default(), InspectOptions::default().with_port(5004)] {
                let summary = run_with(&file, &options);
                let expected = Problem::CutOff { datagrams: 30, snaplen };
                assert!(summary.problems.contains(&expected), "{snaplen}: {:?}", summary.problems);
                assert!(summary.streams.is_empty() && !summary.damaged);
                assert_eq!(problem(&summary, "malformed"), "");
            }
        }
    }
    let summary = run(&bytes("field/snaplen_50"));
    let message = "100 datagrams are cut off before the end of the RTP header: captured with a snaplen of 50";
    assert_eq!(problem(&summary, "cut-off"), message);
}

#[test]
fn a_port_without_rtp_is_named_with_those_that_have_it() {
    let file = file((0..20).flat_map(|seq| [packet(5004, seq), packet(6000, seq), query(seq)]));
    let told = |port| run_with(&file, &InspectOptions::default().with_port(port));
    let summary = told(5006);
    assert_eq!(summary.problems, [Problem::PortUnused { ports: vec![5006], elsewhere: vec![5004, 6000] }]);
    let message = "nothing on port 5006 looks like RTP, but what goes to ports 5004, 6000 does";
    assert_eq!(problem(&summary, "port"), message);
    assert_eq!((told(5004).streams.len(), told(5004).problems), (1, vec![]));
    let queries = run_with(&self::file((0..20).map(query)), &InspectOptions::default().with_port(5006));
    assert_eq!(problem(&queries, "port"), "nothing on port 5006 looks like RTP, nor on any other");
}

#[test]
fn other_traffic_alone_is_described() {
    let tcp =
        [&[0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 1, 0, 0, 0, 0, 0][..], b"GET /"].concat();
    let arp = ethernet(0x0806, &[0; 28]);
    let mut frames: Vec<Vec<u8>> = (0..20).map(query).collect();
    frames.extend([ethernet(0x0800, &ipv4(6, &tcp)), arp.clone(), arp]);
    let described = Problem::NoRtp { udp: 20, rtcp: 0, tcp: 1, other: 2, ports: vec![53] };
    let summary = summary(frames);
    assert_eq!(summary.problems, [described]);
    assert!(!summary.damaged);
    let message = "nothing looks like RTP: there are 20 UDP datagrams (most on port 53), 1 TCP segments, 2 other frames";
    assert_eq!(problem(&summary, "no-rtp"), message);
}

#[test]
fn what_cannot_be_looked_into_is_named() {
    let over_udp = |port, payload: &[u8]| ethernet(0x0800, &ipv4(17, &udp(port, port, payload)));
    for (encapsulation, frame) in [
        (Encapsulation::Esp, ethernet(0x0800, &ipv4(50, &[7; 80]))),
        (Encapsulation::Esp, ethernet(0x86dd, &ipv6(50, &[7; 80]))),
        (Encapsulation::Esp, over_udp(4500, &[7; 80])),
        (Encapsulation::Macsec, ethernet(0x88e5, &[7; 80])),
        (Encapsulation::WireGuard, over_udp(51_820, &[&[4, 0, 0, 0][..], &[7; 80]].concat())),
        (Encapsulation::L2tp, ethernet(0x0800, &ipv4(115, &[7; 80]))),
        (Encapsulation::L2tp, over_udp(1701, &[&[0, 2][..], &[7; 80]].concat())),
        (Encapsulation::RoutedGre, ethernet(0x0800, &ipv4(47, &[&[0x40, 0, 8, 0][..], &[7; 80]].concat()))),
        (Encapsulation::CompressedPpp, ethernet(0x8864, &[0x11, 0, 0, 1, 0, 8, 0, 0xfd, 1, 2, 3, 4, 5, 6])),
    ] {
        let alone = summary((0..30).map(|_| frame.clone()));
        assert_eq!(alone.problems, [Problem::Encapsulated { encapsulation, frames: 30 }]);
        assert!(problem(&alone, "encapsulated").contains(&encapsulation.to_string()));
        let beside = summary((0..30).flat_map(|seq| [frame.clone(), packet(5004, seq)]));
        assert_eq!((beside.streams.len(), beside.problems), (1, vec![]), "{encapsulation}");
    }
}

#[test]
fn what_is_beside_streams_makes_no_noise() {
    let arp = ethernet(0x0806, &[0; 28]);
    let summary = summary((0..30).flat_map(|seq| [query(seq), packet(5004, seq), arp.clone()]));
    assert_eq!((summary.streams.len(), summary.problems), (1, vec![]));
    for name in NAMES {
        let kinds = ["no-rtp", "cut-off", "encapsulated", "port", "fragments", "rtsp"];
        let summary = run(&bytes(name));
        assert!(
            kinds.iter().all(|kind| problem(&summary, kind).is_empty()),
            "{name}: {:?}",
            summary.problems
        );
    }
}

#[test]
fn a_capture_of_nothing_has_nothing_to_say() {
    assert_eq!(summary([]).problems, []);
    let few: Vec<Record> = records("gst_pcmu_loss").into_iter().take(2).collect();
    assert_eq!(problem(&run(&pcap(ETHERNET, false, false, &few)), "no-rtp"), "", "what is undecided says so");
}
