//! Whether ECN marks get through this path, and mean something.

use interceptor_core::packet::Ecn;

use crate::{Outcome, PacketOutcome};

/// Packets that came with the mark cleared, and none with one, after which the path is taken to bleach.
const BLEACHED: u32 = 10;
/// Packets that are looked at together for marks that mean nothing, and the CE among them in tenths.
const MANGLED_WINDOW: u32 = 50;
const MANGLED_TENTHS: u32 = 9;
/// No router marks nearly all packets while its queue is shorter than this, in microseconds.
const SHORT_QUEUE: u128 = 5000;

/// Watches the marks of packets that left ECN-capable.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EcnPath {
    given_up: bool,
    /// Packets that came with their mark cleared, and with any.
    cleared: u32,
    kept: u32,
    /// Of the window.
    seen: u32,
    ce: u32,
}

impl EcnPath {
    /// Are marks of use here?
    #[inline]
    pub(crate) const fn is_usable(&self) -> bool {
        !self.given_up
    }

    /// What came of packets that left ECN-capable, while the queue was so many microseconds long. `true`: marks are of no use from now on.
    pub(crate) fn look(
        &mut self,
        packets: &[PacketOutcome],
        marked: impl Fn(u64) -> bool,
        queue: u128,
    ) -> bool {
        if self.given_up {
            return false;
        }
        for packet in packets {
            let Outcome::Received { ecn, .. } = packet.outcome else { continue };
            if !marked(packet.index) {
                continue;
            }
            self.cleared += u32::from(ecn == Ecn::NotEct);
            self.kept += u32::from(ecn != Ecn::NotEct);
            self.seen += 1;
            self.ce += u32::from(ecn == Ecn::Ce);
        }
        let bleached = self.kept == 0 && self.cleared >= BLEACHED;
        let mut mangled = false;
        if self.seen >= MANGLED_WINDOW {
            mangled = self.ce * 10 > self.seen * MANGLED_TENTHS && queue < SHORT_QUEUE;
            (self.seen, self.ce) = (0, 0);
        }
        self.given_up = bleached || mangled;
        self.given_up
    }

    /// Another path.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PacketClass, Time};

    fn came(ecn: Ecn) -> PacketOutcome {
        PacketOutcome {
            index: 0,
            sent: Time::default(),
            bytes: 1000,
            class: PacketClass::Video,
            probe: None,
            was_lost: false,
            outcome: Outcome::Received { at: None, ecn },
        }
    }

    fn look(path: &mut EcnPath, marks: &[(Ecn, usize)], queue: u128) -> bool {
        let packets: Vec<_> =
            marks.iter().flat_map(|(ecn, count)| std::iter::repeat_n(came(*ecn), *count)).collect();
        path.look(&packets, |_| true, queue)
    }

    #[test]
    fn a_path_that_clears_marks_is_found_out_after_ten_packets() {
        let mut path = EcnPath::default();
        assert!(!look(&mut path, &[(Ecn::NotEct, 9)], 0) && path.is_usable());
        assert!(look(&mut path, &[(Ecn::NotEct, 1)], 0) && !path.is_usable());
        assert!(!look(&mut path, &[(Ecn::NotEct, 1)], 0), "told once");
        let mut path = EcnPath::default();
        assert!(!look(&mut path, &[(Ecn::Ect1, 1), (Ecn::NotEct, 500)], 0), "some get through");
    }

    #[test]
    fn a_path_that_marks_everything_without_a_queue_means_nothing_by_it() {
        let mut path = EcnPath::default();
        assert!(!look(&mut path, &[(Ecn::Ce, 50)], 20_000), "the queue is long");
        assert!(!look(&mut path, &[(Ecn::Ce, 45), (Ecn::Ect1, 5)], 0));
        assert!(look(&mut path, &[(Ecn::Ce, 46), (Ecn::Ect1, 4)], 0));
    }

    #[test]
    fn packets_that_left_without_a_mark_say_nothing() {
        let mut path = EcnPath::default();
        assert!(!path.look(&[came(Ecn::NotEct); 100], |_| false, 0));
    }
}
