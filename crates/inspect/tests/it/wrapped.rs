//! Packets made from nothing: RTP in UDP in IP, and whatever that is wrapped in.

use crate::capture::Record;

pub(crate) const SSRC: u32 = 0x5eed_0001;
pub(crate) const SRC: [u8; 4] = [192, 0, 2, 10];
pub(crate) const DST: [u8; 4] = [198, 51, 100, 20];

/// PCMU of 20 ms.
pub(crate) fn rtp(ssrc: u32, seq: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend(seq.to_be_bytes());
    packet.extend((u32::from(seq) * 160).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend((0..160).map(|at| at as u8 ^ seq as u8));
    packet
}

pub(crate) fn half(value: usize) -> [u8; 2] {
    u16::try_from(value).unwrap().to_be_bytes()
}

pub(crate) fn udp(src: u16, dst: u16, payload: &[u8]) -> Vec<u8> {
    [&src.to_be_bytes()[..], &dst.to_be_bytes(), &half(8 + payload.len()), &[0, 0], payload].concat()
}

pub(crate) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_part(protocol, 0, 0, payload)
}

/// A fragment: its packet's number, its flags and place.
pub(crate) fn ipv4_part(protocol: u8, id: u16, place: u16, payload: &[u8]) -> Vec<u8> {
    let mut header =
        [&[0x45, 0][..], &half(20 + payload.len()), &id.to_be_bytes(), &place.to_be_bytes()].concat();
    header.extend([64, protocol, 0, 0]);
    header.extend([SRC, DST].concat());
    let sum = header.chunks(2).fold(0, |sum, pair| sum + u32::from(pair[0]) * 256 + u32::from(pair[1]));
    let sum = !((sum & 0xffff) + (sum >> 16)) as u16;
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    [&header, payload].concat()
}

pub(crate) fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let address = |last| [&[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &[last]].concat();
    [&[0x60, 0, 0, 0][..], &half(payload.len()), &[next, 64], &address(1), &address(2), payload].concat()
}

pub(crate) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], &kind.to_be_bytes(), payload].concat()
}

/// `number` of a row of packets, 20 ms apart.
pub(crate) fn record(number: u32, frame: Vec<u8>) -> Record {
    let millis = number * 20;
    let (seconds, micros) = (1_700_000_000 + millis / 1000, millis % 1000 * 1000);
    Record { seconds, micros, original: frame.len() as u32, frame }
}
