//! RTP: what parses leaves as it came, and every setter leaves a packet.

use bytes::Bytes;
use interceptor_packet::RtpPacket;

use crate::{Draw, Script};

/// Parses what follows the first choices, and makes these changes to it.
pub fn rtp(data: &[u8]) {
    let mut script = Script::new(data);
    let changes: Vec<[u8; 4]> = (0..script.byte() % 8)
        .map(|_| {
            let mut change = [0; 4];
            script.fill(&mut change);
            change
        })
        .collect();
    let datagram = Bytes::copy_from_slice(script.rest());
    let Ok(mut packet) = RtpPacket::parse(datagram.clone()) else { return };
    assert_eq!(packet.to_bytes(), datagram);
    check(&packet);
    convert(&packet);
    for change in changes {
        apply(&mut packet, change);
        check(&packet);
    }
    convert(&packet);
}

/// The packet is what its bytes say.
fn check(packet: &RtpPacket) {
    let bytes = packet.to_bytes();
    assert_eq!(packet.as_slices().concat(), bytes);
    assert_eq!(packet.header_len() + packet.payload_len() + usize::from(packet.padding_len()), bytes.len());
    assert_eq!(packet.total_len(), bytes.len());
    let again = RtpPacket::parse(bytes);
    assert_eq!(again.as_ref(), Ok(packet));
    let Ok(again) = again else { return };
    assert!(again.csrcs().eq(packet.csrcs()));
    assert!(again.extensions().eq(packet.extensions()));
    assert_eq!(again.extension_block(), packet.extension_block());
    assert_eq!(again.extensions_malformed(), packet.extensions_malformed());
    assert_eq!(again.payload(), packet.payload());
    for (id, _) in packet.extensions() {
        let first = packet.extensions().find(|(other, _)| *other == id);
        assert_eq!(packet.extension(id), first.map(|(_, value)| value));
    }
    assert!(!format!("{packet:?}").is_empty());
}

fn apply(packet: &mut RtpPacket, [kind, a, b, c]: [u8; 4]) {
    let (payload, padding) = (packet.payload_bytes(), packet.padding_len());
    let (word, long) = (u16::from_be_bytes([b, c]), u32::from_be_bytes([a, b, c, kind]));
    match kind % 10 {
        0 => {
            packet.set_sequence_number(word);
            assert_eq!(packet.sequence_number(), word);
        }
        1 => {
            packet.set_timestamp(long);
            assert_eq!(packet.timestamp(), long);
        }
        2 => {
            packet.set_ssrc(long);
            assert_eq!(packet.ssrc(), long);
        }
        3 => {
            packet.set_payload_type(a & 0x7f);
            assert_eq!(packet.payload_type(), a & 0x7f);
        }
        4 => {
            packet.set_marker(a & 1 == 1);
            assert_eq!(packet.marker(), a & 1 == 1);
        }
        5 | 6 => set_extension(packet, if kind % 10 == 5 { a % 20 } else { a }, &vec![c; b.into()]),
        7 => {
            packet.remove_extension(a);
            assert_eq!(packet.extension(a), None);
        }
        8 => {
            packet.set_payload(vec![c; b.into()]);
            assert_eq!((packet.payload(), packet.padding_len()), (&vec![c; b.into()][..], 0));
            return;
        }
        _ => {
            packet.set_padding(a);
            assert_eq!((packet.payload(), packet.padding_len()), (&payload[..], a));
            return;
        }
    }
    assert_eq!((packet.payload(), packet.padding_len()), (&payload[..], padding));
}

fn set_extension(packet: &mut RtpPacket, id: u8, value: &[u8]) {
    let before = packet.clone();
    if packet.set_extension(id, value).is_err() {
        assert_eq!(*packet, before);
        return;
    }
    assert_eq!(packet.extension(id), Some(value));
    let others = |packet: &RtpPacket| -> Vec<(u8, Vec<u8>)> {
        let others = packet.extensions().filter(|(other, _)| *other != id);
        others.map(|(id, value)| (id, value.to_vec())).collect()
    };
    assert_eq!(others(packet), others(&before));
}

/// To the packet of `rtp` and back: what it can hold stays.
fn convert(packet: &RtpPacket) {
    let converted = rtp::packet::Packet::from(packet);
    let Ok(back) = RtpPacket::try_from(&converted) else { return };
    assert_eq!(back.payload(), packet.payload());
    assert!(back.csrcs().eq(packet.csrcs()));
    assert!(back.extensions().eq(packet.extensions()));
    check(&back);
}
