//! How long to wait between reports: RFC 3550 §6.2, §6.3.1 and A.7 in integer arithmetic.

use std::time::Duration;

/// §6.2: the minimum interval, where it is not reduced. Timeouts of members always use it.
pub(crate) const MINIMUM: Duration = Duration::from_secs(5);
/// The shortest interval of all: nobody gains from more than a hundred reports a second.
pub(crate) const SHORTEST: Duration = Duration::from_millis(10);

/// How many take part in the session, as §6.3 counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionSize {
    /// §6.3 `members`: sources that sent RTP or RTCP lately, this end's among them.
    pub(crate) members: u64,
    /// §6.3 `senders`: those of them that sent RTP.
    pub(crate) senders: u64,
    /// §6.3 `we_sent`: whether this end is one of the senders.
    pub(crate) we_sent: bool,
}

impl SessionSize {
    /// Nobody has been heard yet.
    pub(crate) const ALONE: Self = Self { members: 1, senders: 0, we_sent: false };
}

/// The average size of RTCP datagrams, IP and UDP headers included, in 1/65 536 byte (§6.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AverageSize(u64);

impl AverageSize {
    /// IPv4 and UDP headers.
    const HEADERS: u64 = 28;

    /// As if datagrams of this payload had been seen all along.
    pub(crate) const fn new(payload_bytes: usize) -> Self {
        Self((payload_bytes as u64 + Self::HEADERS) << 16)
    }

    /// One more datagram, sent or received: it counts one sixteenth.
    pub(crate) const fn add(&mut self, payload_bytes: usize) {
        let size = Self::new(payload_bytes).0;
        self.0 = self.0 - self.0 / 16 + size / 16;
    }
}

/// §6.3.1 `Td`, the interval without randomness: members times average size over their share of the RTCP bandwidth, but
/// at least `minimum`.
pub(crate) fn deterministic_interval(
    session: SessionSize,
    rtcp_bytes_per_second: u64,
    average: AverageSize,
    minimum: Duration,
) -> Duration {
    let SessionSize { members, senders, we_sent } = session;
    // While senders are few, they share a quarter of the bandwidth and the receivers the rest.
    let (sharing, quarters) = match (senders.saturating_mul(4) <= members, we_sent) {
        (true, true) => (senders, 1),
        (true, false) => (members.saturating_sub(senders), 3),
        (false, _) => (members, 4),
    };
    let bytes_at_once = u128::from(sharing) * u128::from(average.0) * 4;
    let bytes_per_second = (u128::from(rtcp_bytes_per_second.max(1)) * quarters) << 16;
    saturating(bytes_at_once * 1_000_000_000 / bytes_per_second).max(minimum)
}

/// `interval` times a factor between a half and one and a half; `random` is drawn from the whole range of `u32`.
pub(crate) fn randomize(interval: Duration, random: u32) -> Duration {
    saturating((interval.as_nanos() * ((1 << 31) + u128::from(random))) >> 32)
}

/// §6.3.1: divides by e − 3/2, because timer reconsideration makes intervals longer than meant.
pub(crate) fn compensate(interval: Duration) -> Duration {
    saturating(interval.as_nanos() * 1_000_000_000 / 1_218_281_828)
}

fn saturating(nanos: u128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn average(bytes: usize) -> AverageSize {
        AverageSize::new(bytes - 28)
    }

    /// Rounded to tenths of a millisecond.
    fn tenths(duration: Duration) -> u128 {
        (duration.as_nanos() + 50_000) / 100_000
    }

    #[test]
    fn intervals_and_their_ranges() {
        let half = MINIMUM / 2;
        let reduced = Duration::from_millis(360);
        // (members, senders, RTCP bytes a second, we sent, average size, minimum) -> (interval, shortest, longest) in 100 µs
        let cases = [
            ((2, 1, 400, true, 100, MINIMUM), (50_000, 20_521, 61_562)),
            ((2, 1, 400, true, 100, half), (25_000, 10_260, 30_781)),
            ((10, 5, 400, false, 100, MINIMUM), (50_000, 20_521, 61_562)),
            ((1000, 1, 800, false, 90, MINIMUM), (1_498_500, 615_005, 1_845_016)),
            ((100, 50, 800, true, 90, MINIMUM), (112_500, 46_172, 138_515)),
            ((2, 2, 6250, true, 120, reduced), (3600, 1477, 4432)),
        ];
        for ((members, senders, bandwidth, we_sent, size, minimum), expected) in cases {
            let session = SessionSize { members, senders, we_sent };
            let interval = deterministic_interval(session, bandwidth, average(size), minimum);
            let shortest = compensate(randomize(interval, 0));
            let longest = compensate(randomize(interval, u32::MAX));
            assert_eq!((tenths(interval), tenths(shortest), tenths(longest)), expected, "{session:?}");
        }
    }

    #[test]
    fn each_datagram_counts_a_sixteenth() {
        let mut size = average(100);
        size.add(228 - 28);
        assert_eq!(size, average(108));
        for _ in 0..3 {
            size.add(60 - 28);
        }
        assert_eq!((size.0 * 10_000) >> 16, 995_507);
    }

    #[test]
    fn the_extremes_of_the_session_stay_finite() {
        let crowd = SessionSize { members: u64::MAX, senders: 0, we_sent: false };
        let long = deterministic_interval(crowd, 1, average(65_535), MINIMUM);
        assert_eq!(long, Duration::from_nanos(u64::MAX));
        assert_eq!(randomize(long, u32::MAX), long);
        let nobody = SessionSize { members: 0, senders: 0, we_sent: true };
        assert_eq!(deterministic_interval(nobody, 0, average(100), MINIMUM), MINIMUM);
    }
}
