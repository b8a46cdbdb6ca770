//! What is kept of a bound stream.

use std::sync::Arc;
use std::time::Instant;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{AbandonedNumbers, Context, StreamKey};

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
    numbers: AbandonedNumbers,
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
            numbers: AbandonedNumbers::new(ssrc),
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
        self.gate.is_open() && self.numbers.is_empty() && self.heard == self.shared.generation()
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

    /// A packet goes on, on the short way of what [is plain](Self::is_plain).
    #[inline(always)]
    pub(crate) fn pass(&mut self, packet: &RtpPacket, bytes: u64) {
        self.numbers.pass(packet);
        self.cells().pass(bytes);
    }

    /// The number of a packet, unless it is on another SSRC than the media's.
    pub(crate) fn number(&self, packet: &RtpPacket) -> Option<u16> {
        self.numbers.number(packet)
    }

    /// A number goes on, or will when its turn comes.
    pub(crate) fn accept(&mut self, number: Option<u16>, cx: &mut Context<'_>) {
        if let Some(run) = self.numbers.accept(number) {
            cx.publish(run);
        }
    }

    /// A packet that waited, or was about to, ends here.
    pub(crate) fn drop_held(
        &mut self,
        packet: &RtpPacket,
        whose: Whose,
        reason: Reason,
        bytes: u64,
        cx: &mut Context<'_>,
    ) {
        let weight = Weight::of(packet, bytes);
        self.cells().release(weight);
        self.cells().drop(whose, reason, weight);
        self.lose_held(packet, cx);
    }

    /// A packet waited when everything ended.
    pub(crate) fn end_held(&mut self, packet: &RtpPacket, bytes: u64, cx: &mut Context<'_>) {
        self.cells().end(Weight::of(packet, bytes));
        self.lose_held(packet, cx);
    }

    /// A number that waited will not be sent.
    fn lose_held(&mut self, packet: &RtpPacket, cx: &mut Context<'_>) {
        if self.outgoing
            && let Some(run) = self.numbers.lose_accepted(packet)
        {
            cx.publish(run);
        }
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

    /// A number will not be sent, unless it was already. Told in runs; of remote streams nobody has to know.
    fn lose(&mut self, packet: &RtpPacket, cx: &mut Context<'_>) {
        if self.outgoing
            && let Some(run) = self.numbers.lose(packet)
        {
            cx.publish(run);
        }
    }

    /// Tells of the numbers that will not be sent.
    pub(crate) fn tell_lost(&mut self, cx: &mut Context<'_>) {
        if let Some(run) = self.numbers.take() {
            cx.publish(run);
        }
    }
}

const _: () = assert!(size_of::<LimitedStream>() + size_of::<StreamSide>() + 16 <= 640, "as documented");
const _: () = assert!(size_of::<RtpPacket>() + 8 + 24 <= 176, "as documented, of what waits");
