//! Drives a chain as a program would: packet in, timers when due, everything polled.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_core::{Chain, Flow};

use crate::contender::Contender;
use crate::traffic::{Place, Traffic, datagrams, received, sent};

/// Fires what is due, polls and drops all that waits.
#[inline]
pub(super) fn settle(chain: &mut Chain, now: Instant) {
    if chain.next_timeout().is_some_and(|at| at <= now) {
        chain.handle_timeout(now);
        while let Some(event) = &chain.poll_event() {
            black_box(event);
        }
    }
    while let Some(packet) = &chain.poll_wire() {
        black_box(packet);
    }
    while let Some(packet) = &chain.poll_app() {
        black_box(packet);
    }
}

/// A sender of packets that the application has made.
#[derive(Debug)]
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
    fn prepare(&mut self, items: usize) {
        self.prepared.extend(self.traffic.by_ref().take(items).map(|place| (sent(&place), place.at)));
    }

    fn run(&mut self) {
        for (packet, now) in &mut self.prepared {
            if self.chain.write_rtp_in_place(packet, *now) == Flow::Forward {
                black_box(&packet);
            }
            settle(&mut self.chain, *now);
        }
        self.prepared.clear();
    }
}

/// A receiver of parsed packets.
#[derive(Debug)]
pub struct Receive {
    chain: Chain,
    traffic: Traffic,
    prepared: Vec<(RtpPacket, Instant)>,
}

impl Receive {
    pub(super) const fn new(chain: Chain, traffic: Traffic) -> Self {
        Self { chain, traffic, prepared: Vec::new() }
    }
}

impl Contender for Receive {
    fn prepare(&mut self, items: usize) {
        self.prepared.extend(self.traffic.by_ref().take(items).map(|place| (received(&place), place.at)));
    }

    fn run(&mut self) {
        for (packet, now) in &mut self.prepared {
            if self.chain.read_rtp_in_place(packet, *now) == Flow::Forward {
                black_box(&packet);
            }
            settle(&mut self.chain, *now);
        }
        self.prepared.clear();
    }
}

/// A receiver of datagrams: telling RTP from RTCP, and parsing, included.
#[derive(Debug)]
pub struct ReceiveDatagrams {
    chain: Chain,
    traffic: Traffic,
    prepared: Vec<(Bytes, Place)>,
}

impl ReceiveDatagrams {
    pub(super) const fn new(chain: Chain, traffic: Traffic) -> Self {
        Self { chain, traffic, prepared: Vec::new() }
    }
}

impl Contender for ReceiveDatagrams {
    fn prepare(&mut self, items: usize) {
        datagrams(&mut self.traffic, items, &mut self.prepared);
    }

    fn run(&mut self) {
        for (datagram, place) in self.prepared.drain(..) {
            black_box(&self.chain.read_datagram_in_place(datagram, None, place.at));
            settle(&mut self.chain, place.at);
        }
    }
}
