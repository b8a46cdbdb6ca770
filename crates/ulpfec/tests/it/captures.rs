//! Chromium's own traffic, VP8 in RED with ULPFEC: what a relay lost, and all that protects it, as it left.

use bytes::Bytes;
use interceptor_core::packet::ext::{AbsSendTime, TransportSequenceNumber, VideoTiming};
use interceptor_core::packet::{HeaderExtension, Recovery, RtpPacket};
use interceptor_ulpfec::UlpfecOptions;

use crate::kit::{FEC, Rig, registry, video};

const CHROMIUM: &[u8] = include_bytes!("../data/chromium_vp8_ulpfec.pcap");
const CHROMIUM_SSRC: u32 = 0x5657_de04;

/// RTP over UDP over IPv4 over Ethernet in a capture in microsecond pcap, and whether each came: to port 9002.
fn packets(capture: &'static [u8]) -> Vec<(bool, RtpPacket)> {
    const PORT: usize = 14 + 20 + 2;
    const HEADERS: usize = 14 + 20 + 8;
    let mut rest = Bytes::from_static(&capture[24..]);
    let mut packets = vec![];
    while !rest.is_empty() {
        let len = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let frame = rest.split_to(16 + len).slice(16..);
        let came = u16::from_be_bytes([frame[PORT], frame[PORT + 1]]) == 9002;
        packets.push((came, RtpPacket::parse(frame.slice(HEADERS..)).unwrap()));
    }
    packets
}

/// The packet when its RED has been cut off, without what is stamped on the way and so not protected.
fn protected(packet: &RtpPacket) -> RtpPacket {
    let mut packet = packet.clone();
    let payload = packet.payload_bytes();
    packet.set_payload_type(payload[0]);
    packet.set_payload(payload.slice(1..));
    for (id, from) in [(1, 0), (2, 0), (4, 0), (7, 7)] {
        if let Some(mut value) = packet.extension(id).map(<[u8]>::to_vec) {
            value[from..].fill(0);
            packet.set_extension(id, &value).unwrap();
        }
    }
    packet
}

#[test]
fn of_what_chromium_lost_nine_of_eleven_come_back_byte_by_byte() {
    let all = packets(CHROMIUM);
    let is_lost = |(came, packet): &&(bool, RtpPacket)| !came && packet.payload().first() != Some(&FEC);
    let lost: Vec<RtpPacket> = all.iter().filter(is_lost).map(|(_, packet)| protected(packet)).collect();
    let mut rig = Rig::of(&registry(UlpfecOptions::default()));
    let info = video(CHROMIUM_SSRC)
        .with_extension(1, "urn:ietf:params:rtp-hdrext:toffset")
        .with_extension(2, AbsSendTime::URI)
        .with_extension(4, TransportSequenceNumber::URI)
        .with_extension(7, VideoTiming::URI);
    rig.bind(info);
    let mut recovered = 0;
    for (_, packet) in all.into_iter().filter(|(came, _)| *came) {
        for out in rig.read(packet) {
            if out.info().recovered_by == Some(Recovery::Fec) {
                assert!(lost.contains(&out), "{out:?}");
                recovered += 1;
            }
        }
    }
    let tally = rig.tally();
    assert_eq!((recovered, lost.len()), (9, 11), "{tally:?}");
    assert_eq!((tally.inconsistent, tally.partial, rig.received().malformed_repairs), (0, 0, 0));
}
