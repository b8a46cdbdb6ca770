//! Where an interceptor stands: its distance from the wire.

use std::fmt;

/// Distance from the wire. Incoming packets meet low stages first, outgoing packets meet them last,
/// so one order serves both directions.
///
/// Between equal stages the order of [`Registry::add`](crate::Registry::add) decides: the first added is nearer
/// the wire. The named stages leave gaps: [`above`](Stage::above) and [`below`](Stage::below) step into them.
///
/// ```
/// use interceptor_core::Stage;
/// assert!(Stage::CAPTURE < Stage::NACK);
/// assert!(Stage::NACK < Stage::NACK.above() && Stage::NACK.above() < Stage::PLAYOUT);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stage(pub u16);

impl Stage {
    /// Capture and statistics: sees what really crosses the wire, generated packets included.
    pub const CAPTURE: Self = Self(1000);
    /// Congestion control: stamps and records after pacing, records arrivals before any delay.
    pub const CONGESTION: Self = Self(2000);
    /// Pacing of everything that is generated above.
    pub const PACING: Self = Self(3000);
    /// Reports: loss before repair, as RFC 3550 counts it.
    pub const REPORT: Self = Self(4000);
    /// Retransmission streams: decapsulated before FEC and NACK look.
    pub const RTX: Self = Self(5000);
    /// Forward error correction: repairs before NACK asks, does not protect retransmissions.
    pub const FEC: Self = Self(6000);
    /// Negative acknowledgements: asks only for what is really missing.
    pub const NACK: Self = Self(7000);
    /// Jitter buffers: delay only after every recorder has seen the arrival.
    pub const PLAYOUT: Self = Self(8000);
    /// The user's own interceptors: see what the application sees.
    pub const APPLICATION: Self = Self(9000);

    /// The next place towards the application.
    #[must_use]
    pub const fn above(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The next place towards the wire.
    #[must_use]
    pub const fn below(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::APPLICATION
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 9] =
            ["CAPTURE", "CONGESTION", "PACING", "REPORT", "RTX", "FEC", "NACK", "PLAYOUT", "APPLICATION"];
        let nearest = (self.0.saturating_add(500) / 1000).clamp(1, 9);
        let name = NAMES.get(usize::from(nearest) - 1).copied().unwrap_or("STAGE");
        match i32::from(self.0) - i32::from(nearest) * 1000 {
            0 => f.pad(name),
            offset => f.pad(&format!("{name}{offset:+}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stage;

    #[test]
    fn names_places_between_the_named_stages() {
        assert_eq!(Stage::NACK.to_string(), "NACK");
        assert_eq!(Stage::NACK.above().to_string(), "NACK+1");
        assert_eq!(Stage::CAPTURE.below().to_string(), "CAPTURE-1");
        assert_eq!(Stage(0).to_string(), "CAPTURE-1000");
    }
}
