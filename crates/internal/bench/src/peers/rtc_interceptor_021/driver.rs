//! Drives a chain as a program would: packet in, what comes out polled, timers when due.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use rtc_interceptor::{Interceptor, Packet, TaggedPacket};
use rtc_shared::marshal::Unmarshal as _;

use super::set_up::{received, sent, tagged};
use crate::contender::Contender;
use crate::traffic::{Place, Traffic, datagrams};

/// Polls and drops what goes to the wire.
#[inline]
pub(super) fn drain_wire(chain: &mut impl Interceptor) -> u64 {
    let mut packets = 0;
    while let Some(packet) = &chain.poll_write() {
        black_box(packet);
        packets += 1;
    }
    packets
}

/// Polls and drops what goes to the application.
#[inline]
pub(super) fn drain_application(chain: &mut impl Interceptor) {
    while let Some(packet) = &chain.poll_read() {
        black_box(packet);
    }
}

/// Fires what is due; reports and NACKs come out of it.
#[inline]
pub(super) fn fire(chain: &mut impl Interceptor, now: Instant) {
    if chain.poll_timeout().is_some_and(|at| at <= now) {
        // Errors are the chain's to report; there are none here.
        let _ = chain.handle_timeout(now);
        drain_wire(chain);
    }
}

/// A sender of packets that the application has made.
pub(super) struct Send<I> {
    chain: I,
    traffic: Traffic,
    prepared: Vec<TaggedPacket>,
}

impl<I: Interceptor> Send<I> {
    pub(super) const fn new(chain: I, traffic: Traffic) -> Self {
        Self { chain, traffic, prepared: Vec::new() }
    }
}

impl<I: Interceptor> Contender for Send<I> {
    fn prepare(&mut self, items: usize) {
        let packet = |place: Place| tagged(Packet::Rtp(sent(&place)), place.at);
        self.prepared.extend(self.traffic.by_ref().take(items).map(packet));
    }

    fn run(&mut self) {
        for packet in self.prepared.drain(..) {
            let now = packet.now;
            let _ = self.chain.handle_write(packet);
            drain_wire(&mut self.chain);
            fire(&mut self.chain, now);
        }
    }
}

/// A receiver of parsed packets.
pub(super) struct Receive<I> {
    chain: I,
    traffic: Traffic,
    prepared: Vec<TaggedPacket>,
}

impl<I: Interceptor> Receive<I> {
    pub(super) const fn new(chain: I, traffic: Traffic) -> Self {
        Self { chain, traffic, prepared: Vec::new() }
    }
}

impl<I: Interceptor> Contender for Receive<I> {
    fn prepare(&mut self, items: usize) {
        let packet = |place: Place| tagged(Packet::Rtp(received(&place)), place.at);
        self.prepared.extend(self.traffic.by_ref().take(items).map(packet));
    }

    fn run(&mut self) {
        for packet in self.prepared.drain(..) {
            let now = packet.now;
            let _ = self.chain.handle_read(packet);
            drain_application(&mut self.chain);
            fire(&mut self.chain, now);
        }
    }
}

/// A receiver of datagrams: parsing included, without a copy of the payload.
pub(super) struct ReceiveDatagrams<I> {
    chain: I,
    traffic: Traffic,
    prepared: Vec<(Bytes, Place)>,
}

impl<I: Interceptor> ReceiveDatagrams<I> {
    pub(super) const fn new(chain: I, traffic: Traffic) -> Self {
        Self { chain, traffic, prepared: Vec::new() }
    }
}

impl<I: Interceptor> Contender for ReceiveDatagrams<I> {
    fn prepare(&mut self, items: usize) {
        datagrams(&mut self.traffic, items, &mut self.prepared);
    }

    fn run(&mut self) {
        for (mut datagram, place) in self.prepared.drain(..) {
            let Ok(packet) = rtc_rtp::Packet::unmarshal(&mut datagram) else { continue };
            let _ = self.chain.handle_read(tagged(Packet::Rtp(packet), place.at));
            drain_application(&mut self.chain);
            fire(&mut self.chain, place.at);
        }
    }
}
