//! Drives a chain as a program would: packet in, timers when due, everything polled.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use interceptor_core::Chain;
use interceptor_core::packet::RtpPacket;

use super::ssrc;
use crate::Contender;
use crate::traffic::{EXTENSION, EXTENSION_ID, PAYLOAD_TYPE, Place, Traffic};

/// Polls and drops all that waits, and fires what is due.
#[inline]
fn settle(chain: &mut Chain, now: Instant) {
    if chain.next_timeout().is_some_and(|at| at <= now) {
        chain.handle_timeout(now);
    }
    while let Some(packet) = chain.poll_wire() {
        black_box(packet);
    }
    while let Some(packet) = chain.poll_app() {
        black_box(packet);
    }
}

/// A sender with its prepared packets.
pub struct Send {
    chain: Chain,
    traffic: Traffic,
    prepared: Vec<(RtpPacket, Instant)>,
}

impl Send {
    pub(super) const fn new(chain: Chain, traffic: Traffic) -> Self {
        Self { chain, traffic, prepared: Vec::new() }
    }
}

impl Contender for Send {
    fn prepare(&mut self, packets: usize) {
        let payload = self.traffic.payload();
        let packet = |place: Place| (packet(&place, payload.clone(), false), place.at);
        self.prepared.extend(self.traffic.by_ref().take(packets).map(packet));
    }

    fn run(&mut self) {
        for (mut packet, now) in self.prepared.drain(..) {
            black_box(self.chain.write_rtp_in_place(&mut packet, now) == interceptor_core::Flow::Forward);
            settle(&mut self.chain, now);
        }
    }
}

/// A receiver of parsed packets.
pub struct Receive {
    chain: Chain,
    traffic: Traffic,
    prepared: Vec<(RtpPacket, Instant)>,
    datagrams: Vec<(Bytes, Instant)>,
}

impl Receive {
    pub(super) const fn new(chain: Chain, traffic: Traffic) -> Self {
        Self { chain, traffic, prepared: Vec::new(), datagrams: Vec::new() }
    }
}

impl Contender for Receive {
    fn prepare(&mut self, packets: usize) {
        let payload = self.traffic.payload();
        let packet = |place: Place| (packet(&place, payload.clone(), true), place.at);
        self.prepared.extend(self.traffic.by_ref().take(packets).map(packet));
    }

    fn run(&mut self) {
        for (mut packet, now) in self.prepared.drain(..) {
            black_box(self.chain.read_rtp_in_place(&mut packet, now) == interceptor_core::Flow::Forward);
            settle(&mut self.chain, now);
        }
    }
}

/// A receiver of datagrams: parsing included.
pub struct ReceiveDatagrams(pub Receive);

impl Contender for ReceiveDatagrams {
    fn prepare(&mut self, packets: usize) {
        self.0.prepare(packets);
        let datagrams = self.0.prepared.drain(..).map(|(packet, at)| (packet.to_bytes(), at));
        self.0.datagrams.extend(datagrams);
    }

    fn run(&mut self) {
        let Receive { chain, datagrams, .. } = &mut self.0;
        for (datagram, now) in datagrams.drain(..) {
            chain.read_datagram(datagram, now);
            settle(chain, now);
        }
    }
}

fn packet(place: &Place, payload: Bytes, extension: bool) -> RtpPacket {
    let mut builder = RtpPacket::builder()
        .ssrc(ssrc(place.stream))
        .payload_type(PAYLOAD_TYPE)
        .sequence_number(place.sequence_number)
        .timestamp(place.timestamp)
        .payload(payload);
    if extension {
        builder = builder.extension(EXTENSION_ID, &EXTENSION);
    }
    builder.build().unwrap_or_default()
}
