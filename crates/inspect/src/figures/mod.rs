//! What is found out about each stream, packet by packet: counts, spacing, jitter, drift, runs of losses.
//!
//! Losses and jitter are those of [`interceptor_packet::rfc3550`], sampled at every packet.

mod clock;
mod runs;
mod spread;

use std::time::Duration;

use interceptor_packet::rfc3550::{Arrival, SourceState};

use self::clock::{ClockFigures, Clocks};
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

    /// A packet of the stream came at this time. Says what it is to the sequence.
    pub(super) fn receive(&mut self, packet: &Header, at: Duration) -> Arrival {
        let verdict = self.count(packet, at);
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
        verdict
    }

    fn count(&mut self, packet: &Header, at: Duration) -> Arrival {
        let seq = packet.seq();
        let verdict = self.source.update(seq, packet.timestamp(), at, self.clocks.known_rate());
        match verdict {
            Arrival::Newest { skipped } => self.runs.advance(skipped),
            Arrival::Resumed { lost, skipped } => {
                self.runs.advance(lost);
                self.runs.advance(skipped);
            }
            Arrival::Late => {
                self.runs.fill(seq);
                self.reordered += 1;
            }
            Arrival::Duplicate => {
                self.runs.fill(seq);
                self.duplicates += 1;
            }
            Arrival::First => self.runs.restart(seq),
            Arrival::Restarted => {
                self.clocks.resync();
                self.runs.restart(seq);
            }
            Arrival::Stray | Arrival::Probation => {}
        }
        verdict
    }

    /// What there is to say if the stream ended here.
    pub(super) fn figures(&self) -> StreamFigures {
        StreamFigures {
            packets: self.packets,
            expected: self.source.total_expected(),
            lost: self.source.total_lost(),
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
