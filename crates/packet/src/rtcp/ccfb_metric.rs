//! One packet's part of congestion control feedback (RFC 8888 §3.1).

use std::time::Duration;

use crate::Ecn;

const RECEIVED_BIT: u16 = 0x8000;
const ECN_SHIFT: u32 = 13;
const OFFSET_MASK: u16 = 0x1fff;
const OVER_RANGE: u16 = 0x1ffe;
const UNAVAILABLE: u16 = 0x1fff;
const OFFSET_UNITS_PER_SECOND: u128 = 1024;
/// The largest offset with a value of its own: 8189/1024 s, rounded down.
const MAX_OFFSET_NANOS: u128 = 7_997_070_312;

/// What became of one packet: the 16 bits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CcfbMetric(
    /// Received bit, two ECN bits, 13 bits of arrival time offset.
    pub u16,
);

impl CcfbMetric {
    /// A packet that did not arrive.
    pub const LOST: Self = Self(0);

    /// A packet that arrived `before` the report timestamp; `None` when that is not known, or it came after it.
    ///
    /// The offset is rounded down to 1/1024 s; over 8189/1024 s it is said to be over the range.
    #[must_use]
    pub const fn received(ecn: Ecn, before: Option<Duration>) -> Self {
        let offset = match before {
            None => UNAVAILABLE,
            Some(before) if before.as_nanos() > MAX_OFFSET_NANOS => OVER_RANGE,
            // Half a nanosecond more, because a unit is 976 562.5 ns: what was read is written as it was.
            Some(before) => ((2 * before.as_nanos() + 1) * OFFSET_UNITS_PER_SECOND / 2_000_000_000) as u16,
        };
        Self(RECEIVED_BIT | (ecn.bits() as u16) << ECN_SHIFT | offset)
    }

    /// Whether the packet arrived.
    #[must_use]
    pub const fn is_received(self) -> bool {
        self.0 & RECEIVED_BIT != 0
    }

    /// The packet's ECN mark; `None` when it did not arrive, whatever the bits say (RFC 8888 §3.1).
    #[must_use]
    pub const fn ecn(self) -> Option<Ecn> {
        if self.is_received() { Some(Ecn::from_bits((self.0 >> ECN_SHIFT) as u8)) } else { None }
    }

    /// When the packet arrived; `None` when it did not.
    #[must_use]
    pub const fn arrival(self) -> Option<CcfbArrival> {
        if !self.is_received() {
            return None;
        }
        Some(match self.0 & OFFSET_MASK {
            UNAVAILABLE => CcfbArrival::Unavailable,
            OVER_RANGE => CcfbArrival::OverRange,
            units => CcfbArrival::Before(Duration::from_nanos(units as u64 * 1_000_000_000 / 1024)),
        })
    }
}

/// When a packet arrived, relative to the report timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CcfbArrival {
    /// This long before it, to 1/1024 s.
    Before(Duration),
    /// More than 8189/1024 s before it.
    OverRange,
    /// Unknown, or after it.
    Unavailable,
}
