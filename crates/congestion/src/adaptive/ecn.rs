//! Marks in place of losses: how far they take the rate down. Whether the path can be trusted with them is watched by who sees each packet's mark leave.

use interceptor_core::packet::Ecn;

use super::clock::millis;
use crate::Time;

/// What the share of marked packets takes of a new value (RFC 8257 §4.2, `g`).
const SHARE: f64 = 1.0 / 16.0;
/// Marks that come within this time of the last are of the same path, in ms.
const SAME_PATH_MS: f64 = 2000.0;

/// The share of marked packets (RFC 9330, RFC 8257).
#[derive(Clone, Debug)]
pub(super) struct Marks {
    wanted: bool,
    /// A packet has kept its mark.
    kept: bool,
    share: f64,
    last_cut: Time,
}

/// The marks of one feedback.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marked {
    /// Packets that came.
    pub(super) packets: u32,
    /// Of these, those that left ECN-capable and came so.
    pub(super) capable: u32,
    /// Of these, those that a queue has marked.
    pub(super) ce: u32,
}

impl Marked {
    #[inline]
    pub(super) fn came(&mut self, ecn: Ecn) {
        self.packets += 1;
        self.capable += u32::from(ecn != Ecn::NotEct);
        self.ce += u32::from(ecn == Ecn::Ce);
    }
}

impl Marks {
    pub(super) const fn new(wanted: bool) -> Self {
        Self { wanted, kept: false, share: 0.0, last_cut: Time::MIN }
    }

    /// The mark that packets should leave with, where they can and feedback tells of it.
    pub(super) const fn ect(&self) -> Ecn {
        if self.wanted { Ecn::Ect1 } else { Ecn::NotEct }
    }

    /// Queues are marked before they are long: bursts would be.
    pub(super) const fn in_use(&self) -> bool {
        self.kept
    }

    /// Feedback has been told in full.
    pub(super) fn feedback(&mut self, marked: Marked) {
        if marked.packets > 0 {
            self.kept = marked.capable > 0;
            let share = f64::from(marked.ce) / f64::from(marked.packets);
            self.share += SHARE * (share - self.share);
        }
    }

    /// What marks leave of the rate, once a round trip; and whether the last ones were not long ago.
    pub(super) fn cut(&mut self, now: Time, rtt: f64) -> Option<(f64, bool)> {
        let since = millis(now, self.last_cut);
        if since <= rtt {
            return None;
        }
        self.last_cut = now;
        Some((1.0 - 0.5 * self.share, since < SAME_PATH_MS))
    }

    /// Another path may mark or not.
    pub(super) const fn on_route_change(&mut self) {
        *self = Self::new(self.wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    #[test]
    fn marks_are_in_use_while_packets_keep_them() {
        let mut marks = Marks::new(true);
        assert_eq!((marks.ect(), marks.in_use()), (Ecn::Ect1, false));
        for (ecn, in_use) in [(Ecn::Ect1, true), (Ecn::NotEct, false), (Ecn::Ce, true)] {
            let mut marked = Marked::default();
            marked.came(ecn);
            marks.feedback(marked);
            assert_eq!(marks.in_use(), in_use, "{ecn:?}");
        }
        assert_eq!(Marks::new(false).ect(), Ecn::NotEct);
    }

    #[test]
    fn cuts_by_half_the_share_once_a_round_trip() {
        let mut marks = Marks::new(true);
        for _ in 0..200 {
            marks.feedback(Marked { packets: 10, capable: 10, ce: 5 });
        }
        let (kept, again) = marks.cut(ms(1000), 100.0).unwrap();
        assert!((kept - 0.75).abs() < 1e-3 && !again);
        assert_eq!(marks.cut(ms(1100), 100.0), None);
        assert!(marks.cut(ms(1101), 100.0).unwrap().1);
        assert!(!marks.cut(ms(3102), 100.0).unwrap().1);
    }
}
