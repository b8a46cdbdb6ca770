//! What can be set, its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;

/// Options of [`Scream`](crate::Scream), checked when it is made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScreamOptions {
    /// The target until feedback comes, in bits per second, `min..=max`. Default 300 000: libwebrtc `kDefaultStartRate`.
    pub start: u64,
    /// The least target, in bits per second, at least 1000. Default 5000: libwebrtc `kCongestionControllerMinBitrate`.
    pub min: u64,
    /// The greatest target, in bits per second, `min`..=10 Gb/s. Default 50 Mb/s, as pion.
    pub max: u64,
    /// Mark packets ECT(1) and heed the marks of an L4S queue (RFC 9331)? Default: yes. Marking ends where the receiver does not
    /// tell of marks, as in transport-wide feedback, or tells of none.
    pub l4s: bool,
    /// The queue delay that is aimed at, at most, 10 ms..=1 s: from 0.4 of it on the window shrinks. Default 60 ms:
    /// draft `QDELAY_TARGET_LO`, libwebrtc `QDelayTarget`. More fills more of the path and of its queues.
    pub queue_delay_target: Duration,
    /// The share of packets that may be lost, as it seems whatever is sent, 0..=0.5: up to there only more of them than usual are
    /// congestion. Default 0.1. With 0 any two losses in a round trip are.
    pub tolerated_loss: f64,
    /// The pace in targets, 1..=4. Default 1.1: libwebrtc `PacingFactor`. At 1 the queue moves from the path into the pacer.
    pub pacing_factor: f64,
    /// How long the pace may be run ahead of, up to 40 ms. Default 10 ms: libwebrtc's after congestion.
    pub burst: Duration,
    /// The same while packets are marked, up to 40 ms. Default 1 ms: an L4S queue marks from one or two on.
    pub l4s_burst: Duration,
    /// Fill the target with padding every other three seconds where media does not? Default: no. libwebrtc does; a window that
    /// is not used is not known either, and media that begins to grow has to find its way.
    pub padding: bool,
}

impl Default for ScreamOptions {
    fn default() -> Self {
        Self {
            start: 300_000,
            min: 5_000,
            max: 50_000_000,
            l4s: true,
            queue_delay_target: Duration::from_millis(60),
            tolerated_loss: 0.1,
            pacing_factor: 1.1,
            burst: Duration::from_millis(10),
            l4s_burst: Duration::from_millis(1),
            padding: false,
        }
    }
}

impl ScreamOptions {
    /// The target until feedback comes. See [`start`](Self::start).
    #[must_use]
    pub const fn with_start(mut self, bits_per_second: u64) -> Self {
        self.start = bits_per_second;
        self
    }

    /// The least target. See [`min`](Self::min).
    #[must_use]
    pub const fn with_min(mut self, bits_per_second: u64) -> Self {
        self.min = bits_per_second;
        self
    }

    /// The greatest target. See [`max`](Self::max).
    #[must_use]
    pub const fn with_max(mut self, bits_per_second: u64) -> Self {
        self.max = bits_per_second;
        self
    }

    /// Mark packets ECT(1)? See [`l4s`](Self::l4s).
    #[must_use]
    pub const fn with_l4s(mut self, l4s: bool) -> Self {
        self.l4s = l4s;
        self
    }

    /// The queue delay that is aimed at. See [`queue_delay_target`](Self::queue_delay_target).
    #[must_use]
    pub const fn with_queue_delay_target(mut self, target: Duration) -> Self {
        self.queue_delay_target = target;
        self
    }

    /// The share of packets that may be lost. See [`tolerated_loss`](Self::tolerated_loss).
    #[must_use]
    pub const fn with_tolerated_loss(mut self, share: f64) -> Self {
        self.tolerated_loss = share;
        self
    }

    /// The pace in targets. See [`pacing_factor`](Self::pacing_factor).
    #[must_use]
    pub const fn with_pacing_factor(mut self, factor: f64) -> Self {
        self.pacing_factor = factor;
        self
    }

    /// How long the pace may be run ahead of. See [`burst`](Self::burst).
    #[must_use]
    pub const fn with_burst(mut self, burst: Duration) -> Self {
        self.burst = burst;
        self
    }

    /// The same while packets are marked. See [`l4s_burst`](Self::l4s_burst).
    #[must_use]
    pub const fn with_l4s_burst(mut self, burst: Duration) -> Self {
        self.l4s_burst = burst;
        self
    }

    /// Fill the target with padding? See [`padding`](Self::padding).
    #[must_use]
    pub const fn with_padding(mut self, padding: bool) -> Self {
        self.padding = padding;
        self
    }

    /// Are they within their bounds?
    ///
    /// # Errors
    /// The first option that is not.
    pub fn validate(&self) -> Result<(), OptionsError> {
        let unless = |right, field, value: &dyn std::fmt::Debug, range| {
            OptionsError::unless(right, "ScreamOptions", field, value, range)
        };
        let (start, min, max) = (self.start, self.min, self.max);
        unless(min >= 1000, "min", &min, "at least 1000")?;
        unless((min..=10_000_000_000).contains(&max), "max", &max, "in min..=10000000000")?;
        unless((min..=max).contains(&start), "start", &start, "in min..=max")?;
        let target = self.queue_delay_target;
        let right = (Duration::from_millis(10)..=Duration::from_secs(1)).contains(&target);
        unless(right, "queue_delay_target", &target, "in 10ms..=1s")?;
        let loss = self.tolerated_loss;
        unless((0.0..=0.5).contains(&loss), "tolerated_loss", &loss, "in 0..=0.5")?;
        let factor = self.pacing_factor;
        unless((1.0..=4.0).contains(&factor), "pacing_factor", &factor, "in 1..=4")?;
        let longest = Duration::from_millis(40);
        unless(self.burst <= longest, "burst", &self.burst, "at most 40ms")?;
        unless(self.l4s_burst <= longest, "l4s_burst", &self.l4s_burst, "at most 40ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_is_checked_and_named() {
        let ms = Duration::from_millis;
        let right = ScreamOptions::default();
        assert_eq!(right.validate(), Ok(()));
        let wrong = [
            ("min", right.clone().with_min(999)),
            ("max", right.clone().with_max(4999)),
            ("max", right.clone().with_max(10_000_000_001)),
            ("start", right.clone().with_start(4999)),
            ("start", right.clone().with_start(50_000_001)),
            ("queue_delay_target", right.clone().with_queue_delay_target(ms(9))),
            ("queue_delay_target", right.clone().with_queue_delay_target(ms(1001))),
            ("tolerated_loss", right.clone().with_tolerated_loss(-0.1)),
            ("tolerated_loss", right.clone().with_tolerated_loss(f64::NAN)),
            ("pacing_factor", right.clone().with_pacing_factor(0.99)),
            ("pacing_factor", right.clone().with_pacing_factor(f64::INFINITY)),
            ("burst", right.clone().with_burst(ms(41))),
            ("l4s_burst", right.clone().with_l4s_burst(ms(41))),
        ];
        for (field, options) in wrong {
            let error = options.validate().expect_err(field);
            assert_eq!((error.options, error.field), ("ScreamOptions", field));
        }
    }
}
