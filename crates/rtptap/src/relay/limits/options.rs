//! What a leg may carry, in the units that people use.

use std::time::Duration;

use interceptor_limit::{Policy, Rate, Rates};
use serde::{Deserialize, Serialize};

use crate::relay::OptionsError;
use crate::relay::options::within;

/// How much media a leg carries, headers and repair included: of a target what leaves, of the source what comes in. Default: any amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LegLimit {
    /// Bits a second of all streams together, 8000..=100 000 000 000. Default: any number.
    pub bits_per_second: Option<u64>,
    /// Packets a second of all streams together, 1..=10 000 000. Default: any number.
    pub packets_per_second: Option<u64>,
    /// Bits a second of each stream, in the same range. Default: any number.
    pub stream_bits_per_second: Option<u64>,
    /// Packets a second of each stream, in the same range. Default: any number.
    pub stream_packets_per_second: Option<u64>,
    /// What may come at once is what comes in so long, and 3000 bytes in any case; 1 ms..=1 s. Default 100 ms: a key frame of three
    /// times the mean.
    #[serde(serialize_with = "seconds")]
    pub burst: Duration,
    /// What becomes of the rest. Fixed from the start. Default: [`Over::Drop`].
    pub over: Over,
}

/// What becomes of packets that are more than a leg carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    /// Dropped.
    #[default]
    Drop,
    /// They wait for their turn, 512 packets or 512 KiB at most; then they are dropped.
    Wait,
    /// Dropped, and nothing of the stream passes any more; nothing at all, if it is all streams together that are too much.
    Stop,
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

/// What a burst holds in any case: two packets.
const LEAST_BURST_BYTES: u64 = 3000;

impl Default for LegLimit {
    fn default() -> Self {
        Self {
            bits_per_second: None,
            packets_per_second: None,
            stream_bits_per_second: None,
            stream_packets_per_second: None,
            burst: Duration::from_millis(100),
            over: Over::Drop,
        }
    }
}

impl LegLimit {
    /// So many bits a second of all streams together.
    #[must_use]
    pub const fn with_bits_per_second(mut self, bits: u64) -> Self {
        self.bits_per_second = Some(bits);
        self
    }

    /// What becomes of the rest.
    #[must_use]
    pub const fn with_over(mut self, over: Over) -> Self {
        self.over = over;
        self
    }

    pub(in crate::relay) fn check(&self) -> Result<(), OptionsError> {
        for (name, bits) in [
            ("bits_per_second", self.bits_per_second),
            ("stream_bits_per_second", self.stream_bits_per_second),
        ] {
            bits.map_or(Ok(()), |bits| within(name, bits, &(8000..=100_000_000_000), "8000..=100000000000"))?;
        }
        for (name, packets) in [
            ("packets_per_second", self.packets_per_second),
            ("stream_packets_per_second", self.stream_packets_per_second),
        ] {
            packets.map_or(Ok(()), |packets| within(name, packets, &(1..=10_000_000), "1..=10000000"))?;
        }
        let burst = Duration::from_millis(1)..=Duration::from_secs(1);
        within("burst", self.burst, &burst, "1ms..=1s")
    }

    /// Of all streams together, and of each.
    pub(super) fn rates(&self) -> Result<(Rates, Rates), OptionsError> {
        let all = self.some(self.bits_per_second, self.packets_per_second)?;
        Ok((all, self.some(self.stream_bits_per_second, self.stream_packets_per_second)?))
    }

    fn some(&self, bits: Option<u64>, packets: Option<u64>) -> Result<Rates, OptionsError> {
        let mut rates = Rates::default();
        rates.bytes = bits.map(|bits| self.rate(bits / 8, LEAST_BURST_BYTES)).transpose()?;
        rates.packets = packets.map(|packets| self.rate(packets, 1)).transpose()?;
        Ok(rates)
    }

    fn rate(&self, a_second: u64, least: u64) -> Result<Rate, OptionsError> {
        let burst = (u128::from(a_second) * self.burst.as_nanos()).div_ceil(1_000_000_000);
        let burst = u64::try_from(burst).unwrap_or(u64::MAX).max(least);
        let advice = "give a rate in the range of docs/relay.md";
        Rate::new(a_second, Duration::from_secs(1), burst)
            .map_err(|error| OptionsError::new("limit", error.to_string(), advice))
    }

    pub(super) const fn policy(&self) -> Policy {
        match self.over {
            Over::Drop => Policy::Drop,
            Over::Wait => Policy::wait(),
            Over::Stop => Policy::Stop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::Role;
    use crate::relay::limits::LegLimits;

    #[test]
    fn a_burst_is_what_comes_in_while_it_lasts_and_two_packets_at_least() {
        for (bits, burst, bytes) in
            [(1_500_000, 100, 18_750), (8_000, 100, 3000), (1_000_000_000, 1, 125_000)]
        {
            let limit = LegLimit {
                bits_per_second: Some(bits),
                burst: Duration::from_millis(burst),
                ..LegLimit::default()
            };
            let (all, each) = limit.rates().unwrap();
            assert_eq!((all.bytes.unwrap().amount(), all.bytes.unwrap().burst()), (bits / 8, bytes));
            assert_eq!((all.packets, each), (None, Rates::default()));
        }
    }

    #[test]
    fn whatever_is_in_range_makes_a_limit() {
        for bits in [8000, 99_999_999_999, 100_000_000_000] {
            for (burst, over) in [(1, Over::Wait), (1000, Over::Drop)] {
                let limit = LegLimit {
                    bits_per_second: Some(bits),
                    stream_packets_per_second: Some(10_000_000),
                    burst: Duration::from_millis(burst),
                    over,
                    ..LegLimit::default()
                };
                limit.check().unwrap();
                LegLimits::new(Role::Source, limit).unwrap();
            }
        }
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let default = LegLimit::default;
        for (limit, name) in [
            (LegLimit { bits_per_second: Some(7999), ..default() }, "bits_per_second"),
            (
                LegLimit { stream_bits_per_second: Some(100_000_000_001), ..default() },
                "stream_bits_per_second",
            ),
            (LegLimit { packets_per_second: Some(0), ..default() }, "packets_per_second"),
            (
                LegLimit { stream_packets_per_second: Some(10_000_001), ..default() },
                "stream_packets_per_second",
            ),
            (LegLimit { burst: Duration::from_secs(2), ..default() }, "burst"),
        ] {
            assert!(limit.check().unwrap_err().to_string().contains(name));
        }
    }
}
