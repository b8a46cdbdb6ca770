//! Calls of Chromium: its own stamps, read as they are.

use std::collections::BTreeMap;
use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::ext::{AbsSendTime, AudioLevel, Mid};
use interceptor_core::packet::{HeaderExtension, RtpPacketBuilder};
use interceptor_hdrext::{
    AbsSendTimeFactory, AbsSendTimeOptions, AudioLevelFactory, IdentificationFactory, IdentificationOptions,
    SentAt, UnboundStream,
};
use interceptor_test::hex;

use crate::kit::Bench;

pub(crate) const NAMES: [&str; 2] = ["chromium_vp8_opus", "chromium_vp8_flexfec"];
pub(crate) const SEND_TIME: u8 = 2;
pub(crate) const MID: u8 = 9;
pub(crate) const LEVEL: u8 = 14;

/// When each packet left, in microseconds, and its header.
pub(crate) fn headers(name: &str) -> Vec<(u64, RtpPacket)> {
    let path = format!("{}/tests/data/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let (micros, header) = line.split_once(' ').unwrap();
        (micros.parse().unwrap(), RtpPacket::parse(hex(header)).unwrap())
    };
    text.lines().map(line).collect()
}

fn ssrcs(packets: &[(u64, RtpPacket)]) -> Vec<u32> {
    let mut ssrcs: Vec<u32> = packets.iter().map(|(_, packet)| packet.ssrc()).collect();
    ssrcs.sort_unstable();
    ssrcs.dedup();
    ssrcs
}

/// Chromium stamps a packet some time before it is on the wire, and never long before.
#[test]
fn send_times_of_chromium_are_those_at_which_packets_left() {
    for name in NAMES {
        let packets = headers(name);
        let options = AbsSendTimeOptions::default().with_attributes(true);
        let mut bench = Bench::new(AbsSendTimeFactory::new(options));
        for ssrc in ssrcs(&packets) {
            bench = bench.receiving(StreamInfo::unknown(ssrc).with_extension(SEND_TIME, AbsSendTime::URI));
        }
        let mut late = Vec::new();
        for (micros, packet) in &packets {
            let packet = bench.read(packet.clone());
            let sent = *packet.info().attributes.get::<SentAt>().expect("every packet has one");
            late.push(*micros as i64 - sent.nanos_since(SentAt::default()) / 1000);
        }
        late.sort_unstable();
        let (least, median, most) = (late[0], late[late.len() / 2], late[late.len() - 1]);
        assert!(median - least < 2000 && most - least < 30_000, "{name}: {least}, {median}, {most} µs");
    }
}

#[test]
fn levels_of_chromium_come_to_the_handle() {
    let packets = headers(NAMES[0]);
    let audio = packets.iter().find(|(_, packet)| packet.extension(LEVEL).is_some()).unwrap().1.ssrc();
    let factory = AudioLevelFactory::default();
    let levels = factory.levels();
    let info = StreamInfo::new(audio, 111, 48_000).with_extension(LEVEL, AudioLevel::URI);
    let mut bench = Bench::new(factory).receiving(info);
    let mut latest = None;
    for (_, packet) in packets.iter().filter(|(_, packet)| packet.ssrc() == audio) {
        latest = packet.read::<AudioLevel>(LEVEL).or(latest);
        bench.read(packet.clone());
    }
    let level = levels.level("test", audio).unwrap();
    assert_eq!(Some(level.latest), latest.map(AudioLevel::level));
    assert!((0.0..=127.0).contains(&level.smoothed) && level.last_packet == bench.start);
}

/// It says MIDs on the first packets of each stream, until it hears of that.
#[test]
fn streams_of_chromium_that_nobody_has_bound_are_told_with_their_mid() {
    for name in NAMES {
        let packets = headers(name);
        let options = IdentificationOptions::default().with_mid_id(MID);
        let mut bench = Bench::new(IdentificationFactory::new(options).unwrap());
        let mut expected: BTreeMap<u32, (Mid, u8)> = BTreeMap::new();
        for (micros, packet) in &packets {
            if let Some(mid) = packet.read::<Mid>(MID) {
                expected.entry(packet.ssrc()).or_insert((mid, packet.payload_type()));
            }
            bench.now = bench.start + Duration::from_micros(*micros);
            bench.read(packet.clone());
        }
        let events = std::iter::from_fn(|| bench.chain.poll_event());
        let told: BTreeMap<u32, (Mid, u8)> = events
            .filter_map(|event| event.raised::<UnboundStream>().copied())
            .map(|stream| (stream.ssrc, (stream.mid.unwrap(), stream.payload_type)))
            .collect();
        assert!(told.len() >= 2 && told == expected, "{name}: {told:?}");
    }
}

/// What is read and written again is what was there.
#[test]
fn stamps_of_chromium_survive_being_read_and_written() {
    fn again<E: HeaderExtension>(builder: RtpPacketBuilder, packet: &RtpPacket, id: u8) -> RtpPacketBuilder {
        match packet.read::<E>(id) {
            Some(value) => builder.typed_extension(id, &value),
            None => builder,
        }
    }
    for (_, packet) in NAMES.into_iter().flat_map(headers) {
        let builder = RtpPacket::builder();
        let builder = again::<AbsSendTime>(builder, &packet, SEND_TIME);
        let builder = again::<AudioLevel>(builder, &packet, LEVEL);
        let written = again::<Mid>(builder, &packet, MID).build().unwrap();
        for id in [SEND_TIME, LEVEL, MID] {
            assert_eq!(written.extension(id), packet.extension(id));
        }
    }
}
