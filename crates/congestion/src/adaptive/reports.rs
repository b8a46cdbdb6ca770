//! The rate when nothing but receiver reports comes: loss, and a round-trip time that grows.

use std::time::Duration;

use super::clock::{after, millis};
use crate::{LossReport, Time};

/// Below this share of loss the rate grows, above the other it falls (draft-ietf-rmcat-gcc-02 §6).
const LOW: f64 = 0.02;
const HIGH: f64 = 0.1;
/// Growth a second: by this factor and so many bits per second; libwebrtc `SendSideBandwidthEstimation`.
const GROWTH: f64 = 1.08;
const ADDED: f64 = 1000.0;
const BETWEEN_GROWTH_MS: f64 = 1000.0;
/// Between two cuts, besides a round trip, in ms; libwebrtc `kBweDecreaseInterval`.
const BETWEEN_CUTS_MS: f64 = 300.0;
/// Packets that a share of loss is taken of; libwebrtc `kLimitNumPackets`.
const LEAST_PACKETS: u32 = 20;
/// A report counts for so long, in ms; libwebrtc `kMaxRtcpFeedbackInterval` × 1.2.
const VALID_MS: f64 = 6000.0;
/// So many reports in a row with so many times the least round trip mean a queue; this is what it leaves.
const LONG_REPORTS: u8 = 3;
const LONG_TIMES: u32 = 2;
const KEPT_ON_LONG: f64 = 0.85;
/// The least round trip is that of half a minute at least and a minute at most, in ms: a path may become longer.
const LEAST_FOR_MS: f64 = 30_000.0;

/// What reports have said.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    /// Not told of yet for being too few.
    packets: u32,
    lost: u32,
    share: f64,
    last_report: Option<Time>,
    last_growth: Time,
    last_cut: Time,
    rtt: Option<Duration>,
    /// The least of this half minute, of the one before, and when this one began.
    least: Option<Duration>,
    least_before: Option<Duration>,
    least_since: Time,
    long: u8,
}

/// What a report makes of the rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Nothing.
    Same,
    /// More.
    More(f64),
    /// Less, for loss.
    Lossy(f64),
    /// Less, for a queue.
    Slow(f64),
}

impl Reports {
    pub(crate) const fn new() -> Self {
        Self {
            packets: 0,
            lost: 0,
            share: 0.0,
            last_report: None,
            last_growth: Time::MIN,
            last_cut: Time::MIN,
            rtt: None,
            least: None,
            least_before: None,
            least_since: Time::MIN,
            long: 0,
        }
    }

    /// The share of packets that was lost, as last told.
    pub(crate) const fn share(&self) -> f64 {
        self.share
    }

    /// The newest round-trip time.
    pub(crate) const fn rtt(&self) -> Option<Duration> {
        self.rtt
    }

    /// A report has come.
    pub(crate) fn report(&mut self, now: Time, report: &LossReport, rate: f64) -> Verdict {
        if self.last_report.replace(now).is_none() {
            self.last_growth = now;
        }
        self.packets = self.packets.saturating_add(report.packets);
        self.lost = self.lost.saturating_add(report.lost.min(report.packets));
        let told = self.packets >= LEAST_PACKETS;
        if told {
            self.share = f64::from(self.lost) / f64::from(self.packets);
            (self.packets, self.lost) = (0, 0);
        }
        let slow = report.rtt.is_some_and(|rtt| self.is_slow(now, rtt));
        let rtt_ms = self.rtt.map_or(0.0, |rtt| rtt.as_secs_f64() * 1e3);
        if slow {
            self.last_cut = now;
            return Verdict::Slow(KEPT_ON_LONG * rate);
        }
        if told && self.share > HIGH && millis(now, self.last_cut) > BETWEEN_CUTS_MS + rtt_ms {
            self.last_cut = now;
            return Verdict::Lossy((1.0 - 0.5 * self.share) * rate);
        }
        self.grow(now, rate)
    }

    /// When the rate may grow again.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let valid = after(self.last_report?, VALID_MS);
        let next = after(self.last_growth, BETWEEN_GROWTH_MS);
        (self.share < LOW && next <= valid).then_some(next)
    }

    /// Grows once a second as long as reports say that nothing is lost.
    pub(crate) fn grow(&mut self, now: Time, rate: f64) -> Verdict {
        if self.deadline().is_none_or(|next| now < next) {
            return Verdict::Same;
        }
        self.last_growth = now;
        let cut_lately = millis(now, self.last_cut) < BETWEEN_GROWTH_MS;
        if cut_lately { Verdict::Same } else { Verdict::More(GROWTH * rate + ADDED) }
    }

    fn is_slow(&mut self, now: Time, rtt: Duration) -> bool {
        self.rtt = Some(rtt);
        if millis(now, self.least_since) > LEAST_FOR_MS {
            (self.least_before, self.least) = (self.least.take(), None);
            self.least_since = now;
        }
        let current = *self.least.insert(self.least.map_or(rtt, |least| least.min(rtt)));
        let least = self.least_before.map_or(current, |before| before.min(current));
        self.long = if rtt > least * LONG_TIMES { self.long + 1 } else { 0 };
        if self.long < LONG_REPORTS {
            return false;
        }
        self.long = 0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: f64) -> Time {
        Time::from_micros((seconds * 1e6) as i64)
    }

    fn report(lost: u32, rtt: u64) -> LossReport {
        LossReport { packets: 100, lost, rtt: Some(Duration::from_millis(rtt)) }
    }

    /// The rate after a report each second, of 1 Mb/s.
    fn after_reports(seconds: u32, each: LossReport) -> f64 {
        let mut reports = Reports::new();
        (0..seconds).fold(1e6, |rate, n| match reports.report(s(f64::from(n)), &each, rate) {
            Verdict::Same => rate,
            Verdict::More(rate) | Verdict::Lossy(rate) | Verdict::Slow(rate) => rate,
        })
    }

    #[test]
    fn grows_by_eight_percent_a_second_holds_or_falls_by_half_the_loss() {
        assert_eq!(after_reports(2, report(1, 100)), 1.081e6);
        assert_eq!(after_reports(2, report(5, 100)), 1e6);
        assert!((after_reports(1, report(20, 100)) - 0.9e6).abs() < 1.0);
        assert!((after_reports(2, report(20, 100)) - 0.81e6).abs() < 1.0);
    }

    #[test]
    fn too_few_packets_say_nothing() {
        let mut reports = Reports::new();
        let few = LossReport { packets: 10, lost: 10, rtt: None };
        assert_eq!(reports.report(s(0.0), &few, 1e6), Verdict::Same);
        assert_eq!(reports.report(s(0.5), &few, 1e6), Verdict::Lossy(0.5e6));
    }

    #[test]
    fn a_round_trip_of_more_than_twice_the_least_is_a_queue_at_the_third_report() {
        let mut reports = Reports::new();
        reports.report(s(0.0), &report(5, 100), 1e6);
        let verdicts: Vec<_> =
            (1..=6).map(|n| reports.report(s(f64::from(n)), &report(5, 201), 1e6)).collect();
        use Verdict::{Same, Slow};
        assert_eq!(verdicts, [Same, Same, Slow(0.85e6), Same, Same, Slow(0.85e6)]);
        for n in 0..61 {
            reports.report(s(10.0 + f64::from(n)), &report(5, 201), 1e6);
        }
        let later: Vec<_> =
            (0..6).map(|n| reports.report(s(80.0 + f64::from(n)), &report(5, 201), 1e6)).collect();
        assert_eq!(later, [Same; 6], "a longer path is no queue for ever");
    }

    #[test]
    fn grows_by_its_timer_as_long_as_reports_are_fresh() {
        let mut reports = Reports::new();
        reports.report(s(0.0), &report(0, 100), 1e6);
        let mut times = 0;
        while let Some(at) = reports.deadline() {
            assert_ne!(reports.grow(at, 1e6), Verdict::Same);
            times += 1;
        }
        assert_eq!(times, 6);
    }
}
