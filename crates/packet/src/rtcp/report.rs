//! Sender and receiver reports (RFC 3550 §6.4).

use super::Frame;
use crate::NtpTime;

const BLOCK_LEN: usize = 24;
const SENDER_INFO_END: usize = 24;
const RECEIVER_BLOCKS: usize = 4;

/// A sender report.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SenderReport<'a> {
    pub(super) base: Frame<'a>,
}

impl<'a> SenderReport<'a> {
    /// Malformed when shorter than the sender information and the counted report blocks.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        has_blocks(base, SENDER_INFO_END).then_some(Self { base })
    }

    /// SSRC of the stream that is reported as sent.
    #[inline]
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.base.word(0)
    }

    /// The instant of the report on the sender's clock.
    #[inline]
    #[must_use]
    pub fn ntp(&self) -> NtpTime {
        NtpTime(u64::from(self.base.word(4)) << 32 | u64::from(self.base.word(8)))
    }

    /// The same instant on the stream's media clock.
    #[inline]
    #[must_use]
    pub fn rtp_timestamp(&self) -> u32 {
        self.base.word(12)
    }

    /// Packets sent since the start of the stream, modulo 2^32.
    #[inline]
    #[must_use]
    pub fn packet_count(&self) -> u32 {
        self.base.word(16)
    }

    /// Payload bytes sent since the start of the stream, without headers and padding, modulo 2^32.
    #[inline]
    #[must_use]
    pub fn octet_count(&self) -> u32 {
        self.base.word(20)
    }

    /// What the sender receives of others.
    pub fn report_blocks(&self) -> impl Iterator<Item = ReportBlock<'a>> + use<'a> {
        blocks(self.base, SENDER_INFO_END)
    }

    /// Profile-specific extension behind the report blocks; usually empty.
    #[must_use]
    pub fn profile_extension(&self) -> &'a [u8] {
        profile_extension(self.base, SENDER_INFO_END)
    }
}

/// A receiver report.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReceiverReport<'a> {
    pub(super) base: Frame<'a>,
}

impl<'a> ReceiverReport<'a> {
    /// Malformed when shorter than the SSRC and the counted report blocks.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        has_blocks(base, RECEIVER_BLOCKS).then_some(Self { base })
    }

    /// SSRC of who reports.
    #[inline]
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.base.word(0)
    }

    /// What it receives of others.
    pub fn report_blocks(&self) -> impl Iterator<Item = ReportBlock<'a>> + use<'a> {
        blocks(self.base, RECEIVER_BLOCKS)
    }

    /// Profile-specific extension behind the report blocks; usually empty.
    #[must_use]
    pub fn profile_extension(&self) -> &'a [u8] {
        profile_extension(self.base, RECEIVER_BLOCKS)
    }
}

fn has_blocks(base: Frame<'_>, start: usize) -> bool {
    base.body().len() >= start + BLOCK_LEN * usize::from(base.count())
}

fn blocks<'a>(base: Frame<'a>, start: usize) -> impl Iterator<Item = ReportBlock<'a>> + use<'a> {
    let bytes = base.body().get(start..).unwrap_or_default();
    bytes.as_chunks().0.iter().take(usize::from(base.count())).map(|bytes| ReportBlock { bytes })
}

fn profile_extension(base: Frame<'_>, start: usize) -> &[u8] {
    base.body().get(start + BLOCK_LEN * usize::from(base.count())..).unwrap_or_default()
}

/// What a receiver says about one stream (RFC 3550 §6.4.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReportBlock<'a> {
    bytes: &'a [u8; BLOCK_LEN],
}

impl ReportBlock<'_> {
    /// SSRC of the stream that the block is about.
    #[inline]
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.word::<0>()
    }

    /// Packets lost since the report before, in 1/256 of those expected; 0 also when more came than expected.
    #[inline]
    #[must_use]
    pub fn fraction_lost(&self) -> u8 {
        self.bytes[4]
    }

    /// Packets lost since the start, -8 388 608..=8 388 607; negative when duplicates outnumber losses.
    #[inline]
    #[must_use]
    pub fn cumulative_lost(&self) -> i32 {
        // The field is the low 24 bits of the word; the shifts bring its sign along.
        (self.word::<4>() << 8).cast_signed() >> 8
    }

    /// Highest sequence number received, with the number of wraps in the upper 16 bits.
    #[inline]
    #[must_use]
    pub fn extended_sequence_number(&self) -> u32 {
        self.word::<8>()
    }

    /// Interarrival jitter in units of the stream's clock.
    #[inline]
    #[must_use]
    pub fn jitter(&self) -> u32 {
        self.word::<12>()
    }

    /// [`NtpTime::middle_32`] of the last sender report received from the stream; 0 when there was none.
    #[inline]
    #[must_use]
    pub fn last_sr(&self) -> u32 {
        self.word::<16>()
    }

    /// Time since that sender report came, in 1/65 536 s.
    #[inline]
    #[must_use]
    pub fn delay_since_last_sr(&self) -> u32 {
        self.word::<20>()
    }

    /// The block's values on their own.
    #[must_use]
    pub fn to_data(&self) -> ReportBlockData {
        ReportBlockData {
            ssrc: self.ssrc(),
            fraction_lost: self.fraction_lost(),
            cumulative_lost: self.cumulative_lost(),
            extended_sequence_number: self.extended_sequence_number(),
            jitter: self.jitter(),
            last_sr: self.last_sr(),
            delay_since_last_sr: self.delay_since_last_sr(),
        }
    }

    #[inline]
    fn word<const AT: usize>(&self) -> u32 {
        super::frame::word(self.bytes, AT)
    }
}

/// The values of a [`ReportBlock`], to build one from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReportBlockData {
    /// SSRC of the stream that the block is about.
    pub ssrc: u32,
    /// Packets lost since the report before, in 1/256 of those expected.
    pub fraction_lost: u8,
    /// Packets lost since the start; clamped to 24 bits (-8 388 608..=8 388 607) when written (RFC 3550 §A.3).
    pub cumulative_lost: i32,
    /// Highest sequence number received, with the number of wraps in the upper 16 bits.
    pub extended_sequence_number: u32,
    /// Interarrival jitter in units of the stream's clock.
    pub jitter: u32,
    /// [`NtpTime::middle_32`] of the last sender report received from the stream; 0 when there was none.
    pub last_sr: u32,
    /// Time since that sender report came, in 1/65 536 s; 0 when there was none.
    pub delay_since_last_sr: u32,
}

impl ReportBlockData {
    /// The block on the wire.
    pub(super) fn words(&self) -> [u32; BLOCK_LEN / 4] {
        let lost = self.cumulative_lost.clamp(-0x80_0000, 0x7f_ffff).cast_unsigned() & 0xff_ffff;
        [
            self.ssrc,
            u32::from(self.fraction_lost) << 24 | lost,
            self.extended_sequence_number,
            self.jitter,
            self.last_sr,
            self.delay_since_last_sr,
        ]
    }
}
