//! What follows from a stream's clock: jitter, skew and drift; and which clock it is when no one says.

use std::time::Duration;

use interceptor_packet::rfc3550::{Jitter, JitterRule};

use super::spread::{Spread, SpreadMs};
use crate::header::Header;

/// Rates to guess from: of RFC 3551 and RFC 7587, those that differ by enough.
const USUAL: [u32; 7] = [8000, 16_000, 24_000, 32_000, 44_100, 48_000, 90_000];
/// How far a guessed clock may be from the capture's, as a fraction.
const TOLERANCE: f64 = 0.03;
/// A guess takes this many packets, and this long.
const GUESS_PACKETS: u64 = 20;
const GUESS_MS: f64 = 500.0;
/// The estimator keeps sixteenths of a unit; on a clock of about this rate that is precise enough for microseconds.
const FINE_RATE: u32 = 8_000_000;
/// A step that would go around the fine clock's circle of 268 s.
const LARGE_STEP_MS: f64 = 100_000.0;

/// What was found out with a clock.
#[derive(Clone, Debug)]
pub(crate) struct ClockFigures {
    pub(crate) rate: u32,
    /// No one said the rate: it is the usual one that fits.
    pub(crate) guessed: bool,
    pub(crate) jitter: Option<SpreadMs>,
    /// The largest skew, of either sign.
    pub(crate) skew_ms: f64,
    pub(crate) drift_ppm: Option<f64>,
}

/// The clock of a stream, or all that it may have.
#[derive(Debug)]
pub(super) struct Clocks {
    known: bool,
    clocks: Vec<Clock>,
}

impl Clocks {
    /// `rate` 0: not known.
    pub(super) fn new(rate: u32) -> Self {
        let rates = if rate == 0 { &USUAL[..] } else { &[rate] };
        Self { known: rate != 0, clocks: rates.iter().map(|rate| Clock::new(*rate)).collect() }
    }

    /// 0: not known.
    pub(super) fn known_rate(&self) -> u32 {
        self.clocks.first().filter(|_| self.known).map_or(0, |clock| clock.rate)
    }

    #[inline]
    pub(super) fn receive(&mut self, packet: &Header, at: Duration, newest: bool, before: u64) {
        for clock in &mut self.clocks {
            clock.receive(packet, at, newest, before);
        }
    }

    pub(super) fn resync(&mut self) {
        self.clocks.iter_mut().for_each(Clock::resync);
    }

    pub(super) fn figures(&self) -> Option<ClockFigures> {
        if self.known {
            return self.clocks.first().map(|clock| clock.figures(false));
        }
        let misfit = |clock: &&Clock| clock.drift.slope().map_or(f64::MAX, f64::abs);
        let best = self.clocks.iter().min_by(|a, b| misfit(a).total_cmp(&misfit(b)))?;
        best.is_plausible().then(|| best.figures(true))
    }
}

/// One clock rate, and what the stream is like if it is the right one.
#[derive(Debug)]
struct Clock {
    rate: u32,
    /// How much finer the estimator's clock is.
    fine: u32,
    jitter: Jitter,
    /// On the stream's own clock, for streams whose timestamps jump about: RTX with padding does so.
    coarse: Jitter,
    jumps: bool,
    spread: Spread,
    /// The packet before, and time on both clocks since the first, in units and in ms.
    last: Option<(u32, Duration)>,
    nominal: i64,
    arrived_ms: f64,
    skew_ms: f64,
    drift: Drift,
}

impl Clock {
    fn new(rate: u32) -> Self {
        let fine = (FINE_RATE / rate).max(1);
        Self {
            rate,
            fine,
            jitter: Jitter::new(JitterRule::Rfc3550, rate.saturating_mul(fine)),
            coarse: Jitter::new(JitterRule::Rfc3550, rate),
            jumps: false,
            spread: Spread::default(),
            last: None,
            nominal: 0,
            arrived_ms: 0.0,
            skew_ms: 0.0,
            drift: Drift::default(),
        }
    }

    #[inline]
    fn receive(&mut self, packet: &Header, at: Duration, newest: bool, before: u64) {
        let timestamp = packet.timestamp();
        if let Some((last_timestamp, last_at)) = self.last {
            let units = i64::from(timestamp.wrapping_sub(last_timestamp).cast_signed());
            let arrived = (at.as_secs_f64() - last_at.as_secs_f64()) * 1000.0;
            self.nominal += units;
            self.arrived_ms += arrived;
            let large = units.abs() as f64 * 1000.0 / f64::from(self.rate) > LARGE_STEP_MS;
            self.jumps |= large || arrived.abs() > LARGE_STEP_MS;
        }
        self.last = Some((timestamp, at));
        self.jitter.update(at, timestamp.wrapping_mul(self.fine), newest);
        self.coarse.update(at, timestamp, newest);
        if before > 0 {
            let jitter = if self.jumps { &self.coarse } else { &self.jitter };
            let units = jitter.sixteenths() as f64 / 16.0;
            let value = units * 1000.0 / f64::from(jitter.clock_rate());
            self.spread.add(value, packet.marker(), before);
        }
        let skew = self.nominal as f64 * 1000.0 / f64::from(self.rate) - self.arrived_ms;
        if skew.abs() > self.skew_ms.abs() {
            self.skew_ms = skew;
        }
        self.drift.add(self.arrived_ms, skew);
    }

    /// The sender has started again with another timestamp: what came before and what comes now are not compared.
    const fn resync(&mut self) {
        self.jitter.resync();
        self.coarse.resync();
        self.last = None;
    }

    fn is_plausible(&self) -> bool {
        self.drift.count >= GUESS_PACKETS
            && self.drift.span_ms >= GUESS_MS
            && self.drift.slope().is_some_and(|slope| slope.abs() < TOLERANCE)
    }

    fn figures(&self, guessed: bool) -> ClockFigures {
        ClockFigures {
            rate: self.rate,
            guessed,
            jitter: self.spread.figures(),
            skew_ms: self.skew_ms,
            drift_ppm: self.drift.slope().map(|slope| slope * 1_000_000.0),
        }
    }
}

/// The straight line through all points of (time, skew), by least squares (Welford's updates).
#[derive(Debug, Default)]
struct Drift {
    count: u64,
    mean_x: f64,
    mean_y: f64,
    xx: f64,
    xy: f64,
    span_ms: f64,
}

impl Drift {
    #[inline]
    fn add(&mut self, x: f64, y: f64) {
        self.count += 1;
        let count = self.count as f64;
        let dx = x - self.mean_x;
        self.mean_x += dx / count;
        self.mean_y += (y - self.mean_y) / count;
        self.xx += dx * (x - self.mean_x);
        self.xy += dx * (y - self.mean_y);
        self.span_ms = self.span_ms.max(x);
    }

    /// `None`: one packet, or all at once.
    fn slope(&self) -> Option<f64> {
        (self.count > 1 && self.xx > 0.0).then(|| self.xy / self.xx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rate: u32, real: f64, packets: u32) -> Option<ClockFigures> {
        let mut clocks = Clocks::new(rate);
        for number in 0..packets {
            let at = Duration::from_millis(20 * u64::from(number));
            // From just below the wrap.
            let timestamp = 0xffff_f000_u32.wrapping_add((at.as_secs_f64() * real) as u32);
            let [a, b, c, d] = timestamp.to_be_bytes();
            let packet = Header::parse(&[0x80, 96, 0, 0, a, b, c, d, 0, 0, 0, 0], 12).unwrap();
            clocks.receive(&packet, at, true, number.into());
        }
        clocks.figures()
    }

    #[test]
    fn drift_is_how_much_faster_the_senders_clock_runs() {
        let figures = run(48_000, 48_000.0 * 1.0001, 500).unwrap();
        assert!((figures.drift_ppm.unwrap() - 100.0).abs() < 1.0, "{figures:?}");
        assert!((figures.skew_ms - 0.998).abs() < 0.05 && !figures.guessed, "{figures:?}");
        assert!(figures.jitter.unwrap().max < 0.02, "{figures:?}");
    }

    #[test]
    fn guesses_usual_clocks_and_no_others() {
        for rate in USUAL {
            let figures = run(0, f64::from(rate), 100).unwrap();
            assert_eq!((figures.rate, figures.guessed), (rate, true));
        }
        assert!(run(0, 60_000.0, 100).is_none());
        assert!(run(0, 90_000.0, 10).is_none(), "too few packets to tell");
    }
}
