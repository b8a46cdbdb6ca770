//! What the interceptors of one connection tell each other without knowing each other.

use std::time::Duration;

/// The connection's round-trip time, published by whoever measures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtt {
    /// The newest measurement.
    pub latest: Duration,
    /// Smoothed as in RFC 6298: one eighth of each new measurement.
    pub smoothed: Duration,
    /// The smallest measurement of the connection.
    pub min: Duration,
}

impl Rtt {
    /// The first measurement of a connection.
    #[must_use]
    pub const fn first(rtt: Duration) -> Self {
        Self { latest: rtt, smoothed: rtt, min: rtt }
    }

    /// This estimate with one more measurement (RFC 6298 §2.3, alpha = 1/8).
    #[must_use]
    pub fn with(self, rtt: Duration) -> Self {
        Self { latest: rtt, smoothed: (self.smoothed * 7 + rtt) / 8, min: self.min.min(rtt) }
    }
}

/// What the congestion controller allows to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetBitrate {
    /// Bits per second, everything on the wire counted.
    pub bits_per_second: u64,
}

/// The receiver of this stream cannot go on without a new key frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyframeNeeded {
    /// The media SSRC of the remote stream.
    pub ssrc: u32,
}

/// Something that one interceptor found out and the others, and the application, may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// A new round-trip time.
    Rtt(Rtt),
    /// A new target bit rate.
    TargetBitrate(TargetBitrate),
    /// A stream needs a key frame.
    KeyframeNeeded(KeyframeNeeded),
}

impl From<Rtt> for Fact {
    fn from(fact: Rtt) -> Self {
        Self::Rtt(fact)
    }
}

impl From<TargetBitrate> for Fact {
    fn from(fact: TargetBitrate) -> Self {
        Self::TargetBitrate(fact)
    }
}

impl From<KeyframeNeeded> for Fact {
    fn from(fact: KeyframeNeeded) -> Self {
        Self::KeyframeNeeded(fact)
    }
}

/// The newest value of each lasting [`Fact`]; the last writer wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    rtt: Option<Rtt>,
    target_bitrate: Option<TargetBitrate>,
}

impl Facts {
    /// The round-trip time, once somebody has measured it.
    #[must_use]
    #[inline]
    pub const fn rtt(&self) -> Option<Rtt> {
        self.rtt
    }

    /// The target bit rate, once a congestion controller has published one.
    #[must_use]
    #[inline]
    pub const fn target_bitrate(&self) -> Option<TargetBitrate> {
        self.target_bitrate
    }

    pub(crate) fn record(&mut self, fact: Fact) {
        match fact {
            Fact::Rtt(rtt) => self.rtt = Some(rtt),
            Fact::TargetBitrate(bitrate) => self.target_bitrate = Some(bitrate),
            Fact::KeyframeNeeded(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooths_round_trip_times_by_one_eighth() {
        let rtt = Rtt::first(Duration::from_millis(80)).with(Duration::from_millis(160));
        assert_eq!(rtt.latest, Duration::from_millis(160));
        assert_eq!(rtt.smoothed, Duration::from_millis(90));
        assert_eq!(rtt.min, Duration::from_millis(80));
    }
}
