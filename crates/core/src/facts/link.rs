//! Facts about the path: how long it takes, what it loses, how it is used.

use std::time::Duration;

/// The connection's round-trip time, published by whoever measures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtt {
    /// The newest measurement.
    pub latest: Duration,
    /// Smoothed as in RFC 6298: one eighth of each new measurement.
    pub smoothed: Duration,
    /// The smallest measurement of the last ten seconds: a path that has become longer is not taken for the old one for ever.
    pub min: Duration,
}

impl Rtt {
    /// The first measurement of a connection.
    #[must_use]
    pub const fn first(rtt: Duration) -> Self {
        Self { latest: rtt, smoothed: rtt, min: rtt }
    }

    /// This estimate with one more measurement (RFC 6298 §2.3, alpha = 1/8), `min` being the smallest of the last ten
    /// seconds, this one included: only who keeps the measurements knows it.
    #[must_use]
    pub fn with(self, rtt: Duration, min: Duration) -> Self {
        Self { latest: rtt, smoothed: (self.smoothed * 7 + rtt) / 8, min }
    }
}

/// What the path loses of a local stream, published by congestion control, else from receiver reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The media SSRC of the local stream.
    pub ssrc: u32,
    /// Lost packets in a million.
    pub ppm: u32,
    /// The mean length of a run of lost packets, in 256ths of a packet.
    pub burst_packets_q8: u32,
    /// The mean time that such a run lasts.
    pub burst_duration: Duration,
}

/// How congestion control sees the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkState {
    /// The round-trip time without queues.
    pub rtt: Duration,
    /// The time that packets wait in queues on the way.
    pub queue: Duration,
    /// Lost packets in a million.
    pub loss_ppm: u32,
    /// What is made of it.
    pub state: LinkCondition,
}

/// What congestion control makes of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkCondition {
    /// There is room: the rate may grow.
    Clear,
    /// The queue grows, or packets are marked or lost for want of room: the rate falls.
    Congested,
    /// A queue is being emptied.
    Draining,
    /// Feedback is missing: nothing is known.
    Silent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooths_round_trip_times_by_one_eighth() {
        let ms = Duration::from_millis;
        let rtt = Rtt::first(ms(80)).with(ms(160), ms(80));
        assert_eq!(rtt, Rtt { latest: ms(160), smoothed: ms(90), min: ms(80) });
    }
}
