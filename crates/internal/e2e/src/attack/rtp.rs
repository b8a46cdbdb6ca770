//! RTP that is almost right.

use super::Peer;
use crate::{Draw, LOCAL, REMOTE, rtx_ssrc};

impl Peer {
    /// A packet of a stream that is announced, mostly, and mostly the next one.
    pub(super) fn rtp(&mut self, draw: &mut impl Draw) -> Vec<u8> {
        let index = usize::from(draw.byte() % 3);
        let (seq, timestamp) = self.next(index, draw);
        let ssrc = match draw.byte() {
            0..=219 => REMOTE[index],
            220..=229 => LOCAL[index],
            230..=239 => rtx_ssrc(LOCAL[0]),
            240..=255 => draw.long(),
        };
        let payload_type = if draw.one_in(16) { draw.byte() } else { [96, 96, 111][index] };
        let payload_len = match draw.byte() {
            255 => 1200,
            byte => usize::from(byte % 40),
        };
        let mut packet = header(payload_type, seq, timestamp, ssrc);
        if draw.one_in(4) {
            decorate(&mut packet, draw);
        }
        packet.resize(packet.len() + payload_len, draw.byte());
        packet
    }

    /// A retransmission of something that was sent, was not sent, or is too short to say what.
    pub(super) fn rtx(&mut self, draw: &mut impl Draw) -> Vec<u8> {
        let (newest, timestamp) = self.sent[0];
        let payload_type = if draw.one_in(16) { draw.byte() } else { 97 };
        let mut packet = header(payload_type, draw.word(), timestamp, rtx_ssrc(REMOTE[0]));
        let original = match draw.byte() {
            0..=159 => newest.wrapping_sub(u16::from(draw.byte())),
            160..=191 => newest.wrapping_add(u16::from(draw.byte())),
            192..=255 => draw.word(),
        };
        packet.extend_from_slice(&original.to_be_bytes());
        let len = match draw.byte() {
            0..=31 => 12 + usize::from(draw.byte() % 3),
            byte => 14 + usize::from(byte % 40),
        };
        packet.resize(len, 0);
        packet
    }

    /// Number and timestamp of a packet: in order, or repeated, reordered, far ahead, anywhere.
    fn next(&mut self, index: usize, draw: &mut impl Draw) -> (u16, u32) {
        let (seq, timestamp) = self.sent[index];
        let seq = match draw.byte() {
            0..=159 => seq.wrapping_add(1),
            160..=191 => seq.wrapping_add(u16::from(draw.byte() % 8)),
            192..=223 => seq.wrapping_sub(u16::from(draw.byte())),
            224..=239 => seq.wrapping_add(draw.word() % 1100),
            240..=247 => seq,
            248..=255 => draw.word(),
        };
        let timestamp = if draw.one_in(16) { draw.long() } else { timestamp.wrapping_add(3000) };
        self.sent[index] = (seq, timestamp);
        (seq, timestamp)
    }
}

fn header(payload_type: u8, seq: u16, timestamp: u32, ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type];
    packet.extend_from_slice(&seq.to_be_bytes());
    packet.extend_from_slice(&timestamp.to_be_bytes());
    packet.extend_from_slice(&ssrc.to_be_bytes());
    packet
}

/// Claims padding, contributing sources, or an extension block; only the block is sometimes there.
fn decorate(packet: &mut Vec<u8>, draw: &mut impl Draw) {
    if draw.one_in(2) {
        packet[0] |= draw.byte() & 0b0011_1111;
        return;
    }
    packet[0] |= 0b0001_0000;
    let profile = draw.of(&[[0xbe, 0xde], [0x10, 0x00], [0xab, 0xcd]]);
    let words = draw.byte() % 5;
    packet.extend_from_slice(&[profile[0], profile[1], 0, words]);
    let body = draw.bytes(4 * usize::from(words));
    packet.extend(body.into_iter().map(|byte| if byte & 1 == 0 { byte & 0x33 } else { byte }));
}
