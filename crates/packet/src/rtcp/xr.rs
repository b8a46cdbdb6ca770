//! Extended reports (RFC 3611): the blocks for round-trip times of receivers, and all others as bytes.

use super::{Frame, frame};
use crate::NtpTime;

const BLOCK_HEADER_LEN: usize = 4;
const DLRR_ENTRY_LEN: usize = 12;
const RRTR: u8 = 4;
const DLRR: u8 = 5;

/// An extended report.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Xr<'a> {
    pub(super) base: Frame<'a>,
}

impl<'a> Xr<'a> {
    /// Malformed without an SSRC, or when a block reaches over the end.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let mut rest = base.body().get(4..)?;
        while !rest.is_empty() {
            rest = XrBlock::split_first(rest)?.1;
        }
        Some(Self { base })
    }

    /// SSRC of who reports.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.base.word(0)
    }

    /// The report blocks in order.
    pub fn blocks(&self) -> impl Iterator<Item = XrBlock<'a>> + use<'a> {
        let mut rest = self.base.body().get(4..).unwrap_or_default();
        std::iter::from_fn(move || {
            let (block, after) = XrBlock::split_first(rest)?;
            rest = after;
            Some(block)
        })
    }

    /// The reporter's clock, if it tells (the first receiver reference time block).
    #[must_use]
    pub fn receiver_reference_time(&self) -> Option<NtpTime> {
        self.blocks().find_map(|block| match block {
            XrBlock::ReceiverReferenceTime(ntp) => Some(ntp),
            _ => None,
        })
    }

    /// The entries of all DLRR blocks.
    pub fn dlrr_entries(&self) -> impl Iterator<Item = DlrrEntry> + use<'a> {
        self.blocks().flat_map(|block| match block {
            XrBlock::Dlrr(entries) => entries.entries(),
            _ => Dlrr { content: &[] }.entries(),
        })
    }
}

/// One block of an extended report.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum XrBlock<'a> {
    /// Receiver reference time, block type 4 (RFC 3611 §4.4).
    ReceiverReferenceTime(NtpTime),
    /// Delay since the last receiver reference time, block type 5 (RFC 3611 §4.5).
    Dlrr(Dlrr<'a>),
    /// Any other type; also types 4 and 5 of a wrong length, which RFC 3611 says to ignore.
    Other {
        /// Block type.
        block_type: u8,
        /// The octet whose meaning is the type's.
        type_specific: u8,
        /// What follows the block's four header bytes.
        content: &'a [u8],
    },
}

impl<'a> XrBlock<'a> {
    fn split_first(data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&[block_type, type_specific, l0, l1], rest) = data.split_first_chunk::<BLOCK_HEADER_LEN>()?;
        let (content, rest) = rest.split_at_checked(4 * usize::from(u16::from_be_bytes([l0, l1])))?;
        let block = match (block_type, content.len()) {
            (RRTR, 8) => Self::ReceiverReferenceTime(NtpTime(
                u64::from(frame::word(content, 0)) << 32 | u64::from(frame::word(content, 4)),
            )),
            (DLRR, length) if length.is_multiple_of(DLRR_ENTRY_LEN) => Self::Dlrr(Dlrr { content }),
            _ => Self::Other { block_type, type_specific, content },
        };
        Some((block, rest))
    }
}

/// The entries of a DLRR block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dlrr<'a> {
    content: &'a [u8],
}

impl<'a> Dlrr<'a> {
    /// One entry a receiver that told its clock.
    pub fn entries(&self) -> impl Iterator<Item = DlrrEntry> + use<'a> {
        self.content.as_chunks::<DLRR_ENTRY_LEN>().0.iter().map(|entry| DlrrEntry {
            ssrc: frame::word(entry, 0),
            last_rr: frame::word(entry, 4),
            delay_since_last_rr: frame::word(entry, 8),
        })
    }
}

/// What a sender knows of one receiver's clock.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct DlrrEntry {
    /// SSRC of the receiver.
    pub ssrc: u32,
    /// [`NtpTime::middle_32`] of its last receiver reference time; 0 when there was none.
    pub last_rr: u32,
    /// Time since that block came, in 1/65 536 s.
    pub delay_since_last_rr: u32,
}
