//! S7: what a feedback message costs, and a packet that is numbered, remembered and paced.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use interceptor_congestion::{CongestionFactory, CongestionOptions};
use interceptor_core::packet::RtpPacket;
use interceptor_core::{Chain, Flow, Registry};
use interceptor_twcc::TwccFactory;

use super::PLAIN;
use super::driver::settle;
use super::set_up::config;
use crate::contender::{Case, Contender, Role};
use crate::feedback::{FEEDBACKS, FeedbackTraffic, PACKETS_A_FEEDBACK, REPORTED, stream};
use crate::traffic::sent;

/// What a packet costs without congestion control.
const NUMBERED: (Role, &str) = (Role::Variant, "this workspace, numbered only");

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::timed(("S7", "feedback", 1), PLAIN, feedback).with_stretch(FEEDBACKS),
        Case::timed(("S7", "packet", 1), PLAIN, || Reported::new(controlled()?)).with_stretch(REPORTED),
        Case::timed(("S7", "packet", 1), NUMBERED, || Reported::new(numbered()?)).with_stretch(REPORTED),
    ]
}

/// S7: a sender that is told of its packets.
///
/// # Errors
/// A chain that cannot be built.
pub fn feedback() -> anyhow::Result<Told> {
    Ok(Told { chain: controlled()?, traffic: FeedbackTraffic::new()?, prepared: Vec::new() })
}

fn numbered() -> anyhow::Result<Chain> {
    bound(Registry::new().with(TwccFactory::default()))
}

fn controlled() -> anyhow::Result<Chain> {
    // As fast as the traffic, so that nothing is held back or given up.
    let options = CongestionOptions::default().with_start_bitrate(50_000_000);
    bound(Registry::new().with(CongestionFactory::new(options)?).with(TwccFactory::default()))
}

fn bound(registry: Registry) -> anyhow::Result<Chain> {
    let mut chain = registry.build(config())?;
    let now = chain.config().now;
    chain.bind_local(stream(), now)?;
    Ok(chain)
}

/// A sender whose packets are all told of.
#[derive(Debug)]
pub struct Told {
    chain: Chain,
    traffic: FeedbackTraffic,
    prepared: Vec<(Bytes, Instant)>,
}

impl Contender for Told {
    fn prepare(&mut self, items: usize) {
        let Self { chain, traffic, prepared } = self;
        traffic.next(items, prepared, |place| {
            let forwarded = chain.write_rtp_in_place(&mut sent(place), place.at) == Flow::Forward;
            debug_assert!(forwarded, "the chain sends what it is given");
            settle(chain, place.at);
        });
    }

    fn run(&mut self) {
        for (datagram, now) in self.prepared.drain(..) {
            black_box(&self.chain.read_datagram_in_place(datagram, None, now));
            settle(&mut self.chain, now);
        }
    }
}

/// A sender whose packets are told of outside the measured part, as if by a peer: what is left is what a packet costs as it leaves.
#[derive(Debug)]
pub(super) struct Reported {
    chain: Chain,
    traffic: FeedbackTraffic,
    prepared: Vec<(RtpPacket, Instant)>,
    messages: Vec<(Bytes, Instant)>,
}

impl Reported {
    fn new(chain: Chain) -> anyhow::Result<Self> {
        Ok(Self { chain, traffic: FeedbackTraffic::new()?, prepared: Vec::new(), messages: Vec::new() })
    }
}

impl Contender for Reported {
    fn prepare(&mut self, items: usize) {
        let Self { chain, traffic, prepared, messages } = self;
        for (datagram, now) in messages.drain(..) {
            black_box(&chain.read_datagram_in_place(datagram, None, now));
            settle(chain, now);
        }
        let count = items / PACKETS_A_FEEDBACK as usize;
        traffic.next(count, messages, |place| prepared.push((sent(place), place.at)));
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
