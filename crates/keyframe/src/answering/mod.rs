//! A local stream: requests of its peer, made few for the owner.

mod fir_log;
mod taking_out;

use std::sync::Arc;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{StreamInfo, StreamKey};

use self::fir_log::FirLog;
pub(crate) use self::taking_out::{malformed_requests, without};
use crate::asking::nanos;
use crate::counters::AnswerCells;
use crate::detect::Start;
use crate::look::Look;
use crate::{AnswerCounters, KeyframeOptions};

/// What [`Keyframe`](crate::Keyframe) keeps of a local stream.
///
/// 160 bytes, and those of its counters, its codecs and the senders of full intra requests.
#[derive(Debug)]
pub struct LocalStream {
    look: Look,
    pub(crate) key: StreamKey,
    pub(crate) ssrc: u32,
    cells: Arc<AnswerCells>,
    /// When the owner was told last, in nanoseconds since the connection's start.
    told: Option<u64>,
    /// A request has come since for which the key frame that is on its way may be too early.
    waits: bool,
    /// When the last key frame left.
    sent: Option<u64>,
    firs: FirLog,
}

const _: () = assert!(size_of::<LocalStream>() <= 160, "as documented");

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The owner is told now.
    Now,
    /// It may be told at this time.
    Later(u64),
    /// It is served already.
    Served,
}

impl LocalStream {
    pub(crate) fn new(
        info: &StreamInfo,
        key: StreamKey,
        cells: Arc<AnswerCells>,
        options: &KeyframeOptions,
    ) -> Self {
        Self {
            look: Look::new(info, options.detect),
            key,
            ssrc: info.ssrc,
            cells,
            told: None,
            waits: false,
            sent: None,
            firs: FirLog::default(),
        }
    }

    /// What listening to requests for its key frames has counted.
    #[must_use]
    pub fn counters(&self) -> AnswerCounters {
        self.cells.snapshot()
    }

    /// The stream is described anew.
    pub(crate) fn describe(&mut self, info: &StreamInfo) {
        self.look.describe(info);
    }

    /// A media packet leaves.
    #[inline]
    pub(crate) fn leave(&mut self, packet: &RtpPacket, now: u64) {
        let start = self.look.packet(packet);
        if start != Start::Other {
            self.note(start, packet, now);
        }
    }

    #[inline(never)]
    fn note(&mut self, start: Start, packet: &RtpPacket, now: u64) {
        if start == Start::TooShort {
            self.cells.too_short.add(u64::from(packet.padding_len() == 0));
        } else if self.look.is_new(packet.timestamp()) {
            self.cells.keyframes.increment();
            (self.sent, self.waits) = (Some(now), false);
        }
    }

    pub(crate) fn pli(&mut self, now: u64, round_trip: u64, options: &KeyframeOptions) -> Told {
        self.cells.plis.increment();
        self.request(now, round_trip, options)
    }

    pub(crate) fn fir(
        &mut self,
        (sender, number): (u32, u8),
        now: u64,
        round_trip: u64,
        options: &KeyframeOptions,
    ) -> Told {
        self.cells.firs.increment();
        let (millis, memory) = ((now / 1_000_000) as u32, options.fir_memory.as_millis() as u32);
        if !self.firs.is_new(sender, number, millis, memory, options.fir_senders.into()) {
            self.cells.fir_repeats.increment();
            return Told::Served;
        }
        self.request(now, round_trip, options)
    }

    /// The first request of a window is told; the others are one at its end, but for those that the key frame serves which has left meanwhile: they
    /// were sent before it could arrive.
    fn request(&mut self, now: u64, round_trip: u64, options: &KeyframeOptions) -> Told {
        let window = self.told.map(|told| told.saturating_add(nanos(options.coalesce)));
        let Some(end) = window.filter(|end| now < *end) else { return self.tell(now) };
        self.cells.coalesced.increment();
        if self.sent.is_some_and(|sent| now.saturating_sub(sent) < round_trip) {
            return Told::Served;
        }
        self.waits = true;
        Told::Later(end)
    }

    /// A window ends. Is the owner to be told?
    pub(crate) fn window_ends(&mut self, now: u64) -> bool {
        let tell = std::mem::take(&mut self.waits);
        if tell {
            self.tell(now);
        }
        tell
    }

    fn tell(&mut self, now: u64) -> Told {
        self.cells.told.increment();
        (self.told, self.waits) = (Some(now), false);
        Told::Now
    }

    pub(crate) fn consumed(&self) {
        self.cells.consumed.increment();
    }
}
