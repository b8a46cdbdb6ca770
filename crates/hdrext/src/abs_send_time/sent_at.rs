//! The sender's clock without its wrap at 64 s.

use interceptor_core::packet::ext::AbsSendTime;

/// When a packet left, by the sender's clock: an attribute of incoming packets.
///
/// Counted from the first packet of the connection that said it, and unwrapped: it does not begin anew every 64 s. What the peer's clock
/// has in common with ours is not known; differences of two are what counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SentAt {
    units: i64,
}

impl SentAt {
    /// Units of 2^-18 s since the first packet; negative for one that had left before that.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.units
    }

    /// Nanoseconds from `earlier` to this, rounded towards zero; negative when `earlier` is later.
    #[must_use]
    pub const fn nanos_since(self, earlier: Self) -> i64 {
        let units = (self.units.wrapping_sub(earlier.units)) as i128;
        (units * 1_000_000_000 / AbsSendTime::UNITS_PER_SECOND as i128) as i64
    }
}

/// Follows the send times of one sender.
#[derive(Debug, Default)]
pub(crate) struct Unwrap {
    /// The latest, as it was on the wire and unwrapped.
    latest: Option<(AbsSendTime, SentAt)>,
}

impl Unwrap {
    pub(crate) fn unwrap(&mut self, wire: AbsSendTime) -> SentAt {
        let (from, at) = self.latest.unwrap_or((wire, SentAt::default()));
        let difference = wire.difference(from);
        let sent = SentAt { units: at.units + i64::from(difference) };
        if difference >= 0 {
            self.latest = Some((wire, sent));
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_on_over_the_wrap_and_back_for_packets_that_were_overtaken() {
        let mut unwrap = Unwrap::default();
        let second = AbsSendTime::UNITS_PER_SECOND;
        let sent: Vec<i64> = [60, 63, 62, 64, 63, 90, 110, 128]
            .map(|seconds| unwrap.unwrap(AbsSendTime::from_bits(seconds * second)).units())
            .map(|units| units / i64::from(second))
            .to_vec();
        assert_eq!(sent, [0, 3, 2, 4, 3, 30, 50, 68]);
    }

    #[test]
    fn differences_are_in_nanoseconds() {
        let [early, late] = [-1, 1 << 18].map(|units| SentAt { units });
        assert_eq!((late.nanos_since(early), early.nanos_since(late)), (1_000_003_814, -1_000_003_814));
    }
}
