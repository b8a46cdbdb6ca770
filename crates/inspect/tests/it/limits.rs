//! What a capture may make an inspector hold: each limit, and memory.

use std::time::Duration;

use interceptor_inspect::frame::Datagram;
use interceptor_inspect::{Endpoints, InspectOptions, Inspector, Limit, Problem, Summary};

use crate::call::{MEDIA, media, packet, request, rtx};
use crate::capture::{ETHERNET, Record, bytes, pcap, records, run, run_with};
use crate::made::{audio, find, single};

/// The packets of one stream, and the same from `count` other ports.
fn from_ports(count: u16, packets: usize) -> Vec<Record> {
    let to_relay = records("gst_pcmu_loss").into_iter().filter(|record| record.ports().1 == 7000);
    let mut all = Vec::new();
    for record in to_relay.take(packets) {
        for port in 1..=count {
            let mut frame = record.frame.clone();
            frame[34..36].copy_from_slice(&port.to_be_bytes());
            all.push(record.with_frame(frame));
        }
    }
    all
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let options = InspectOptions::default();
    assert_eq!((options.max_streams, options.max_flows, options.max_rtcp_ssrcs), (16_384, 65_536, 65_536));
    assert_eq!((options.max_waiting_packets, options.max_waiting_bytes), (65_536, 16 << 20));
    assert!(options.ports.is_empty());
}

#[test]
fn streams_beyond_the_limit_are_counted_and_left_out() {
    let file = pcap(ETHERNET, false, false, &from_ports(10, 20));
    assert_eq!(run(&file).streams.len(), 10);
    let summary = run_with(&file, &InspectOptions::default().with_max_streams(3));
    assert_eq!((summary.streams.len(), summary.streams[0].packets), (3, 20));
    assert_eq!(summary.problems, [Problem::TooManyStreams { packets: 7 * 20 }]);
}

#[test]
fn flows_beyond_the_limit_are_counted_and_left_out() {
    let file = pcap(ETHERNET, false, false, &from_ports(10, 20));
    // Every packet of these ports is sure to be RTP, so no flow is without a stream and can be forgotten.
    let summary = run_with(&file, &InspectOptions::default().with_port(7000).with_max_flows(4));
    assert_eq!(summary.streams.len(), 4);
    assert_eq!(summary.problems, [Problem::TooManyStreams { packets: 6 * 20 }]);
    assert!(run_with(&file, &InspectOptions::default().with_max_flows(0)).streams.is_empty());
}

#[test]
fn rtcp_beyond_the_limit_is_credited_to_nobody() {
    let reports = |options: &InspectOptions| -> u64 {
        let summary = run_with(&bytes("gst_vp8_rtx_loss"), options);
        summary.streams.iter().map(|stream| stream.rtcp.sr + stream.rtcp.rr).sum()
    };
    let all = reports(&InspectOptions::default());
    let few = reports(&InspectOptions::default().with_max_rtcp_ssrcs(1));
    assert!(few > 0 && few < all, "{few} of {all}");
    assert_eq!(reports(&InspectOptions::default().with_max_rtcp_ssrcs(0)), 0);
}

/// What reading `file` holds at most, in bytes.
fn most_bytes(file: &[u8]) -> (u64, Summary) {
    let mut summary = None;
    let measured = allocation_counter::measure(|| {
        let mut inspector = Inspector::default();
        inspector.read(file);
        summary = Some(inspector.summary());
    });
    (measured.bytes_max, summary.unwrap())
}

#[test]
fn memory_follows_the_streams_and_not_the_length() {
    let sample = records("gst_pcmu_loss").into_iter().find(|record| record.ports().1 == 7000).unwrap();
    // Ten times as long: the numbers go on.
    let packets = |count: u16| {
        let packet = |seq: u16| {
            let mut frame = sample.frame.clone();
            frame[44..46].copy_from_slice(&seq.to_be_bytes());
            sample.with_frame(frame)
        };
        pcap(ETHERNET, false, false, &(0..count).map(packet).collect::<Vec<_>>())
    };
    let (short, long) = (most_bytes(&packets(6000)).0, most_bytes(&packets(60_000)).0);
    assert!(long <= short, "{short} and {long} bytes");
    // With a clock that is known, and with one to guess from all usual ones.
    for (number, most) in [(0, 9_000), (96, 11_000)] {
        let mut records = from_ports(1000, 10);
        records.iter_mut().for_each(|record| record.frame[43] = number);
        let (many, summary) = most_bytes(&pcap(ETHERNET, false, false, &records));
        assert_eq!(summary.streams.len(), 1000);
        let bytes = (many - short) / 1000;
        println!("{bytes} bytes a stream");
        assert!(bytes < most, "{bytes} bytes a stream");
    }
}

/// What so many packets of as many SSRCs make an inspector hold at most, in bytes; from one port, or from as many.
fn most_bytes_of_strangers(count: u32, ports: bool) -> u64 {
    let measured = allocation_counter::measure(|| {
        let mut inspector = Inspector::default();
        let mut packet = [[0x80, 96].as_slice(), &[0; 158]].concat();
        for number in 0..count {
            packet[8..12].copy_from_slice(&number.to_be_bytes());
            packet[2..4].copy_from_slice(&(number as u16).wrapping_mul(40_503).to_be_bytes());
            let host = if ports { number.to_be_bytes() } else { [10, 0, 0, 1] };
            let ends = Endpoints::new((host, 40_000).into(), ([10, 0, 0, 2], 5004).into());
            inspector.datagram(Duration::from_micros(number.into()), &Datagram::new(ends, &packet));
        }
        let summary = inspector.summary();
        let count = u64::from(count);
        let is_right = |problem: &Problem| {
            matches!(problem, Problem::Undecided { packets, forgotten }
                if *packets == count && *forgotten >= count - 65_536)
        };
        assert!(summary.problems.iter().any(is_right), "{summary:?}");
    });
    measured.bytes_max
}

#[test]
fn hostile_ssrcs_cost_bounded_memory_and_are_all_counted() {
    for ports in [false, true] {
        let (some, more) = (most_bytes_of_strangers(150_000, ports), most_bytes_of_strangers(300_000, ports));
        println!("{some} and {more} bytes");
        assert!(more < some + some / 10 && more < 80 << 20, "{some} and {more} bytes");
    }
}

/// Conditions hold for what is in the summary, stream by stream.
#[test]
fn conditions_name_the_streams_that_meet_them() {
    let summary = run(&bytes("gst_pcmu_loss"));
    let said = |text: &str| -> Vec<String> {
        let limit: Limit = text.parse().unwrap();
        limit.exceeded_by(&summary).iter().map(ToString::to_string).collect()
    };
    assert!(said("loss>52").is_empty() && said("missing-rtcp").is_empty());
    let lost = said("loss>=52");
    assert!(lost.len() == 1 && lost[0].contains("127.0.0.1:7002: 52 packets lost (loss>=52)"), "{lost:?}");
    assert_eq!(said("longest-run>2").len(), 1);
    let nothing = "loss>1%".parse::<Limit>().unwrap().exceeded_by(&Inspector::default().summary());
    assert_eq!(nothing[0].to_string(), "there is no RTP stream to hold against loss>1%");
}

/// Every second packet is lost, each is asked for alone, every fourth comes again, and repair packets wait for two each: no
/// stream can hold more, however long it goes on.
/// Each packet twice, as from a mirrored port, and every 20th not at all.
#[test]
fn copies_hide_no_loss() {
    let sent = (0..1000).filter(|number| number % 20 != 10);
    let summary = find(&sent.flat_map(|number| [audio(number), audio(number)]).collect::<Vec<_>>());
    assert_eq!((single(&summary).lost, single(&summary).duplicates), (-900, 950));
    let met = |limit: &str| limit.parse::<Limit>().unwrap().exceeded_by(&summary).len();
    assert_eq!((met("loss>=5%"), met("loss>5%"), met("loss>=50"), met("loss>50")), (1, 0, 1, 0));
    let whole = find(&(0..1000).flat_map(|number| [audio(number), audio(number)]).collect::<Vec<_>>());
    assert_eq!("loss>0".parse::<Limit>().unwrap().exceeded_by(&whole), []);
}

#[test]
fn memory_for_repair_is_bounded() {
    let call = |packets: u64| {
        let mut inspector = Inspector::default();
        let way = Endpoints::new("192.0.2.1:5004".parse().unwrap(), "192.0.2.2:5006".parse().unwrap());
        for number in 0..packets {
            let at = Duration::from_micros(1000 * number);
            let mut wire = vec![(way, media(0, number))];
            if number > 8 && number % 2 == 1 {
                let seqs = [number as u16, number as u16 ^ 0x5555];
                wire = vec![(way.reversed(), request(&seqs)), (way, rtx(number as u16, 0, number - 4))];
            }
            // It protects two that are missing, and all that are to come.
            let fec = [
                &[0, 0, 0, 9, 0, 0, 0, 9, 1, 0, 0, 0][..],
                &MEDIA.to_be_bytes(),
                &(number as u16).to_be_bytes(),
            ];
            let fec = [&fec.concat()[..], &[0x7f; 6], &[0xff; 8]].concat();
            wire.push((way, packet(49, number as u16, 0, 49, &fec)));
            for (way, packet) in &wire {
                inspector.datagram(at, &Datagram::new(*way, packet));
            }
        }
        let summary = inspector.summary();
        let stream = summary.streams.iter().find(|stream| stream.ssrc == MEDIA).unwrap();
        let repair = stream.repair.unwrap();
        assert!(repair.lost > packets / 3 && repair.by_rtx > packets / 10, "{repair:?}");
    };
    let measure = |packets| allocation_counter::measure(|| call(packets)).bytes_max;
    let (short, long) = (measure(9000), measure(20_000));
    println!("{short} and {long} bytes");
    assert!(long <= short + 4096 && long < 450_000, "{short} and {long} bytes");
}
