//! The open repair packets of a block: a sum and a mask each, and no packet.

use bytes::Bytes;
use interceptor_core::packet::BuildError;
use interceptor_core::packet::fec::{FlexFec03, Mask, Pattern, Rfc8627, Span};
use interceptor_parity::{Sum, Summand};

use super::early::Early;
use super::target::Scheme;

/// The open repair packets; buffers stay for the next block.
#[derive(Debug, Default)]
pub(crate) struct Repairs {
    open: Vec<Repair>,
}

/// A repair packet that grows.
#[derive(Debug, Default)]
pub(crate) struct Repair {
    sum: Sum,
    /// Bit *k*: the number *k* above the block's base is in the sum.
    mask: u128,
}

impl Repairs {
    /// So many, all empty.
    pub(crate) fn resize(&mut self, repairs: usize) {
        self.clear();
        self.open.resize_with(repairs, Repair::default);
        self.open.shrink_to_fit();
    }

    /// Adds a packet to those that cover it: bit *r* for repair *r*.
    #[inline]
    pub(crate) fn add(&mut self, covered_by: u64, offset: u8, packet: &Summand<'_>) {
        let mut left = covered_by;
        while left != 0 {
            if let Some(repair) = self.open.get_mut(left.trailing_zeros() as usize) {
                repair.sum.add(packet);
                repair.mask |= 1 << offset;
            }
            left &= left - 1;
        }
    }

    /// The block's base has gone down.
    pub(crate) fn shift(&mut self, by: u8) {
        self.open.iter_mut().for_each(|repair| repair.mask <<= by);
    }

    /// Puts those together that are too many for a block that closes early.
    pub(crate) fn fold(&mut self, early: &Early) {
        for from in (0..self.open.len()).rev() {
            let to = early.destination(from);
            if to == Some(from) {
                continue;
            }
            let (below, above) = self.open.split_at_mut(from);
            let Some(repair) = above.first_mut() else { continue };
            if let Some(into) = to.and_then(|to| below.get_mut(to)).filter(|_| !repair.is_empty()) {
                into.sum.add(&repair.sum.as_summand());
                into.mask ^= repair.mask;
            }
            repair.clear();
        }
    }

    /// Forgets what was added.
    pub(crate) fn clear(&mut self) {
        self.open.iter_mut().for_each(Repair::clear);
    }

    /// All that cover anything.
    pub(crate) fn filled(&mut self) -> impl Iterator<Item = &mut Repair> {
        self.open.iter_mut().filter(|repair| !repair.is_empty())
    }
}

impl Repair {
    const fn is_empty(&self) -> bool {
        self.mask == 0
    }

    /// Bytes of the sum.
    pub(crate) fn body_len(&self) -> usize {
        self.sum.body_len()
    }

    /// Forgets what was added.
    pub(crate) fn clear(&mut self) {
        self.sum.clear();
        self.mask = 0;
    }

    /// The payload of the repair packet. It is empty then, for the next block.
    ///
    /// # Errors
    /// None while masks are no longer than a block's span.
    pub(crate) fn take(&mut self, scheme: Scheme, ssrc: u32, base: u16) -> Result<Bytes, BuildError> {
        let mut left = std::mem::take(&mut self.mask);
        let lowest = left.trailing_zeros();
        // A repair's own base is its first packet: the mask is as short as it can be.
        left = left.checked_shr(lowest).unwrap_or(0);
        let offsets = std::iter::from_fn(|| {
            let offset = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (offset < 128).then_some(offset as u8)
        });
        let span =
            Span { base: base.wrapping_add(lowest as u16), pattern: Pattern::Mask(Mask::from_iter(offsets)) };
        match scheme {
            Scheme::Draft03 => {
                let protected = [(ssrc, span)];
                self.sum.take(FlexFec03::header_len(&protected), |fields, header| {
                    FlexFec03::write(&fields, &protected, header)
                })
            }
            Scheme::Rfc8627 => {
                let spans = [span];
                self.sum.take(Rfc8627::header_len(&spans), |fields, header| {
                    Rfc8627::write(&fields, &spans, header)
                })
            }
        }
    }
}
