//! Round-trip times from what peers say they heard of us (RFC 3550 §6.4.1, RFC 3611 §4.5).

use std::time::Duration;

use interceptor_core::Rtt;
use interceptor_packet::short_to_duration;

use crate::ReportCounters;
use interceptor_core::WindowedMin;

/// Longer than this is no network but a clock that stepped or a peer that lies.
const MAX: u32 = 60 << 16;

/// The measurements of one incoming datagram, gathered so that they are published once.
#[derive(Debug)]
pub(crate) struct Measurements {
    /// [`NtpTime::middle_32`](interceptor_packet::NtpTime::middle_32) of its arrival.
    now: u32,
    latest: Option<Duration>,
    smallest: Duration,
    /// With all measurements so far; `None` before any.
    smoothed: Option<Duration>,
    measured: u64,
    absurd: u64,
}

impl Measurements {
    /// `before` is what the connection knows already.
    pub(crate) fn new(now: u32, before: Option<Rtt>) -> Self {
        let smoothed = before.map(|rtt| rtt.smoothed);
        Self { now, latest: None, smallest: Duration::MAX, smoothed, measured: 0, absurd: 0 }
    }

    /// A peer last heard our clock say `last` and kept it for `delay`, both in 1/65 536 s. A `last` of 0 says that it
    /// has not heard us yet.
    pub(crate) fn add(&mut self, last: u32, delay: u32) {
        if last == 0 {
            return;
        }
        let Some(rtt) = round_trip(self.now, last, delay) else {
            self.absurd += 1;
            return;
        };
        self.measured += 1;
        self.latest = Some(rtt);
        self.smallest = self.smallest.min(rtt);
        // RFC 6298 §2.3, alpha = 1/8.
        self.smoothed = Some(self.smoothed.map_or(rtt, |smoothed| (smoothed * 7 + rtt) / 8));
    }

    /// The estimate with all of them, if there was any. `at` is the arrival, counted from the connection's start.
    pub(crate) fn finish(
        self,
        at: Duration,
        window: &mut WindowedMin,
        counters: &mut ReportCounters,
    ) -> Option<Rtt> {
        counters.round_trips += self.measured;
        counters.absurd_round_trips += self.absurd;
        let latest = self.latest?;
        Some(Rtt { latest, smoothed: self.smoothed.unwrap_or(latest), min: window.add(at, self.smallest) })
    }
}

/// `None` when negative, longer than 60 s, or unknown because the delay was too long for its field.
fn round_trip(now: u32, last: u32, delay: u32) -> Option<Duration> {
    if delay == u32::MAX {
        return None;
    }
    let short = now.wrapping_sub(last).wrapping_sub(delay);
    // A peer that rounds its delay up instead of down is one unit, 15 µs, ahead of a fast network.
    if short == u32::MAX {
        return Some(Duration::ZERO);
    }
    (short <= MAX).then(|| short_to_duration(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        // RFC 3550 figure 2: 6.125 s.
        assert_eq!(round_trip(0xb710_8000, 0xb705_2000, 0x0005_4000), Some(Duration::from_millis(6125)));
        assert_eq!(round_trip(0x0001_0000, 0xffff_8000, 0x0000_8000), Some(Duration::from_secs(1)));
        // 15 µs below zero, not 65 535.99 s.
        assert_eq!(round_trip(0x1000_0000, 0x0fff_0000, 0x0001_0001), Some(Duration::ZERO));
        assert_eq!(round_trip(0x1000_0000, 0x0fff_0000, 0x0001_0002), None);
        assert_eq!(round_trip(60 << 16, 0, 0), Some(Duration::from_secs(60)));
        assert_eq!(round_trip((60 << 16) + 1, 0, 0), None);
        // Says "at least 18 hours", not 15 µs less than the next wrap.
        assert_eq!(round_trip(10, 5, u32::MAX), None);
    }

    #[test]
    fn nothing_heard_is_no_measurement_and_absurd_ones_are_counted() {
        let mut counters = ReportCounters::default();
        let mut measured = Measurements::new(5 << 16, None);
        measured.add(0, 9);
        measured.add(6 << 16, 0);
        measured.add(3 << 16, 1 << 16);
        measured.add(1 << 16, 1 << 16);
        let at = Duration::from_secs(5);
        let rtt = measured.finish(at, &mut WindowedMin::default(), &mut counters).unwrap();
        assert_eq!((rtt.latest, rtt.min), (Duration::from_secs(3), Duration::from_secs(1)));
        assert_eq!(rtt.smoothed, Duration::from_millis(1250));
        assert_eq!((counters.round_trips, counters.absurd_round_trips), (2, 1));
    }
}
