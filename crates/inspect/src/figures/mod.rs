//! What is found out about each stream, packet by packet: counts, spacing, jitter, drift, runs of losses.
//!
//! Losses and jitter are those of [`interceptor_packet::rfc3550`], sampled at every packet.

mod clock;
mod numbers;
mod runs;
mod spread;

use std::time::Duration;

use interceptor_packet::rfc3550::{Arrival, SourceState};

use self::clock::{ClockFigures, Clocks};
use self::numbers::{Numbers, Place};
use self::runs::{RunFigures, Runs};
use self::spread::Spread;
use super::header::Header;

pub use spread::SpreadMs;

/// What was found out about a stream.
#[derive(Clone, Debug)]
pub(super) struct StreamFigures {
    pub(super) packets: u64,
    pub(super) expected: u64,
    /// RFC 3550 A.3, summed up over restarts of the sender.
    pub(super) lost: i64,
    pub(super) duplicates: u64,
    pub(super) reordered: u64,
    pub(super) delta: Option<SpreadMs>,
    pub(super) runs: RunFigures,
    /// `None` when the clock rate is not known and could not be guessed.
    pub(super) clock: Option<ClockFigures>,
    /// When the first and the last packet came.
    pub(super) first: Duration,
    pub(super) last: Duration,
}

/// A stream while it runs.
#[derive(Debug)]
pub(super) struct StreamMeter {
    source: SourceState,
    /// Sums before the sender's last restart.
    expected_before: u64,
    lost_before: i64,
    numbers: Numbers,
    duplicates: u64,
    reordered: u64,
    runs: Runs,
    clocks: Clocks,
    delta: Spread,
    packets: u64,
    first: Duration,
    last: Duration,
    /// The latest; packets of a capture are not always in order of time.
    latest: Duration,
}

impl StreamMeter {
    /// Of a stream with so many timestamp units a second; 0: not known.
    pub(super) fn new(clock_rate: u32) -> Self {
        Self {
            source: SourceState::default(),
            expected_before: 0,
            lost_before: 0,
            numbers: Numbers::default(),
            duplicates: 0,
            reordered: 0,
            runs: Runs::default(),
            clocks: Clocks::new(clock_rate),
            delta: Spread::default(),
            packets: 0,
            first: Duration::ZERO,
            last: Duration::ZERO,
            latest: Duration::ZERO,
        }
    }

    /// A packet of the stream came at this time.
    pub(super) fn receive(&mut self, packet: &Header, at: Duration) {
        let verdict = self.count(packet.seq());
        if self.packets == 0 {
            self.first = at;
        } else {
            let delta = (at.as_secs_f64() - self.last.as_secs_f64()) * 1000.0;
            self.delta.add(delta, packet.marker(), self.packets);
        }
        if verdict.counts() {
            self.clocks.receive(packet, at, verdict.is_newest(), self.packets);
        }
        self.packets += 1;
        self.last = at;
        self.latest = self.latest.max(at);
    }

    fn count(&mut self, seq: u16) -> Arrival {
        let before = self.source;
        let verdict = self.source.update(seq);
        match verdict {
            Arrival::Newest { skipped } => {
                self.runs.advance(skipped);
                self.numbers.advance(seq);
            }
            Arrival::Late => {
                self.runs.fill(seq);
                self.count_old(seq);
            }
            // RFC 3550 A.1 takes what is 100 or more behind for a stray; here it is late all the same.
            Arrival::Stray | Arrival::Probation => self.count_old(seq),
            Arrival::First => self.restart(seq),
            Arrival::Restarted => {
                self.expected_before += before.expected();
                self.lost_before = self.lost_before.wrapping_add(before.lost());
                self.clocks.resync();
                self.restart(seq);
            }
        }
        verdict
    }

    #[cold]
    fn restart(&mut self, seq: u16) {
        self.runs.restart(seq);
        self.numbers.restart(seq);
    }

    fn count_old(&mut self, seq: u16) {
        match self.numbers.mark(seq) {
            Place::Present => self.duplicates += 1,
            Place::Missing => self.reordered += 1,
            Place::Outside => {}
        }
    }

    /// What there is to say if the stream ended here.
    pub(super) fn figures(&self) -> StreamFigures {
        StreamFigures {
            packets: self.packets,
            expected: self.expected_before + self.source.expected(),
            lost: self.lost_before.wrapping_add(self.source.lost()),
            duplicates: self.duplicates,
            reordered: self.reordered,
            delta: self.delta.figures(),
            runs: self.runs.figures(),
            clock: self.clocks.figures(),
            first: self.first,
            last: self.latest,
        }
    }
}
