//! S4: a NACK for ten packets is answered.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use interceptor_core::{Chain, Flow};

use super::driver::settle;
use super::set_up::{plain_stream, reported, stream};
use crate::contender::Contender;
use crate::traffic::{NackTraffic, sent};

/// A sender whose every packet is asked for once.
#[derive(Debug)]
pub struct Answer {
    chain: Chain,
    traffic: NackTraffic,
    prepared: Vec<(Bytes, Instant)>,
    sent_again: u64,
}

impl Answer {
    pub(super) fn new(mut chain: Chain, rtx: bool) -> anyhow::Result<Self> {
        let now = chain.config().now;
        chain.bind_local(reported(if rtx { stream(0) } else { plain_stream(0) }), now)?;
        Ok(Self { chain, traffic: NackTraffic::default(), prepared: Vec::new(), sent_again: 0 })
    }
}

impl Answer {
    /// Packets that NACKs have made it send.
    #[must_use]
    pub const fn sent_again(&self) -> u64 {
        self.sent_again
    }
}

impl Contender for Answer {
    fn prepare(&mut self, items: usize) {
        let Self { chain, traffic, prepared, .. } = self;
        traffic.next(items, prepared, |place| {
            let forwarded = chain.write_rtp_in_place(&mut sent(place), place.at) == Flow::Forward;
            debug_assert!(forwarded, "the chain sends what it is given");
            settle(chain, place.at);
        });
    }

    fn run(&mut self) {
        for (datagram, now) in self.prepared.drain(..) {
            black_box(&self.chain.read_datagram_in_place(datagram, None, now));
            while let Some(packet) = &self.chain.poll_wire() {
                black_box(packet);
                self.sent_again += 1;
            }
            settle(&mut self.chain, now);
        }
    }
}
