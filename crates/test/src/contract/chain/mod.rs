//! What every chain promises its interceptors and its owner, as checks that run against any chain.

mod facts;
mod nesting;
mod panics;
mod streams;
mod timers;

use std::fmt;
use std::time::Instant;

use interceptor_core::{Chain, ChainConfig, Stage, StreamInfo};
use interceptor_packet::{RtcpPacket, RtpPacket};

use super::COMPANION;
use crate::{PairOptions, Side, rtp, stream_info};

/// What a chain promises, whatever stands in it, with the chain under test.
///
/// [`check_chain!`](crate::check_chain) makes a test of each check. It is for whoever changes the chain, or stands something in
/// front of one: the checks put interceptors of their own into what `build` makes, some of which fail and panic, and look at it
/// from outside. Each panics if the chain breaks its promise, and says which.
pub struct ChainContract {
    build: Build,
    nest: Nest,
}

type Build = Box<dyn Fn(ChainConfig) -> Chain>;
type Nest = Box<dyn Fn(&mut Chain, Stage, Chain, Instant)>;

impl ChainContract {
    /// The contract for the chains that `build` makes.
    #[must_use]
    pub fn of(build: impl Fn(ChainConfig) -> Chain + 'static) -> Self {
        Self { build: Box::new(build), nest: Box::new(insert) }
    }

    /// How one chain is put into another one. Default: [`Chain::insert`].
    #[must_use]
    pub fn with_nesting(mut self, nest: impl Fn(&mut Chain, Stage, Chain, Instant) + 'static) -> Self {
        self.nest = Box::new(nest);
        self
    }

    /// A chain that catches panics, as by default, and its instant.
    fn chain(&self) -> (Chain, Instant) {
        let config = PairOptions::default().config(Side::A).with_isolate_panics(true);
        let now = config.now;
        ((self.build)(config), now)
    }
}

impl fmt::Debug for ChainContract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainContract").field("chain", &self.chain().0).finish_non_exhaustive()
    }
}

fn insert(outer: &mut Chain, stage: Stage, inner: Chain, now: Instant) {
    outer.insert(COMPANION, stage, inner, now).expect("a chain refuses nothing");
}

/// The one stream of a check, in both directions.
const SSRC: u32 = 0x1122_3344;
const RTX: u32 = 0x5566_7788;

fn stream() -> StreamInfo {
    stream_info::video(SSRC)
}

fn media(seq: u16) -> RtpPacket {
    rtp(SSRC).seq(seq).payload_len(30).build()
}

fn bye() -> RtcpPacket {
    RtcpPacket::builder().bye(&[SSRC], "").build().expect("a BYE of one source")
}

/// Binds the stream in both directions.
fn bind(chain: &mut Chain, now: Instant) {
    chain.bind_local(stream(), now).expect("a free SSRC is bound");
    chain.bind_remote(stream(), now).expect("a free SSRC is bound");
}

/// How many packets wait for the wire; takes them.
fn sent(chain: &mut Chain) -> usize {
    std::iter::from_fn(|| chain.poll_wire()).count()
}

/// How many packets wait for the application; takes them.
fn delivered(chain: &mut Chain) -> usize {
    std::iter::from_fn(|| chain.poll_app()).count()
}
