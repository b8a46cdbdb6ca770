//! What becomes another of a leg's limit.

use std::time::Duration;

use super::LegLimit;

/// What becomes another of [`LegLimit`]; what is `None` stays, and a rate of 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitChange {
    /// See [`LegLimit::bits_per_second`].
    pub bits_per_second: Option<u64>,
    /// See [`LegLimit::packets_per_second`].
    pub packets_per_second: Option<u64>,
    /// See [`LegLimit::stream_bits_per_second`].
    pub stream_bits_per_second: Option<u64>,
    /// See [`LegLimit::stream_packets_per_second`].
    pub stream_packets_per_second: Option<u64>,
    /// See [`LegLimit::burst`].
    pub burst: Option<Duration>,
}

impl From<LegLimit> for LimitChange {
    /// All of it becomes this, but for [`LegLimit::over`], which is fixed from the start.
    fn from(limit: LegLimit) -> Self {
        let rate = |rate: Option<u64>| Some(rate.unwrap_or(0));
        Self {
            bits_per_second: rate(limit.bits_per_second),
            packets_per_second: rate(limit.packets_per_second),
            stream_bits_per_second: rate(limit.stream_bits_per_second),
            stream_packets_per_second: rate(limit.stream_packets_per_second),
            burst: Some(limit.burst),
        }
    }
}

impl LimitChange {
    /// The limit as it will be.
    pub(in crate::relay) fn apply_to(&self, limit: LegLimit) -> LegLimit {
        let rate =
            |asked: Option<u64>, before| asked.map_or(before, |rate| Some(rate).filter(|rate| *rate > 0));
        LegLimit {
            bits_per_second: rate(self.bits_per_second, limit.bits_per_second),
            packets_per_second: rate(self.packets_per_second, limit.packets_per_second),
            stream_bits_per_second: rate(self.stream_bits_per_second, limit.stream_bits_per_second),
            stream_packets_per_second: rate(self.stream_packets_per_second, limit.stream_packets_per_second),
            burst: self.burst.unwrap_or(limit.burst),
            over: limit.over,
        }
    }

    /// Sets [`Self::bits_per_second`].
    #[must_use]
    pub const fn with_bits_per_second(mut self, bits: u64) -> Self {
        self.bits_per_second = Some(bits);
        self
    }

    /// What becomes another, in words.
    pub(in crate::relay) fn words(&self) -> [Option<String>; 5] {
        let rate = |name, rate: Option<u64>| rate.map(|rate| format!("{name}={rate}"));
        [
            rate("bits_per_second", self.bits_per_second),
            rate("packets_per_second", self.packets_per_second),
            rate("stream_bits_per_second", self.stream_bits_per_second),
            rate("stream_packets_per_second", self.stream_packets_per_second),
            self.burst.map(|burst| format!("limit_burst={burst:?}")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays_and_zero_is_none() {
        let limit = LegLimit::default().with_bits_per_second(1_000_000);
        let change = LimitChange { packets_per_second: Some(50), ..LimitChange::default() };
        let both = change.apply_to(limit);
        assert_eq!((both.bits_per_second, both.packets_per_second), (Some(1_000_000), Some(50)));
        assert_eq!(LimitChange::default().with_bits_per_second(0).apply_to(both).bits_per_second, None);
        assert_eq!(LimitChange::default().apply_to(both), both);
        assert_eq!(LimitChange::from(limit).apply_to(both), limit, "all of it");
    }
}
