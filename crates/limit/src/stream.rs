//! What is kept of a bound stream.

use std::sync::Arc;
use std::time::Instant;

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Context, StreamKey};

use crate::abandoned::Run;
use crate::counters::{Cells, Weight, Whose};
use crate::gate::{Gate, Reason};
use crate::side::{Side, StreamSide};
use crate::{LimitCounters, Way};

/// What [`Limit`](crate::Limit) keeps of a bound stream: its tokens, what waits, what it has counted.
#[derive(Debug)]
pub struct LimitedStream {
    pub(crate) gate: Gate<RtpPacket>,
    pub(crate) shared: Arc<StreamSide>,
    /// Of the rates that it has heard of.
    heard: u32,
    pub(crate) ssrc: u32,
    pub(crate) key: StreamKey,
    /// Its packets leave: what is dropped of them has no number on the wire.
    outgoing: bool,
    /// Dropped numbers that nobody knows of yet.
    lost: Run,
}

impl LimitedStream {
    pub(crate) fn new(key: StreamKey, ssrc: u32, side: &Side, start: Instant, now: u64) -> Self {
        let shared = side.open(key, ssrc);
        let heard = shared.generation();
        let bounds = side.bounds().stream.unwrap_or_default();
        Self {
            gate: Gate::new(bounds, side.rates_of(&shared), start, now),
            shared,
            heard,
            ssrc,
            key,
            outgoing: side.way == Way::Outgoing,
            lost: Run::default(),
        }
    }

    /// What has been counted of it.
    #[must_use]
    pub fn counters(&self) -> LimitCounters {
        self.cells().snapshot()
    }

    #[inline(always)]
    pub(crate) fn cells(&self) -> &Cells {
        &self.shared.cells
    }

    /// Nothing waits, nothing is stopped, nothing is to be told, and its rates are those in force.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.gate.is_open() && self.lost.is_empty() && self.heard == self.shared.generation()
    }

    /// Takes over the rates in force, if they have changed. Have they?
    pub(crate) fn hear(&mut self, side: &Side, start: Instant, now: u64) -> bool {
        let generation = self.shared.generation();
        if self.heard == generation {
            return false;
        }
        self.heard = generation;
        self.gate.set_rate(side.rates_of(&self.shared), start, now);
        true
    }

    /// A packet ends here.
    pub(crate) fn drop(
        &mut self,
        packet: &RtpPacket,
        whose: Whose,
        reason: Reason,
        bytes: u64,
        cx: &mut Context<'_>,
    ) {
        self.cells().drop(whose, reason, Weight::of(packet, bytes));
        self.lose(packet, cx);
    }

    /// A number will not be sent. Told in runs; of remote streams nobody has to know.
    pub(crate) fn lose(&mut self, packet: &RtpPacket, cx: &mut Context<'_>) {
        let numbered = matches!(packet.info().origin, Origin::Media | Origin::Padding);
        if self.outgoing
            && numbered
            && packet.ssrc() == self.ssrc
            && let Some(run) = self.lost.add(self.ssrc, packet.sequence_number())
        {
            cx.publish(run);
        }
    }

    /// Tells of the numbers that will not be sent.
    pub(crate) fn tell_lost(&mut self, cx: &mut Context<'_>) {
        if let Some(run) = self.lost.take(self.ssrc) {
            cx.publish(run);
        }
    }
}

const _: () = assert!(size_of::<LimitedStream>() + size_of::<StreamSide>() + 16 <= 640, "as documented");
const _: () = assert!(size_of::<RtpPacket>() + 8 + 24 <= 176, "as documented, of what waits");
