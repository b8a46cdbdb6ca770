//! Sources to many subscribers.

mod behaviour;
mod books;
mod overtaking;
mod panics;
mod room;
mod sharing;

use std::sync::Arc;

use interceptor_core::StreamInfo;
use interceptor_packet::RtpPacket;
use interceptor_tokio::rewriter::{Numbers, SourceId};
use interceptor_tokio::{Fanout, FanoutOptions, Part, Session, SessionOptions, Subscription};

use crate::support::session_with;
use crate::support::wire::{Lane, Wire};

const A: SourceId = SourceId(1);
const B: SourceId = SourceId(2);
const FIRST: Numbers = Numbers { sequence_number: 65_533, timestamp: 1000 };

/// A subscriber whose transport takes what the test says.
struct Viewer {
    session: Session,
    subscription: Subscription,
    out: Arc<Lane>,
}

impl Viewer {
    fn new(fanout: &Fanout, ssrc: u32) -> Self {
        let wire = Wire::new();
        let (out, _) = wire.lanes();
        let session = session_with(wire, SessionOptions::default().with_send_queue(8));
        let stream = session.bind_local_stream(StreamInfo::new(ssrc, 96, 90_000)).unwrap();
        let subscription = fanout.subscribe(stream, FIRST).unwrap();
        Self { session, subscription, out }
    }

    /// What has arrived: SSRC, sequence number, timestamp and the payload's tag.
    fn arrived(&self) -> Vec<(u32, u16, u32, u8)> {
        let datagrams = self.out.take().into_iter();
        let packets = datagrams.map(|datagram| RtpPacket::parse(datagram).unwrap());
        packets
            .map(|packet| (packet.ssrc(), packet.sequence_number(), packet.timestamp(), packet.payload()[0]))
            .collect()
    }

    fn tags(&self) -> Vec<u8> {
        self.arrived().into_iter().map(|(.., tag)| tag).collect()
    }
}

fn fanout() -> Fanout {
    Fanout::new(FanoutOptions::default().with_thin_above_packets(4)).unwrap()
}

/// A packet whose payload is a tag, and what it is part of: `k` begins a key frame, 0, 1, 2 are layers, `s` is layer 1 with sync, and `p` is
/// padding only.
fn packet(seq: u16, timestamp: u32, tag: u8) -> RtpPacket {
    let packet = RtpPacket::builder().ssrc(9).payload_type(96).sequence_number(seq).timestamp(timestamp);
    match tag {
        b'p' => packet.padding(50).build().unwrap(),
        _ => packet.payload(vec![tag; 50]).build().unwrap(),
    }
}

fn part(packet: &RtpPacket) -> Part {
    let Some(tag) = packet.payload().first() else { return Part::BASE };
    match *tag {
        b'k' => Part::KEY,
        b's' => Part::of_layer(1, true),
        digit => Part::of_layer(digit - b'0', false),
    }
}

/// A batch of packets of frames, a frame each, from number `first` on.
fn frames(first: u16, tags: &str) -> Vec<RtpPacket> {
    let each = |(at, tag): (usize, u8)| packet(first + at as u16, (u32::from(first) + at as u32) * 3000, tag);
    tags.bytes().enumerate().map(each).collect()
}

/// Packets of one frame.
fn one_frame(first: u16, tags: &str) -> Vec<RtpPacket> {
    let each = |(at, tag): (usize, u8)| packet(first + at as u16, u32::from(first) * 3000, tag);
    tags.bytes().enumerate().map(each).collect()
}
