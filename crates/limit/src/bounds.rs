//! How much may pass, and what happens to the rest.

use std::time::Duration;

use interceptor_core::OptionsError;
use interceptor_token_bucket::Rate;

/// What happens to a packet for which there are not enough tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// It ends here.
    #[default]
    Drop,
    /// It goes on with the attribute [`OverLimit`](crate::OverLimit), and takes no tokens.
    Mark,
    /// It waits until there are enough, behind those that wait already; what comes when the queue is full ends here.
    Wait {
        /// Packets that wait at most, 1..=65 536.
        packets: usize,
        /// Bytes of these at most, headers and payloads, 1500..=1 GiB.
        bytes: usize,
    },
    /// It ends here, and so does all that comes after it, until the stream is bound anew; for a connection's bounds and RTCP's, until the
    /// connection ends. For streams that keep to their rate or are none of ours.
    Stop,
}

impl Policy {
    /// [`Policy::Wait`] for at most 512 packets and 512 KiB: three seconds of 1.5 Mb/s.
    #[must_use]
    pub const fn wait() -> Self {
        Self::Wait { packets: 512, bytes: 512 << 10 }
    }
}

/// How quickly packets and bytes come in that may pass. A packet takes one packet and its bytes (header and payload), both or neither.
/// Default: any number of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rates {
    /// Packets.
    pub packets: Option<Rate>,
    /// Bytes, of a burst of 1500 at least.
    pub bytes: Option<Rate>,
}

impl Rates {
    /// The rate of packets.
    #[must_use]
    pub const fn with_packets(mut self, packets: Rate) -> Self {
        self.packets = Some(packets);
        self
    }

    /// The rate of bytes.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: Rate) -> Self {
        self.bytes = Some(bytes);
        self
    }
}

/// [`Rates`], and what happens beyond them. Default: any number of packets and bytes, [`Policy::Drop`] should that change
/// ([`LimitHandle::set_rate`](crate::LimitHandle::set_rate)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// Packets; `None` for any number.
    pub packets: Option<Rate>,
    /// Bytes, headers and payloads, of a burst of 1500 at least; `None` for any number.
    pub bytes: Option<Rate>,
    /// What happens to what is over either.
    pub policy: Policy,
}

/// A packet of the usual size has to fit into a burst.
const LEAST_BURST_BYTES: u64 = 1500;
const MILLISECOND: u128 = Duration::from_millis(1).as_nanos();

impl Bounds {
    /// The rate of packets.
    #[must_use]
    pub const fn with_packets(mut self, packets: Rate) -> Self {
        self.packets = Some(packets);
        self
    }

    /// The rate of bytes.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: Rate) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// What happens beyond the rates.
    #[must_use]
    pub const fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Both rates.
    #[must_use]
    pub const fn rates(&self) -> Rates {
        Rates { packets: self.packets, bytes: self.bytes }
    }

    /// Is all of it in range? `field` says whose bounds these are.
    pub(crate) fn check(&self, field: &'static str) -> Result<(), OptionsError> {
        if let Policy::Wait { packets, bytes } = self.policy {
            let right = (1..=65_536).contains(&packets) && (1500..=1 << 30).contains(&bytes);
            let range = "Wait for 1..=65536 packets and 1500..=1073741824 bytes";
            OptionsError::unless(right, "LimitOptions", field, self.policy, range)?;
        }
        self.rates().check(self.policy, field)
    }
}

impl Rates {
    /// Does `policy` go with these?
    pub(crate) fn check(&self, policy: Policy, field: &'static str) -> Result<(), OptionsError> {
        let fits = self.bytes.is_none_or(|rate| rate.burst() >= LEAST_BURST_BYTES);
        let range = "bytes with a burst of at least 1500, or packets of the usual size never pass";
        OptionsError::unless(fits, "LimitOptions", field, self.bytes, range)?;
        let waits = matches!(policy, Policy::Wait { .. });
        for rate in [self.packets, self.bytes].into_iter().flatten().filter(|_| waits) {
            // A chain wakes nobody twice within a millisecond: what comes in meanwhile has to find room.
            let least = u128::from(rate.amount()) * MILLISECOND;
            let fits = u128::from(rate.burst()) * rate.per().as_nanos() >= least;
            let range = "with Wait, of a burst of at least a millisecond";
            OptionsError::unless(fits, "LimitOptions", field, rate, range)?;
        }
        Ok(())
    }
}
