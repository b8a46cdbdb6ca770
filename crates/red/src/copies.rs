//! Which older packets' payloads go along with a packet.

use interceptor_core::Loss;

/// A set of at most three older packets, each by how many packets it was before: 1..=8.
///
/// ```
/// use interceptor_red::Copies;
/// assert_eq!(Copies::levels(2), Copies::at([1, 2]));
/// assert_eq!(Copies::at([1, 3]).map(|copies| copies.count()), Some(2));
/// assert_eq!((Copies::at([0]), Copies::at([9]), Copies::at([1, 2, 3, 4])), (None, None, None));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Copies(
    /// Bit `n` stands for the packet `n + 1` before.
    u8,
);

/// The farthest packet that can be repeated.
pub(crate) const FARTHEST: u16 = 8;
/// The most that a packet repeats.
pub(crate) const MOST: usize = 3;

impl Copies {
    /// No older payload at all.
    pub const NONE: Self = Self(0);
    /// What goes along on a path that loses single packets, by how many.
    const NEAR: [Self; 3] = [Self(0b1), Self(0b11), Self(0b111)];
    /// The same where packets are lost in runs: as many, but farther away and apart, so that a run takes fewer of them. A copy that
    /// is three packets away leaves half of what the last packet's leaves, for the same bit rate.
    const SPREAD: [Self; 3] = [Self(0b100), Self(0b1010), Self(0b10_1010)];

    /// The last packets, `levels` of them. `None` beyond 3.
    #[must_use]
    pub fn levels(levels: u8) -> Option<Self> {
        (usize::from(levels) <= MOST).then(|| Self((1 << levels) - 1))
    }

    /// The packets so many before. `None`: one is not in 1..=8, or there are more than three.
    #[must_use]
    pub fn at(before: impl IntoIterator<Item = u8>) -> Option<Self> {
        let mut bits = 0_u8;
        for distance in before {
            bits |= 1_u8.checked_shl(u32::from(distance.checked_sub(1)?))?;
        }
        (bits.count_ones() as usize <= MOST).then_some(Self(bits))
    }

    /// How many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// How many packets before each is, the nearest first.
    #[inline]
    pub(crate) fn distances(self) -> impl Iterator<Item = u16> {
        (0..FARTHEST).filter(move |bit| self.0 >> bit & 1 == 1).map(|bit| bit + 1)
    }
}

/// Lost packets in a million up to which one copy leaves 0.1 % or less (3 %² = 0.09 %), and two do (10 %³).
const ENOUGH: [u32; 2] = [30_000, 100_000];
/// Runs of three packets and more, in 256ths, on a path that loses one in a hundred and more.
const RUN: u32 = 3 << 8;
const NOTEWORTHY: u32 = 10_000;
/// One level fewer only after so long with less loss, in nanoseconds: losses come and go.
const CALM: u64 = 5_000_000_000;

/// How many copies a path's losses ask for: more at once, fewer one by one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Adaptive {
    /// Copies less one.
    level: usize,
    spread: bool,
    /// Since when fewer would do, in nanoseconds.
    calm_since: Option<u64>,
}

impl Adaptive {
    /// What the path loses has become known, at a time in nanoseconds.
    pub(crate) fn hear(&mut self, loss: Loss, now: u64) {
        self.spread = loss.burst_packets_q8 >= RUN && loss.ppm >= NOTEWORTHY;
        let wanted = ENOUGH.iter().filter(|most| loss.ppm > **most).count();
        if wanted >= self.level {
            (self.level, self.calm_since) = (wanted, None);
            return;
        }
        let since = *self.calm_since.get_or_insert(now);
        if now.saturating_sub(since) >= CALM {
            (self.level, self.calm_since) = (self.level - 1, Some(now));
        }
    }

    pub(crate) fn copies(self) -> Copies {
        let all = if self.spread { Copies::SPREAD } else { Copies::NEAR };
        all.get(self.level).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn loss(ppm: u32, burst_packets: u32) -> Loss {
        Loss { ssrc: 1, ppm, burst_packets_q8: burst_packets << 8, burst_duration: Duration::ZERO }
    }

    fn after(losses: &[(u64, Loss)]) -> Vec<u16> {
        let mut adaptive = Adaptive::default();
        losses.iter().for_each(|(now, loss)| adaptive.hear(*loss, now * SECOND));
        adaptive.copies().distances().collect()
    }

    #[test]
    fn more_loss_takes_more_copies_at_once() {
        for (ppm, copies) in
            [(0, &[1][..]), (30_000, &[1]), (30_001, &[1, 2]), (100_000, &[1, 2]), (100_001, &[1, 2, 3])]
        {
            assert_eq!(after(&[(0, loss(ppm, 1))]), copies, "{ppm}");
        }
    }

    #[test]
    fn runs_of_losses_take_copies_that_are_farther_apart() {
        for (ppm, copies) in [(9999, &[1][..]), (10_000, &[3]), (100_000, &[2, 4]), (200_000, &[2, 4, 6])] {
            assert_eq!(after(&[(0, loss(ppm, 3))]), copies, "{ppm}");
        }
    }

    #[test]
    fn less_loss_takes_fewer_copies_one_by_one_and_late() {
        let (bad, good) = (loss(200_000, 1), loss(0, 1));
        assert_eq!(after(&[(0, bad), (1, good), (5, good)]), [1, 2, 3]);
        assert_eq!(after(&[(0, bad), (1, good), (6, good)]), [1, 2]);
        assert_eq!(after(&[(0, bad), (1, good), (6, good), (7, good)]), [1, 2]);
        assert_eq!(after(&[(0, bad), (1, good), (6, good), (11, good), (99, good)]), [1]);
        assert_eq!(
            after(&[(0, bad), (1, good), (5, bad), (6, good)]),
            [1, 2, 3],
            "it has to be calm all the time"
        );
    }
}
