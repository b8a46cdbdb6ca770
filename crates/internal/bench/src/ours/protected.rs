//! What repair packets cost: made beside the media, and received with it.

use std::hint::black_box;
use std::time::Instant;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Chain, Flow};

use super::driver::{Send, settle};
use super::plain;
use crate::contender::{Case, Contender};
use crate::protected::{BLOCKS, LOSSES, NAME, Protected, chain, stream};

/// Packets at a time: whole blocks of ten and of twenty.
pub(crate) const STRETCH: usize = 240;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (variant, packets, repairs) in BLOCKS {
        let make = move || protecting(packets, repairs);
        cases.push(Case::timed((NAME, variant, 1), super::PLAIN, make).with_stretch(STRETCH));
    }
    for (variant, lossy) in LOSSES {
        cases.push(
            Case::timed((NAME, variant, 1), super::PLAIN, move || recovering(lossy)).with_stretch(STRETCH),
        );
    }
    cases
}

/// A sender of so many packets and repair packets a block.
///
/// # Errors
/// A chain that cannot be built.
pub fn protecting(packets: u8, repairs: u8) -> anyhow::Result<Send> {
    let mut chain = chain(packets, repairs)?;
    let now = chain.config().now;
    chain.bind_local(stream(), now)?;
    Ok(Send::new(chain, plain(1)))
}

/// A receiver of blocks, of which one packet each is lost if `lossy`.
///
/// # Errors
/// A chain that cannot be built.
pub fn recovering(lossy: bool) -> anyhow::Result<Recovering> {
    let mut chain = chain(10, 1)?;
    let now = chain.config().now;
    chain.bind_remote(stream(), now)?;
    Ok(Recovering { chain, traffic: Protected::new(lossy)?, prepared: Vec::new() })
}

/// A receiver of media with repair packets.
#[derive(Debug)]
pub struct Recovering {
    chain: Chain,
    traffic: Protected,
    prepared: Vec<(RtpPacket, Instant)>,
}

impl Contender for Recovering {
    fn prepare(&mut self, items: usize) {
        let prepared = &mut self.prepared;
        self.traffic.next(items, |datagram, at| {
            prepared.extend(RtpPacket::parse(datagram).map(|packet| (packet, at)))
        });
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
