//! Which numbers of a stream are in the block that is open, and where its mask begins.

/// The block's numbers: at most so many as a mask reaches over, from `base` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The lowest number.
    base: u16,
    /// Bit *k*: number `base` + *k* is in it.
    present: u128,
    /// Places taken so far: in the order in which packets came.
    count: u16,
    span: u8,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// It takes the next place.
    In {
        /// Its place.
        place: usize,
        /// Its number's distance from the base.
        offset: u8,
        /// The base has gone down by so much: masks move up.
        shift: u8,
        /// No number of the block is higher.
        newest: bool,
    },
    /// Its number is in the block already.
    Again,
    /// It comes late, and the mask does not reach down to it.
    Late,
    /// Its number is too far away: the block is over.
    Outside,
}

/// By so many numbers packets may come late; what is farther back is a sender that has begun anew (RFC 3550 A.1, `MAX_MISORDER`).
const MAX_MISORDER: u16 = 100;
/// What the parts of a mask reach over, in the draft; RFC 8627's last part reaches over one more.
const PARTS: [u8; 3] = [15, 46, 109];
/// Numbers that a mask reaches beyond the packets of a whole block, where it can: for gaps, and for packets that come late.
const SLACK: usize = 4;

/// How far a mask is to reach for blocks of so many packets: a header is no longer than it has to be.
pub(crate) fn span(packets: usize) -> u8 {
    PARTS.into_iter().find(|part| packets + SLACK <= usize::from(*part)).unwrap_or(109)
}

impl Block {
    /// A block whose mask reaches over `span` numbers, at most 128, and that begins with this one.
    pub(crate) const fn new(first: u16, span: u8) -> Self {
        Self { base: first, present: 0, count: 0, span }
    }

    /// The lowest number.
    pub(crate) const fn base(&self) -> u16 {
        self.base
    }

    /// Packets in it.
    pub(crate) const fn count(&self) -> usize {
        self.count as usize
    }

    /// Takes a packet in, if its number is in reach.
    pub(crate) fn join(&mut self, seq: u16) -> Join {
        let distance = seq.wrapping_sub(self.base) as i16;
        let (offset, shift) = if distance < 0 { (0, distance.unsigned_abs()) } else { (distance as u16, 0) };
        // The lowest is at 0, so this is the distance to the highest.
        let reach = (127 - self.present.leading_zeros().min(127)) as u16;
        if (reach + shift).max(offset) >= u16::from(self.span) {
            return if (1..=MAX_MISORDER).contains(&shift) { Join::Late } else { Join::Outside };
        }
        if self.present >> offset & 1 == 1 && shift == 0 {
            return Join::Again;
        }
        self.base = self.base.wrapping_sub(shift);
        self.present = self.present << shift | 1 << offset;
        let place = self.count.into();
        self.count += 1;
        let newest = place == 0 || offset > reach;
        Join::In { place, offset: offset as u8, shift: shift as u8, newest }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn join(block: &mut Block, seq: u16) -> Option<(usize, u8, u8, bool)> {
        match block.join(seq) {
            Join::In { place, offset, shift, newest } => Some((place, offset, shift, newest)),
            Join::Again | Join::Late | Join::Outside => None,
        }
    }

    #[test]
    fn a_late_packet_moves_the_base_down() {
        let mut block = Block::new(65_535, 15);
        assert_eq!(join(&mut block, 65_535), Some((0, 0, 0, true)));
        assert_eq!(join(&mut block, 2), Some((1, 3, 0, true)));
        assert_eq!(join(&mut block, 65_530), Some((2, 0, 5, false)));
        assert_eq!((block.base(), block.count()), (65_530, 3));
        assert_eq!(block.join(2), Join::Again);
        assert_eq!(block.join(9), Join::Outside, "15 above the base, over the wrap");
    }

    #[test]
    fn what_a_mask_does_not_reach_is_outside() {
        let mut block = Block::new(100, 15);
        assert!(join(&mut block, 100).is_some());
        assert_eq!(block.join(115), Join::Outside);
        assert!(join(&mut block, 114).is_some());
        assert_eq!([block.join(99), block.join(0)], [Join::Late; 2]);
        assert_eq!(block.join(65_535), Join::Outside);
        assert_eq!(block.join(100 + 32_768), Join::Outside);
        assert_eq!(block.count(), 2);
    }

    #[test]
    fn a_mask_reaches_no_farther_than_its_block_needs() {
        assert_eq!([1, 11, 12, 42, 43, 109].map(span), [15, 15, 46, 46, 109, 109]);
    }

    proptest! {
        #[test]
        fn agrees_with_a_set_of_numbers(
            first: u16, span in 1_u8..=110, steps in prop::collection::vec(-150_i32..150, 1..200),
        ) {
            let mut block = Block::new(first, span);
            prop_assert_eq!(join(&mut block, first), Some((0, 0, 0, true)));
            let mut numbers = vec![i32::from(first)];
            for step in steps {
                let number = i32::from(first) + step;
                let (low, high) = (*numbers.iter().min().unwrap(), *numbers.iter().max().unwrap());
                let right = if numbers.contains(&number) {
                    Join::Again
                } else if high.max(number) - low.min(number) >= i32::from(span) {
                    if (1..=100).contains(&(low - number)) { Join::Late } else { Join::Outside }
                } else {
                    numbers.push(number);
                    Join::In {
                        place: numbers.len() - 1,
                        offset: (number - low.min(number)) as u8,
                        shift: (low - low.min(number)) as u8,
                        newest: number > high,
                    }
                };
                prop_assert_eq!(block.join(number as u16), right);
                prop_assert_eq!(block.base(), numbers.iter().min().map(|low| *low as u16).unwrap());
            }
        }
    }
}
