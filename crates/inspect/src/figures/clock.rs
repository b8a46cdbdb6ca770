//! What follows from a stream's clock: jitter, skew, drift and jumps.

use std::time::Duration;

use interceptor_packet::rfc3550::{Jitter, JitterRule};

use super::drift::{Drift, DriftPpm};
use super::spread::{Spread, SpreadMs};
use super::timeline::{Jumps, Step, Timeline};
use crate::header::Header;

/// How far a guessed clock may be from the capture's, as a fraction.
const TOLERANCE: f64 = 0.03;
/// A guess takes this many packets, and this long.
const GUESS_PACKETS: u64 = 20;
const GUESS_MS: f64 = 500.0;
/// A clock that jumps at more than one of so many packets is none.
const GUESS_PACKETS_A_JUMP: u64 = 8;
/// The estimator keeps sixteenths of a unit; on a clock of about this rate that is precise enough for microseconds.
const FINE_RATE: u32 = 8_000_000;

/// What was found out with a clock.
#[derive(Clone, Debug)]
pub(crate) struct ClockFigures {
    pub(crate) rate: u32,
    /// No one said the rate: it is the usual one that fits.
    pub(crate) guessed: bool,
    pub(crate) jitter: Option<SpreadMs>,
    /// The largest skew, of either sign.
    pub(crate) skew_ms: f64,
    pub(crate) drift: Option<DriftPpm>,
    pub(crate) jumps: Jumps,
}

/// One clock rate, and what the stream is like if it is the right one.
#[derive(Debug)]
pub(super) struct Clock {
    rate: u32,
    /// How much finer the estimator's clock is.
    fine: u32,
    jitter: Jitter,
    spread: Spread,
    timeline: Timeline,
    /// When the first packet came.
    first_ms: Option<f64>,
    drift: Drift,
}

impl Clock {
    pub(super) fn new(rate: u32) -> Self {
        let fine = (FINE_RATE / rate).max(1);
        Self {
            rate,
            fine,
            jitter: Jitter::new(JitterRule::Rfc3550, rate.saturating_mul(fine)),
            spread: Spread::default(),
            timeline: Timeline::new(rate),
            first_ms: None,
            drift: Drift::default(),
        }
    }

    pub(super) const fn rate(&self) -> u32 {
        self.rate
    }

    /// Takes in a packet; `before` others on this clock came before it.
    #[inline]
    pub(super) fn receive(&mut self, packet: &Header, at: Duration, at_ms: f64, newest: bool, before: u64) {
        let timestamp = packet.timestamp();
        let step = self.timeline.step(timestamp, at_ms, newest);
        match step {
            Step::On(_) => {}
            Step::Apart(_) | Step::Unclear => self.jitter.resync(),
            Step::Anew(_) => {
                self.jitter.resync();
                self.drift.begin();
            }
            Step::Back(_) => {
                self.jitter.resync();
                self.drift.go_back();
            }
            Step::Nothing => return,
        }
        self.jitter.update(at, timestamp.wrapping_mul(self.fine), newest);
        if before > 0 {
            let units = self.jitter.sixteenths() as f64 / 16.0;
            self.spread.add(units * 1000.0 / f64::from(self.jitter.clock_rate()), packet.marker(), before);
        }
        if let Step::On(skew_ms) | Step::Apart(skew_ms) | Step::Anew(skew_ms) | Step::Back(skew_ms) = step {
            self.drift.add(at_ms - *self.first_ms.get_or_insert(at_ms), skew_ms);
        }
    }

    /// What came before and what comes now are not compared.
    pub(super) fn resync(&mut self) {
        self.jitter.resync();
        self.timeline.resync();
    }

    /// How badly a guessed clock fits: its jumps, then how far it is from the capture's. `None`: not at all.
    pub(super) fn misfit(&self) -> Option<(u64, f64)> {
        let jumps = self.timeline.jumps().count;
        let tells = self.drift.count() >= GUESS_PACKETS
            && self.drift.span_ms() >= GUESS_MS
            && jumps.saturating_mul(GUESS_PACKETS_A_JUMP) <= self.drift.count();
        let slope = self.drift.slope().filter(|_| tells)?.abs();
        (slope < TOLERANCE).then_some((jumps, slope))
    }

    pub(super) fn figures(&self, guessed: bool) -> ClockFigures {
        ClockFigures {
            rate: self.rate,
            guessed,
            jitter: self.spread.figures(),
            skew_ms: self.timeline.skew_ms(),
            drift: self.drift.ppm(),
            jumps: self.timeline.jumps(),
        }
    }
}
