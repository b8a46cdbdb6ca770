//! Which numbers of a local stream will never be sent, told in runs: a flood of drops is no flood of facts.

use interceptor_packet::{Origin, RtpPacket};

use crate::Abandoned;

/// What an interceptor that drops packets of a local stream has to know so that it can publish [`Abandoned`]: numbers that were
/// dropped and that nobody knows of yet, and which of the last 64 were sent, as another copy of one of these may be dropped without
/// anything being abandoned.
///
/// A dropped number is told when a later packet of the stream passes, which is in time: a receiver cannot miss it before.
///
/// ```
/// use interceptor_core::{Abandoned, AbandonedNumbers};
/// use interceptor_core::packet::RtpPacket;
///
/// let packet = |seq| RtpPacket::builder().ssrc(7).sequence_number(seq).build();
/// let mut numbers = AbandonedNumbers::new(7);
/// numbers.pass(&packet(1)?);
/// assert_eq!((numbers.lose(&packet(2)?), numbers.lose(&packet(3)?)), (None, None));
/// assert_eq!(numbers.lose(&packet(1)?), None); // it was sent
/// assert_eq!(numbers.take(), Some(Abandoned { ssrc: 7, first: 2, count: 2 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AbandonedNumbers {
    ssrc: u32,
    lost: Run,
    sent: Sent,
}

impl AbandonedNumbers {
    /// Of the local stream with this media SSRC.
    #[must_use]
    pub fn new(ssrc: u32) -> Self {
        Self { ssrc, lost: Run::default(), sent: Sent::default() }
    }

    /// Is there nothing that [`take`](Self::take) would give?
    #[inline(always)]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.lost.is_empty()
    }

    /// A packet goes on; the short way while there [is nothing to tell](Self::is_empty).
    #[inline(always)]
    pub fn pass(&mut self, packet: &RtpPacket) {
        if packet.ssrc() == self.ssrc {
            self.sent.add(packet.sequence_number());
        }
    }

    /// The number of a packet, unless it is on another SSRC than the media's.
    #[must_use]
    pub fn number(&self, packet: &RtpPacket) -> Option<u16> {
        (packet.ssrc() == self.ssrc).then(|| packet.sequence_number())
    }

    /// A [`number`](Self::number) goes on, or will when its turn comes. Gives what is to be published now.
    pub fn accept(&mut self, number: Option<u16>) -> Option<Abandoned> {
        let number = number?;
        self.sent.add(number);
        self.lost.leave_out(self.ssrc, number)
    }

    /// A packet ends here: its number will not be sent, unless it was already. Gives what is to be published now.
    pub fn lose(&mut self, packet: &RtpPacket) -> Option<Abandoned> {
        let numbered = matches!(packet.info().origin, Origin::Media | Origin::Padding);
        let number = self.number(packet).filter(|number| numbered && !self.sent.has(*number))?;
        self.lost.add(self.ssrc, number)
    }

    /// [`lose`](Self::lose) of a packet that was [accepted](Self::accept) before.
    pub fn lose_accepted(&mut self, packet: &RtpPacket) -> Option<Abandoned> {
        if let Some(number) = self.number(packet) {
            self.sent.remove(number);
        }
        self.lose(packet)
    }

    /// The numbers that nobody knows of yet: to be published when a packet of the stream goes on.
    pub fn take(&mut self) -> Option<Abandoned> {
        self.lost.take(self.ssrc)
    }
}

/// Numbers in a row that were dropped and that nobody knows of yet. They are told when a packet of the stream passes, which is in time: a
/// receiver cannot miss them before.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    first: u16,
    count: u16,
}

impl Run {
    const fn is_empty(self) -> bool {
        self.count == 0
    }

    /// Adds a number. Gives the run that it does not continue.
    fn add(&mut self, ssrc: u32, seq: u16) -> Option<Abandoned> {
        if self.place(seq).is_some() {
            return None;
        }
        let next = self.first.wrapping_add(self.count);
        if !self.is_empty() && seq == next && self.count < u16::MAX {
            self.count += 1;
            return None;
        }
        let before = self.take(ssrc);
        *self = Self { first: seq, count: 1 };
        before
    }

    /// Leaves out a number that is sent after all. Gives what of the run was before it.
    fn leave_out(&mut self, ssrc: u32, seq: u16) -> Option<Abandoned> {
        let place = self.place(seq)?;
        let mut before = Self { first: self.first, count: place };
        *self = Self { first: seq.wrapping_add(1), count: self.count - place - 1 };
        before.take(ssrc)
    }

    /// Where a number stands in the run.
    fn place(self, seq: u16) -> Option<u16> {
        Some(seq.wrapping_sub(self.first)).filter(|place| *place < self.count)
    }

    /// Takes the run, if there is one.
    fn take(&mut self, ssrc: u32) -> Option<Abandoned> {
        let Self { first, count } = std::mem::take(self);
        (count > 0).then_some(Abandoned { ssrc, first, count })
    }
}

/// Which of the last 64 numbers were sent, or will be when their turn comes: another copy of one of these may be dropped, but that
/// abandons nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Sent {
    newest: u16,
    /// `newest` is the lowest bit.
    bits: u64,
}

impl Sent {
    #[inline(always)]
    fn add(&mut self, seq: u16) {
        if seq == self.newest.wrapping_add(1) {
            (self.newest, self.bits) = (seq, self.bits << 1 | 1);
        } else {
            self.add_out_of_order(seq);
        }
    }

    #[cold]
    fn add_out_of_order(&mut self, seq: u16) {
        let ahead = seq.wrapping_sub(self.newest);
        if ahead < 0x8000 || self.bits == 0 {
            (self.newest, self.bits) = (seq, self.bits.checked_shl(ahead.into()).unwrap_or(0) | 1);
        } else {
            self.bits |= self.bit(seq);
        }
    }

    fn has(self, seq: u16) -> bool {
        self.bits & self.bit(seq) != 0
    }

    /// One that was to be sent is not.
    fn remove(&mut self, seq: u16) {
        self.bits &= !self.bit(seq);
    }

    /// The bit of a number, or none.
    fn bit(self, seq: u16) -> u64 {
        1_u64.checked_shl(u32::from(self.newest.wrapping_sub(seq))).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn of_the_last_64_numbers_it_is_known_whether_they_were_sent(
            first in any::<u16>(),
            steps in prop::collection::vec((0..90_u16, any::<bool>()), 1..200),
        ) {
            let (mut newest, mut sent) = (first, Sent::default());
            sent.add(first);
            let mut naive = BTreeSet::from([first]);
            for (step, ahead) in steps {
                newest = if ahead { newest.wrapping_add(step) } else { newest };
                let seq = if ahead { newest } else { newest.wrapping_sub(step) };
                sent.add(seq);
                naive.insert(seq);
                for back in 0..64 {
                    let seq = newest.wrapping_sub(back);
                    prop_assert!(!sent.has(seq) || naive.contains(&seq));
                    // What came when it was older than that is not remembered.
                    prop_assert!(sent.has(seq) || !naive.contains(&seq) || step > 63 || back > 0);
                }
                prop_assert!(!sent.has(newest.wrapping_add(1)) && !sent.has(newest.wrapping_sub(64)));
                prop_assert!(sent.has(seq) || newest.wrapping_sub(seq) > 63);
            }
        }
    }

    #[test]
    fn numbers_in_a_row_are_one_run_over_the_wrap() {
        let mut run = Run::default();
        let told: Vec<_> = [65_534, 65_535, 0, 1, 5].into_iter().filter_map(|seq| run.add(7, seq)).collect();
        assert_eq!(told, [Abandoned { ssrc: 7, first: 65_534, count: 4 }]);
        assert_eq!(run.take(7), Some(Abandoned { ssrc: 7, first: 5, count: 1 }));
        assert_eq!(run.take(7), None);
    }

    #[test]
    fn a_lap_of_numbers_is_more_than_one_run() {
        let mut run = Run::default();
        let told: Vec<_> = (0..70_000_u32).filter_map(|seq| run.add(7, seq as u16)).collect();
        assert_eq!(told, [Abandoned { ssrc: 7, first: 0, count: u16::MAX }]);
    }
}
