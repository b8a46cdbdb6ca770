//! The same traffic in every file format and link type gives the same figures.

use std::net::{Ipv4Addr, SocketAddr};

use interceptor_inspect::InspectOptions;

use crate::capture::{ETHERNET, NAMES, Record, bytes, figures, pcap, pcapng, records, run, run_with};

/// Traffic with RTP, RTCP and losses, whose packets are all IPv4 without options.
const NAME: &str = "gst_vp8_rtx_loss";

/// What stands before the IP packet in a frame of each link type.
fn prefixes() -> Vec<(u16, &'static str, Vec<u8>)> {
    let sll = [&[0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0][..], &[8, 0]].concat();
    let sll2 = [&[8, 0][..], &[0; 18]].concat();
    let tagged = [&[0; 12][..], &[0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 8, 0]].concat();
    vec![
        (0, "BSD loopback", vec![2, 0, 0, 0]),
        (0, "BSD loopback", vec![0, 0, 0, 2]),
        (1, "Ethernet", tagged),
        (12, "raw IP", vec![]),
        (14, "raw IP", vec![]),
        (101, "raw IP", vec![]),
        (108, "OpenBSD loopback", vec![0, 0, 0, 2]),
        (113, "Linux cooked (SLL)", sll),
        (228, "raw IPv4", vec![]),
        (276, "Linux cooked v2 (SLL2)", sll2),
    ]
}

#[test]
fn every_link_type_gives_the_same_figures() {
    let records = records(NAME);
    let expected = run(&bytes(NAME));
    for (link, name, prefix) in prefixes() {
        let rewrite = |record: &Record| record.with_frame([&prefix, record.ip()].concat());
        let rewritten: Vec<_> = records.iter().map(rewrite).collect();
        let summary = run(&pcap(link, false, false, &rewritten));
        assert_eq!(summary.link_type, name);
        assert_eq!(summary.streams, expected.streams, "{name}");
    }
}

#[test]
fn every_file_format_gives_the_same_figures() {
    for name in NAMES {
        let records = records(name);
        let expected = run(&bytes(name));
        for big in [false, true] {
            for nano in [false, true] {
                let summary = run(&pcap(ETHERNET, big, nano, &records));
                assert_eq!((&summary.streams, summary.packets), (&expected.streams, expected.packets));
            }
            let summary = run(&pcapng(ETHERNET, big, &records));
            assert_eq!((&summary.streams, summary.packets), (&expected.streams, expected.packets));
            assert_eq!(summary.problems, expected.problems);
        }
    }
}

/// IPv4 made IPv6, with a hop-by-hop header in front of UDP.
fn ipv6(record: &Record) -> Record {
    let ip = record.ip();
    let (udp, src, dst) = (&ip[20..], &ip[12..16], &ip[16..20]);
    let total = u16::from_be_bytes([ip[2], ip[3]]);
    let payload_len = (total - 20 + 8).to_be_bytes();
    let mapped = |address: &[u8]| [&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], address].concat();
    let header = [&[0x60, 0, 0, 0][..], &payload_len, &[0, 64], &mapped(src), &mapped(dst)].concat();
    let hop_by_hop = [17, 0, 1, 4, 0, 0, 0, 0];
    record.with_frame([&header[..], &hop_by_hop, udp].concat())
}

#[test]
fn ipv6_with_extension_headers_gives_the_same_figures() {
    let rewritten: Vec<_> = records(NAME).iter().map(ipv6).collect();
    let summary = run(&pcap(229, false, false, &rewritten));
    assert_eq!(figures(&summary), figures(&run(&bytes(NAME))));
    assert_eq!(summary.streams[0].src.ip().to_string(), "fd00::7f00:1");
}

/// The tags that Wireshark writes: what the protocol is, addresses, ports.
fn exported(record: &Record) -> Option<Record> {
    let payload = record.udp_payload();
    let name: &[u8] = match payload {
        [128..=191, 192..=223, ..] => b"rtcp",
        [128..=191, ..] => b"rtp\0",
        _ => return None,
    };
    let (src, dst) = record.ports();
    let tag = |number: u16, value: &[u8]| {
        [&number.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat()
    };
    let port = |port: u16| u32::from(port).to_be_bytes();
    let tags = [
        tag(12, name),
        tag(20, &record.ip()[12..16]),
        tag(21, &record.ip()[16..20]),
        tag(24, &3u32.to_be_bytes()),
        tag(25, &port(src)),
        tag(26, &port(dst)),
        tag(0, &[]),
    ];
    Some(record.with_frame([&tags.concat(), payload].concat()))
}

#[test]
fn exported_pdus_give_the_same_figures() {
    let rewritten: Vec<_> = records(NAME).iter().filter_map(exported).collect();
    let summary = run(&pcap(252, false, false, &rewritten));
    assert_eq!(summary.link_type, "Exported PDU");
    assert_eq!(figures(&summary), figures(&run(&bytes(NAME))));
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// What goes to one port, as rtptools write it: times are whole milliseconds.
fn rtpdump(records: &[Record], port: u16) -> Vec<u8> {
    let start = &records[0];
    let mut file = format!("#!rtpplay1.0 127.0.0.1/{port}\n").into_bytes();
    file.extend([start.seconds, start.micros, 0x7f00_0001].map(u32::to_be_bytes).concat());
    file.extend([0x1b, 0x58, 0, 0]);
    for record in records.iter().filter(|record| [port, port + 1].contains(&record.ports().1)) {
        let payload = record.udp_payload();
        let is_rtcp = matches!(payload, [_, 192..=223, ..]);
        let since = i64::from(record.seconds - start.seconds) * 1000
            + (i64::from(record.micros) - i64::from(start.micros)) / 1000;
        file.extend((8 + payload.len() as u16).to_be_bytes());
        let wire_len = if is_rtcp { 0 } else { (record.original - 42) as u16 };
        file.extend(wire_len.to_be_bytes());
        file.extend((since as u32).to_be_bytes());
        file.extend(payload);
    }
    file
}

#[test]
fn rtpdump_gives_the_same_counts() {
    let summary = run(&rtpdump(&records("gst_pcmu_loss"), 7002));
    assert_eq!((summary.link_type.as_str(), summary.damaged), ("rtpdump", false));
    let stream = &summary.streams[0];
    assert_eq!((stream.src, stream.dst), (local(7000), local(7002)));
    assert_eq!((stream.packets, stream.lost), (949, 52));
    assert!(stream.rtcp.sr > 0);
    let expected = run_with(&bytes("gst_pcmu_loss"), &InspectOptions::default().with_port(7002));
    let jitter = (stream.jitter_ms.unwrap().mean, expected.streams[0].jitter_ms.unwrap().mean);
    assert!((jitter.0 - jitter.1).abs() < 0.5, "{jitter:?}");
}

#[test]
fn an_unknown_link_type_is_named() {
    let summary = run(&pcap(105, false, false, &records(NAME)));
    assert!(summary.streams.is_empty() && summary.damaged);
    assert_eq!(summary.link_type, "link type 105");
    assert!(summary.problems[0].to_string().contains("105"), "{:?}", summary.problems);
}
