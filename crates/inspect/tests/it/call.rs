//! Calls made up packet by packet, on virtual time: media with losses, requests, retransmissions, and what became of all.

use std::time::Duration;

use interceptor_inspect::frame::Datagram;
use interceptor_inspect::{Endpoints, Inspector, Repair, Summary};

pub(crate) const MEDIA: u32 = 0x0a0b_0c0d;
pub(crate) const RTX: u32 = 0x0101_0101;
pub(crate) const MEDIA_TYPE: u8 = 96;
pub(crate) const RTX_TYPE: u8 = 97;

/// Numbers that look like chance and are the same for the same seed (splitmix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// Packets with the time at which the capture sees them, in µs.
#[derive(Clone, Default)]
pub(crate) struct Wire {
    packets: Vec<(u64, bool, Vec<u8>)>,
}

impl Wire {
    /// A packet on its way to the receiver.
    pub(crate) fn send(&mut self, at: u64, packet: Vec<u8>) {
        self.packets.push((at, false, packet));
    }

    /// A request for numbers, on its way back.
    pub(crate) fn ask(&mut self, at: u64, seqs: &[u16]) {
        self.packets.push((at, true, request(seqs)));
    }

    pub(crate) fn without_requests(mut self) -> Self {
        self.packets.retain(|(_, back, _)| !back);
        self
    }

    /// As a mirrored port shows it, that has every packet when it comes and when it goes.
    pub(crate) fn twice(self) -> Self {
        let twins = self
            .packets
            .into_iter()
            .flat_map(|(at, back, packet)| [(at, back, packet.clone()), (at + 90, back, packet)]);
        Self { packets: twins.collect() }
    }

    pub(crate) fn inspect(mut self) -> Summary {
        self.packets.sort_by_key(|(at, ..)| *at);
        let mut inspector = Inspector::default();
        let way = Endpoints::new("192.0.2.1:5004".parse().unwrap(), "192.0.2.2:5006".parse().unwrap());
        for (at, back, packet) in &self.packets {
            let way = if *back { way.reversed() } else { way };
            inspector.datagram(Duration::from_micros(*at), &Datagram::new(way, packet));
        }
        inspector.summary()
    }

    /// What became of the media stream's losses.
    pub(crate) fn repair(self) -> Repair {
        let summary = self.inspect();
        summary.streams.iter().find(|stream| stream.ssrc == MEDIA).unwrap().repair.unwrap()
    }
}

pub(crate) fn packet(payload_type: u8, seq: u16, timestamp: u32, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type];
    packet.extend(seq.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend(payload);
    packet
}

/// A generic NACK for numbers of the media stream.
pub(crate) fn request(seqs: &[u16]) -> Vec<u8> {
    let mut packet = vec![0x81, 205, 0, 2 + seqs.len() as u8];
    packet.extend(1_u32.to_be_bytes());
    packet.extend(MEDIA.to_be_bytes());
    seqs.iter().for_each(|seq| packet.extend([&seq.to_be_bytes()[..], &[0, 0]].concat()));
    packet
}

/// Video of 30 frames a second and 10 packets a frame, one every 3.333 ms.
pub(crate) fn media(first: u16, number: u64) -> Vec<u8> {
    let seq = first.wrapping_add(number as u16);
    packet(MEDIA_TYPE, seq, timestamp(number), MEDIA, &[0x90, 0x80, number as u8, 1, 2, 3])
}

pub(crate) fn timestamp(number: u64) -> u32 {
    (number / 10 * 3000) as u32
}

pub(crate) fn time(number: u64) -> u64 {
    1_000_000 + number * 3333
}

pub(crate) fn rtx(seq: u16, first: u16, number: u64) -> Vec<u8> {
    let original = first.wrapping_add(number as u16).to_be_bytes();
    packet(RTX_TYPE, seq, timestamp(number), RTX, &[&original[..], &[0x90, 0x80, number as u8, 1]].concat())
}

/// A packet of nothing but padding, as bandwidth is probed with.
pub(crate) fn padding(payload_type: u8, seq: u16, timestamp: u32, ssrc: u32) -> Vec<u8> {
    let mut padding = packet(payload_type, seq, timestamp, ssrc, &[0; 20]);
    padding[0] |= 0x20;
    *padding.last_mut().unwrap() = 20;
    padding
}
