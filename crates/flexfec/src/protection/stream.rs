//! What is kept of a protected stream.

use std::sync::Arc;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, ProtectionOverhead, StreamInfo, StreamKey};
use interceptor_parity::Zeroing;

use super::block::{Block, Join, span};
use super::counters::{Protection, ProtectionState};
use super::cover::Cover;
use super::credit::Credit;
use super::meter::{Meter, Rates};
use super::planner::{Planner, Situation};
use super::repairs::Repairs;
use super::target::Target;
use crate::{Code, FlexFecOptions, MutableExtensions};

/// A local stream that is protected: its open block, sums, and what its code is chosen by.
#[derive(Debug)]
pub struct ProtectedStream {
    ssrc: u32,
    pub(super) key: StreamKey,
    pub(super) target: Target,
    nack: bool,
    zeroing: Zeroing,
    pub(super) planner: Planner,
    pub(super) meter: Meter,
    pub(super) credit: Credit,
    cover: Cover,
    /// How far masks reach.
    span: u8,
    pub(super) repairs: Repairs,
    pub(super) block: Option<Block>,
    /// The timestamp of the packet with the highest number in the block.
    pub(super) timestamp: u32,
    /// The overhead that was published last.
    told: u64,
    pub(super) state: Arc<ProtectionState>,
}

impl ProtectedStream {
    /// How it is protected at present.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.state.get()
    }

    pub(super) fn new(
        info: &StreamInfo,
        target: Target,
        options: &FlexFecOptions,
        state: Arc<ProtectionState>,
        cx: &mut Context<'_>,
    ) -> Self {
        let mut stream = Self {
            ssrc: info.ssrc,
            key: cx.stream_key(),
            target,
            nack: false,
            zeroing: Zeroing::new(&MutableExtensions::None, []),
            planner: Planner::new(options.protection.code),
            meter: Meter::default(),
            credit: Credit::new(options.protection.max_overhead_percent),
            cover: Cover::default(),
            span: 0,
            repairs: Repairs::default(),
            block: None,
            timestamp: 0,
            told: 0,
            state,
        };
        stream.describe(info, target, &options.mutable);
        stream.adopt(cx);
        stream
    }

    /// Takes a description over. The block that is open has to be closed before.
    pub(super) fn describe(&mut self, info: &StreamInfo, target: Target, mutable: &MutableExtensions) {
        self.target = target;
        self.nack = info.has_feedback("nack", "");
        let extensions = info.header_extensions.iter().map(|extension| (extension.id, &*extension.uri));
        self.zeroing = Zeroing::new(mutable, extensions);
    }

    pub(super) const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The bytes that repair packets are longer than the packets that they cover, at most, whatever the code becomes.
    pub(super) fn headroom(&self, code: Code) -> u16 {
        let span = if code == Code::Adaptive { u8::MAX } else { span(code.packets()) };
        self.target.headroom(span)
    }

    /// Works out what follows from the code in use.
    pub(super) fn adopt(&mut self, cx: &mut Context<'_>) {
        let code = self.planner.code().unwrap_or_default();
        self.cover.set(code, cx.rng());
        self.span = span(code.packets());
        self.repairs.resize(code.repairs());
        self.tell_state();
    }

    /// Opens a block.
    pub(super) const fn open(&mut self, first: u16) {
        self.block = Some(Block::new(first, self.span));
    }

    /// The number's place in the open block.
    #[inline]
    pub(super) fn join(&mut self, seq: u16) -> Join {
        self.block.as_mut().map_or(Join::Outside, |block| block.join(seq))
    }

    /// Sums a packet that has got its place.
    #[inline]
    pub(super) fn add(&mut self, packet: &RtpPacket, place: usize, offset: u8, shift: u8, newest: bool) {
        if shift > 0 {
            self.repairs.shift(shift);
        }
        if newest {
            self.timestamp = packet.timestamp();
        }
        self.credit.earn(packet.total_len());
        self.repairs.add(self.cover.of(place), offset, &self.zeroing.summand(packet));
    }

    /// Has the open block all packets that its code is for?
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.block.as_ref().is_some_and(|block| block.count() >= self.cover.packets())
    }

    pub(super) fn situation(&self, cx: &Context<'_>) -> Situation {
        Situation {
            now: cx.elapsed_nanos(),
            rtt: cx.facts().rtt().map(|rtt| rtt.smoothed),
            rates: self.meter.rates(),
            nack: self.nack,
        }
    }

    pub(super) fn tell_state(&self) {
        self.state.set_code(self.planner.code(), self.planner.residual_ppm());
    }

    /// A window of the meter has ended.
    pub(super) fn hear_rates(&mut self, rates: Rates, cx: &mut Context<'_>) {
        self.state.bits_per_second.set(rates.repairs);
        self.tell_overhead(rates.repairs, cx);
        self.planner.tick(cx.elapsed_nanos());
        self.tell_state();
    }

    /// Publishes what protection takes, if that is news: more than a sixteenth off.
    pub(super) fn tell_overhead(&mut self, bits_per_second: u64, cx: &mut Context<'_>) {
        let off = bits_per_second.abs_diff(self.told);
        if off > self.told / 16 || bits_per_second == 0 && self.told > 0 {
            self.told = bits_per_second;
            cx.publish(ProtectionOverhead { ssrc: self.ssrc, bits_per_second });
        }
    }
}
