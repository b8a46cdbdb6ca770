//! Congestion control feedback (RFC 8888).

use super::{CcfbMetric, Frame, frame};

pub(super) const BLOCK_HEADER_LEN: usize = 8;
/// RFC 8888 §3.1.
pub(super) const MAX_METRICS: usize = 16_384;

/// Which packets of which streams arrived, when, and with which ECN marks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ccfb<'a> {
    pub(super) base: Frame<'a>,
}

impl<'a> Ccfb<'a> {
    /// Malformed without sender SSRC and report timestamp, when a block reaches over the end, or when one
    /// counts over 16 384 packets (RFC 8888 §3.1).
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let view = Self { base };
        let mut rest = view.block_bytes()?;
        while !rest.is_empty() {
            rest = CcfbBlock::split_first(rest)?.1;
        }
        Some(view)
    }

    /// SSRC of who sends the feedback.
    #[must_use]
    pub fn sender_ssrc(&self) -> u32 {
        self.base.word(0)
    }

    /// When it was made: [`NtpTime::middle_32`](crate::NtpTime::middle_32) of the receiver's clock.
    #[must_use]
    pub fn report_timestamp(&self) -> u32 {
        self.base.word(self.base.body().len().saturating_sub(4))
    }

    /// One block a stream.
    pub fn blocks(&self) -> impl Iterator<Item = CcfbBlock<'a>> + use<'a> {
        let mut rest = self.block_bytes().unwrap_or_default();
        std::iter::from_fn(move || {
            let (block, after) = CcfbBlock::split_first(rest)?;
            rest = after;
            Some(block)
        })
    }

    fn block_bytes(&self) -> Option<&'a [u8]> {
        let body = self.base.body();
        body.get(4..body.len().checked_sub(4)?)
    }
}

/// The packets of one stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CcfbBlock<'a> {
    ssrc: u32,
    begin_sequence: u16,
    metrics: &'a [[u8; 2]],
}

impl<'a> CcfbBlock<'a> {
    /// SSRC of the stream.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Sequence number of the first packet reported.
    #[must_use]
    pub const fn begin_sequence(&self) -> u16 {
        self.begin_sequence
    }

    /// Number of packets reported, 0..=16 384.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.metrics.len()
    }

    /// Whether no packet is reported.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.metrics.is_empty()
    }

    /// Each packet's sequence number and what became of it.
    pub fn metrics(&self) -> impl Iterator<Item = (u16, CcfbMetric)> + use<'a> {
        let begin = self.begin_sequence;
        (0..).zip(self.metrics).map(move |(offset, bytes): (u16, _)| {
            (begin.wrapping_add(offset), CcfbMetric(u16::from_be_bytes(*bytes)))
        })
    }

    fn split_first(data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, rest) = data.split_first_chunk::<BLOCK_HEADER_LEN>()?;
        let count = usize::from(frame::half(header, 6));
        if count > MAX_METRICS {
            return None;
        }
        let (metrics, rest) = rest.split_at_checked((2 * count).next_multiple_of(4))?;
        let metrics = metrics.as_chunks().0.get(..count)?;
        Some((Self { ssrc: frame::word(header, 0), begin_sequence: frame::half(header, 4), metrics }, rest))
    }
}
