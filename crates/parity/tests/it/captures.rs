//! Repair packets of Chromium bring back what a relay has lost, byte for byte.

use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::RtpPacket;
use interceptor_packet::fec::{FlexFec03, UlpFec};
use interceptor_parity::{Decoder, DecoderLimits, MutableExtensions, Repair, Scope, Zeroing};

use crate::kit::{ABS_SEND_TIME, TIMING, TRANSPORT, recovered};

const TOFFSET: &str = "urn:ietf:params:rtp-hdrext:toffset";
const FLEXFEC: &[u8] = include_bytes!("../data/chromium_vp8_flexfec.pcap");
const ULPFEC: &[u8] = include_bytes!("../data/chromium_vp8_ulpfec.pcap");

/// RTP packets of a capture, and whether each came.
fn packets(capture: &'static [u8]) -> Vec<(bool, RtpPacket)> {
    const HEADERS: usize = 14 + 20 + 8;
    let mut rest = Bytes::from_static(&capture[24..]);
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let len = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let port = u16::from_be_bytes([rest[16 + 36], rest[16 + 37]]);
        packets.push((port == 9002, RtpPacket::parse(rest.slice(16 + HEADERS..16 + len)).unwrap()));
        rest = rest.slice(16 + len..);
    }
    packets
}

/// What the sums have counted of a packet.
fn zeroed(packet: &RtpPacket) -> RtpPacket {
    let mut packet = packet.clone();
    for (id, from) in [(1, 0), (2, 0), (4, 0), (7, 7)] {
        if let Some(mut value) = packet.extension(id).map(<[u8]>::to_vec) {
            value[from..].fill(0);
            packet.set_extension(id, &value).unwrap();
        }
    }
    packet
}

fn decoder(ssrc: u32, mutable: &MutableExtensions) -> Decoder {
    let extensions = [(1, TOFFSET), (2, ABS_SEND_TIME), (4, TRANSPORT), (7, TIMING)];
    let mut decoder = Decoder::new(DecoderLimits::default());
    decoder.add_stream(ssrc, 90_000, Zeroing::new(mutable, extensions));
    decoder
}

/// None came back twice. Gives how many of them are one that was lost, byte for byte.
fn check(lost: &[RtpPacket], mut back: Vec<RtpPacket>) -> usize {
    back.sort_by_key(RtpPacket::sequence_number);
    assert!(back.windows(2).all(|pair| pair[0].sequence_number() != pair[1].sequence_number()));
    back.iter().filter(|packet| lost.iter().any(|lost| zeroed(lost) == **packet)).count()
}

fn flexfec(mutable: &MutableExtensions) -> (Decoder, usize) {
    let (mut decoder, mut lost, mut back) = (decoder(0x3ee3_8107, mutable), Vec::new(), Vec::new());
    for (came, packet) in packets(FLEXFEC) {
        match (packet.ssrc(), came) {
            (0x3ee3_8107, false) => lost.push(packet),
            (0x3ee3_8107, true) => {
                decoder.media(&packet, Duration::ZERO);
            }
            (_, false) => {}
            (_, true) => {
                let payload = packet.payload_bytes();
                let fec = FlexFec03::read(&payload).unwrap();
                let protected: Vec<_> = fec.protected().collect();
                let repair = Repair {
                    fields: fec.fields(),
                    body: payload.slice_ref(fec.body()),
                    scope: Scope::Packet,
                };
                decoder.repair(repair, &protected, Duration::ZERO);
            }
        }
        back.extend(recovered(&mut decoder));
    }
    assert_eq!(lost.len(), 15);
    let count = check(&lost, back);
    (decoder, count)
}

#[test]
fn eleven_of_fifteen_come_back_by_flexfec() {
    let (decoder, back) = flexfec(&MutableExtensions::Libwebrtc);
    assert_eq!((back, decoder.tally().recovered, decoder.tally().inconsistent), (11, 11, 0));
}

#[test]
fn none_comes_back_right_where_mutable_extensions_are_taken_as_they_are() {
    let (decoder, back) = flexfec(&MutableExtensions::None);
    // What is between the fields that cancel is believed, and wrong.
    assert_eq!((back, decoder.tally().inconsistent + decoder.tally().recovered), (0, 11));
}

/// Media and repairs travel in RED, and sums are of the media as it was before: RED's header cut off, its type in place.
#[test]
fn nine_of_eleven_come_back_by_ulpfec() {
    const SSRC: u32 = 0x5657_de04;
    let (mut decoder, mut lost, mut back) =
        (decoder(SSRC, &MutableExtensions::Libwebrtc), Vec::new(), Vec::new());
    for (came, packet) in packets(ULPFEC) {
        let payload = packet.payload_bytes();
        match (payload[0], came) {
            (120, false) => {}
            (120, true) => {
                let block = payload.slice(1..);
                let fec = UlpFec::read(&block).unwrap();
                let body = block.slice_ref(fec.body().unwrap());
                let repair = Repair { fields: fec.fields(), body, scope: Scope::Prefix };
                decoder.repair(repair, &[(SSRC, fec.protected())], Duration::ZERO);
            }
            (payload_type, came) => {
                let header = packet.header().to_vec();
                let mut media =
                    RtpPacket::from_parts(&header, packet.payload_and_padding().slice(1..)).unwrap();
                media.set_payload_type(payload_type);
                if came {
                    decoder.media(&media, Duration::ZERO);
                } else {
                    lost.push(media);
                }
            }
        }
        back.extend(recovered(&mut decoder));
    }
    assert_eq!((lost.len(), check(&lost, back)), (11, 9));
    assert_eq!((decoder.tally().recovered, decoder.tally().inconsistent), (9, 0));
}
