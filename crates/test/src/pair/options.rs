//! What a pair is made of.

use std::time::Duration;

use interceptor_core::{ChainConfig, OptionsError, RegistryError};
use interceptor_packet::NtpTime;

use super::Side;
use crate::{Clock, LinkOptions};

/// How the two ends of a [`Pair`](super::Pair) are joined. The default is a perfect link without delay.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PairOptions {
    /// Decides every random choice of both chains and both links. Default: 1.
    pub seed: u64,
    /// The link from A to B.
    pub a_to_b: LinkOptions,
    /// The link from B to A.
    pub b_to_a: LinkOptions,
    /// Keep every datagram that an end sent, for [`Pair::sent`](super::Pair::sent). Default: yes; switch it
    /// off for long runs.
    pub record_sent: bool,
    /// How far B's wall clock is ahead of A's. Default: 3.25 s, because nothing may depend on the clocks of two ends
    /// agreeing. A time that one end writes into a packet (an NTP time, an abs-send-time) is then not the other's: a test that
    /// takes the difference either sets this to zero or takes it into account.
    pub clock_offset: Duration,
}

/// Wall-clock time at the base instant, on A's clock: 2025-06-01 12:00 UTC.
const WALL_CLOCK: Duration = Duration::from_secs(1_748_779_200);
/// Far from anything that a path takes, so that who mixes the two clocks up is found.
const CLOCK_OFFSET: Duration = Duration::from_millis(3_250);

impl PairOptions {
    /// See [`PairOptions::seed`].
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Both directions alike; each draws its own chances.
    #[must_use]
    pub fn with_links(mut self, options: LinkOptions) -> Self {
        self.b_to_a = options.clone();
        self.a_to_b = options;
        self
    }

    /// The link that leads away from `side`.
    #[must_use]
    pub fn with_link(mut self, from: Side, options: LinkOptions) -> Self {
        match from {
            Side::A => self.a_to_b = options,
            Side::B => self.b_to_a = options,
        }
        self
    }

    /// See [`PairOptions::record_sent`].
    #[must_use]
    pub fn with_record_sent(mut self, record: bool) -> Self {
        self.record_sent = record;
        self
    }

    /// See [`PairOptions::clock_offset`].
    #[must_use]
    pub fn with_clock_offset(mut self, offset: Duration) -> Self {
        self.clock_offset = offset;
        self
    }

    /// The configuration that [`Pair::new`](super::Pair::new) gives a chain: connection `a` or `b`, a seed of
    /// its own, wall clocks that differ by [`clock_offset`](Self::clock_offset), and panics that are not caught, so that a test fails where
    /// it happens.
    #[must_use]
    pub fn config(&self, side: Side) -> ChainConfig {
        let (id, offset) = match side {
            Side::A => ("a", Duration::ZERO),
            Side::B => ("b", self.clock_offset),
        };
        let ntp = NtpTime::from_unix(WALL_CLOCK.saturating_add(offset));
        ChainConfig::new(id, Clock::new().now(), ntp, self.derived_seed(side as u64))
            .with_isolate_panics(false)
    }

    pub(super) fn link_seed(&self, from: Side) -> u64 {
        self.derived_seed(2 + from as u64)
    }

    /// Far apart for neighbouring seeds too.
    fn derived_seed(&self, salt: u64) -> u64 {
        self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt << 62)
    }
}

impl Default for PairOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            a_to_b: LinkOptions::default(),
            b_to_a: LinkOptions::default(),
            record_sent: true,
            clock_offset: CLOCK_OFFSET,
        }
    }
}

/// Why a [`Pair`](super::Pair) cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PairError {
    /// A factory failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// An option of a link is outside its range.
    #[error(transparent)]
    Link(#[from] OptionsError),
}
