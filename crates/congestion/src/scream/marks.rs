//! What packets come marked with: how much of the path is full, and whether marks can be believed.

use interceptor_core::packet::Ecn;

use super::digest::Digest;

/// How fast the share of marked packets is believed, and forgotten (draft, `L4S_AVG_G_UP`, `L4S_AVG_G_DOWN`).
const GAIN_UP: f64 = 1.0 / 8.0;
const GAIN_DOWN: f64 = 1.0 / 128.0;
/// After so many packets that all came without ECT, the path bleaches or the sender cannot mark.
const BLEACHED: u32 = 10;
/// Of so many packets more than nine tenths marked without a queue: somebody marks everything.
const MANGLED: u32 = 50;
/// What alpha is set to when the first mark comes after a long time: it has been forgotten, not disproved (libwebrtc).
const RESTORED: f64 = 0.25;

/// What packets come marked with.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    usable: bool,
    alpha: f64,
    seen: u32,
    marked: u32,
    as_sent: u32,
}

impl Marks {
    pub(super) const fn new(wanted: bool) -> Self {
        Self { usable: wanted, alpha: 0.0, seen: 0, marked: 0, as_sent: 0 }
    }

    /// Feedback has come. Are there marks to heed?
    pub(super) fn see(&mut self, digest: &Digest, queue_is_low: bool) -> bool {
        if !self.usable || digest.received == 0 {
            return false;
        }
        self.check(digest, queue_is_low);
        if !self.usable {
            self.alpha = 0.0;
            return false;
        }
        let share = f64::from(digest.marked) / f64::from(digest.received);
        let gain = if share > self.alpha { GAIN_UP } else { GAIN_DOWN };
        let towards = if share > self.alpha { share } else { 0.0 };
        self.alpha += gain * (towards - self.alpha);
        digest.marked > 0
    }

    /// The share of packets that come marked, quick to rise and slow to fall.
    pub(super) const fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The first mark after a long time.
    pub(super) const fn restore(&mut self) {
        self.alpha = self.alpha.max(RESTORED);
    }

    /// What packets are to leave with.
    pub(super) const fn ect(&self) -> Ecn {
        if self.usable { Ecn::Ect1 } else { Ecn::NotEct }
    }

    fn check(&mut self, digest: &Digest, queue_is_low: bool) {
        if !digest.tells_ecn {
            self.usable = false;
            return;
        }
        self.seen += digest.received;
        self.marked += if queue_is_low { digest.marked } else { 0 };
        self.as_sent += digest.ect1 + digest.marked;
        let bleached = self.seen >= BLEACHED && self.as_sent == 0;
        let mangled = self.seen >= MANGLED && u64::from(self.marked) * 10 > u64::from(self.seen) * 9;
        self.usable = !bleached && !mangled;
        if self.seen >= MANGLED {
            (self.seen, self.marked, self.as_sent) = (0, 0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(received: u32, marked: u32, ect1: u32) -> Digest {
        Digest { received, marked, ect1, tells_ecn: true, ..Digest::default() }
    }

    #[test]
    fn believes_marks_by_an_eighth_and_forgets_them_by_a_128th() {
        let mut marks = Marks::new(true);
        assert!(marks.see(&told(10, 10, 0), false));
        assert!((marks.alpha() - 0.125).abs() < 1e-12);
        assert!(!marks.see(&told(10, 0, 10), false));
        assert!((marks.alpha() - 0.125 * 127.0 / 128.0).abs() < 1e-12);
        marks.restore();
        assert!((marks.alpha() - 0.25).abs() < 1e-12);
    }

    #[test]
    fn ten_packets_whose_mark_was_wiped_out_end_marking() {
        let mut marks = Marks::new(true);
        marks.see(&told(9, 0, 0), false);
        assert_eq!(marks.ect(), Ecn::Ect1);
        marks.see(&told(1, 0, 0), false);
        assert_eq!(marks.ect(), Ecn::NotEct);
        assert!(!marks.see(&told(10, 10, 0), false), "marks of somebody else's making");
    }

    #[test]
    fn a_receiver_that_does_not_tell_of_marks_ends_marking() {
        let mut marks = Marks::new(true);
        marks.see(&Digest { received: 1, ..Digest::default() }, false);
        assert_eq!(marks.ect(), Ecn::NotEct);
    }

    #[test]
    fn everything_marked_without_a_queue_is_no_congestion() {
        let (mut without, mut with) = (Marks::new(true), Marks::new(true));
        for _ in 0..5 {
            without.see(&told(10, 10, 0), true);
            with.see(&told(10, 10, 0), false);
        }
        assert_eq!((without.ect(), without.alpha()), (Ecn::NotEct, 0.0));
        assert_eq!(with.ect(), Ecn::Ect1);
    }

    #[test]
    fn who_does_not_want_marks_gets_none() {
        let mut marks = Marks::new(false);
        assert!(!marks.see(&told(10, 10, 0), false));
        assert_eq!((marks.ect(), marks.alpha()), (Ecn::NotEct, 0.0));
    }
}
