//! Generic NACK (RFC 4585 §6.2.1).

use super::{Feedback, Frame, frame};

/// A request for lost packets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nack<'a> {
    pub(super) base: Feedback<'a>,
}

impl<'a> Nack<'a> {
    /// Malformed without a pair, or with a broken one.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let base = Feedback::of(base)?;
        base.has_entries::<4>().then_some(Self { base })
    }

    /// The pairs as they stand in the packet.
    pub fn pairs(&self) -> impl Iterator<Item = NackPair> + use<'a> {
        self.base
            .entries::<4>()
            .map(|pair| NackPair { packet_id: frame::half(pair, 0), lost_packets: frame::half(pair, 2) })
    }

    /// All sequence numbers asked for, in the order of the packet; a hostile one may repeat them.
    pub fn sequence_numbers(&self) -> impl Iterator<Item = u16> + use<'a> {
        self.pairs().flat_map(NackPair::sequence_numbers)
    }
}

/// A lost packet and which of the 16 after it are lost too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NackPair {
    /// Sequence number of the first lost packet (PID).
    pub packet_id: u16,
    /// Bit `i`, from the lowest, says that packet `packet_id + 1 + i` is lost (BLP).
    pub lost_packets: u16,
}

impl NackPair {
    /// The sequence numbers of the lost packets, in wrap order; 1 to 17.
    pub fn sequence_numbers(self) -> impl Iterator<Item = u16> {
        let following = (0..16).filter(move |bit| self.lost_packets >> bit & 1 == 1);
        std::iter::once(self.packet_id).chain(following.map(move |bit| self.packet_id.wrapping_add(bit + 1)))
    }
}

/// Packs sequence numbers into as few pairs as a greedy walk finds, joining 65 535 and 0.
///
/// The numbers have to come in wrap order (as they were sent); then the result is minimal. A number
/// that goes back, or is repeated later, starts a pair of its own or is merged, but never lost.
///
/// A NACK of `n` pairs is `12 + 4 n` bytes long: split the pairs, not the sequence numbers, at the MTU.
///
/// ```
/// # use interceptor_packet::{NackPair, nack_pairs};
/// assert!(nack_pairs([65_535, 0]).eq([NackPair { packet_id: 65_535, lost_packets: 1 }]));
/// ```
pub fn nack_pairs<I: IntoIterator<Item = u16>>(sequence_numbers: I) -> NackPairs<I::IntoIter> {
    NackPairs { sequence_numbers: sequence_numbers.into_iter(), pending: None }
}

/// Iterator of [`nack_pairs`].
#[derive(Clone, Debug)]
pub struct NackPairs<I> {
    sequence_numbers: I,
    pending: Option<NackPair>,
}

impl<I: Iterator<Item = u16>> Iterator for NackPairs<I> {
    type Item = NackPair;

    fn next(&mut self) -> Option<NackPair> {
        for seq in self.sequence_numbers.by_ref() {
            let Some(pair) = &mut self.pending else {
                self.pending = Some(NackPair { packet_id: seq, lost_packets: 0 });
                continue;
            };
            match seq.wrapping_sub(pair.packet_id) {
                0 => {}
                ahead @ 1..=16 => pair.lost_packets |= 1 << (ahead - 1),
                _ => return self.pending.replace(NackPair { packet_id: seq, lost_packets: 0 }),
            }
        }
        self.pending.take()
    }
}
