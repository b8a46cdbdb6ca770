//! Every packet of real captures: the key frames that are found are those that were made.

use std::collections::BTreeSet;

use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{ChainConfig, RedInfo, Registry, StreamInfo};
use interceptor_keyframe::KeyframeFactory;
use interceptor_rtx::RtxFactory;
use interceptor_test::Clock;

/// A capture: its stream, its legs before and behind the relay, and how many key frames its sender made.
struct Case {
    name: &'static str,
    info: fn() -> StreamInfo,
    ports: [u16; 2],
    made: usize,
    /// Those that came with their first packet.
    came: usize,
}

const CASES: [Case; 4] = [
    Case {
        name: "gst_vp8_rtx_loss",
        info: || gst().with_rtx(0x5566_7788, 97),
        ports: [7000, 7002],
        made: 4,
        came: 4,
    },
    Case { name: "gst_vp8_twcc_loss", info: gst, ports: [7000, 7002], made: 4, came: 4 },
    Case {
        name: "chromium_vp8_red_loss",
        info: || {
            let info = vp8(0x5657_de04, 96).with_red(RedInfo::new(118, 96));
            info.with_rtx(0x2ac8_bfba, 97).with_rtx_payload_type(119, 118)
        },
        ports: [9002, 33_239],
        made: 2,
        came: 1,
    },
    Case {
        name: "chromium_vp8_flexfec_loss",
        info: || vp8(0x3ee3_8107, 96).with_rtx(0x8f58_20de, 97),
        ports: [9002, 51_961],
        made: 1,
        came: 1,
    },
];

fn gst() -> StreamInfo {
    vp8(0x1122_3344, 98)
}

fn vp8(ssrc: u32, payload_type: u8) -> StreamInfo {
    StreamInfo::new(ssrc, payload_type, 90_000).with_mime_type("video/VP8").with_feedback("nack", "pli")
}

/// The datagrams to a port.
fn datagrams(name: &str, port: u16) -> Vec<Vec<u8>> {
    let path = format!("{}/tests/data/{name}.pcap", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(path).unwrap();
    let mut rest = &file[24..];
    let mut found = Vec::new();
    while let Some((record, after)) = rest.split_at_checked(16) {
        let len = u32::from_le_bytes(record[8..12].try_into().unwrap()) as usize;
        let (ip, after) = after.split_at(len);
        rest = after;
        if u16::from_be_bytes([ip[22], ip[23]]) == port {
            found.push(ip[28..].to_vec());
        }
    }
    found
}

/// The size of the picture, which follows three bytes that only a key frame has (RFC 6386 §9.1): nothing that the crate looks at.
fn picture(packet: &RtpPacket) -> Option<[u8; 4]> {
    let red = usize::from(packet.payload_type() == 118);
    let payload = packet.payload().get(red..)?;
    // Descriptors of these senders: extended, with a picture number of 15 bits.
    let frame = payload.get(4..).filter(|_| payload[0] & 0x10 != 0 && payload[1] == 0x80)?;
    frame.get(3..)?.strip_prefix(&[0x9d, 0x01, 0x2a])?.first_chunk().copied()
}

/// Timestamps of key frames, as the bytes of the pictures say, and how many the interceptor has counted; and packets in all.
fn found(case: &Case, port: u16) -> (BTreeSet<u32>, u64, usize) {
    let factory = KeyframeFactory::default();
    let handle = factory.handle();
    let registry = Registry::new().with(RtxFactory::default()).with(factory);
    let now = Clock::new().now();
    let mut chain = registry.build(ChainConfig::new("call", now, NtpTime::default(), 1)).unwrap();
    let info = (case.info)();
    let ssrc = info.ssrc;
    chain.bind_remote(info, now).unwrap();
    let (mut pictures, mut packets) = (BTreeSet::new(), 0);
    for datagram in datagrams(case.name, port) {
        chain.read_datagram(datagram.into(), now);
        packets += 1;
        while let Some(packet) = chain.poll_app() {
            let interceptor_core::Incoming::Rtp(packet) = packet else { panic!("{packet:?}") };
            let before = pictures.len();
            pictures.extend(picture(&packet).map(|_| packet.timestamp()));
            let counters = handle.remote("call", ssrc).unwrap();
            assert_eq!(counters.keyframes, pictures.len() as u64, "{}: {packet:?}", case.name);
            assert!(before <= pictures.len());
        }
    }
    let counters = handle.remote("call", ssrc).unwrap();
    assert_eq!(counters.too_short, 0, "{}", case.name);
    (pictures, counters.keyframes, packets)
}

#[test]
fn each_key_frame_is_found_and_nothing_else() {
    for case in &CASES {
        let [(made, counted_before, sent), (came, counted_behind, received)] =
            case.ports.map(|port| found(case, port));
        assert!(sent >= received && received > 400, "{}: {sent}, {received}", case.name);
        assert_eq!((made.len(), counted_before), (case.made, case.made as u64), "{}", case.name);
        assert_eq!((came.len(), counted_behind), (case.came, case.came as u64), "{}", case.name);
        assert!(came.is_subset(&made), "{}", case.name);
    }
}
