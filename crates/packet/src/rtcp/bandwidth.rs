//! Bit rate limits from the receiver: REMB (draft-alvestrand-rmcat-remb-03), TMMBR and TMMBN (RFC 5104 §4.2).

use super::{Feedback, Frame, frame};

const REMB_IDENTIFIER: &[u8; 4] = b"REMB";
const REMB_HEADER_LEN: usize = 8;
const REMB_MANTISSA_BITS: u32 = 18;
const TMMB_MANTISSA_BITS: u32 = 17;
const TMMB_OVERHEAD_BITS: u32 = 9;

/// A receiver's estimate of the bit rate that it can take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Remb<'a> {
    pub(super) base: Feedback<'a>,
}

impl<'a> Remb<'a> {
    /// Whether an application layer feedback message is this one.
    pub(super) fn is_remb(base: Frame<'a>) -> bool {
        base.body().get(8..12) == Some(REMB_IDENTIFIER)
    }

    /// Malformed when the SSRCs are fewer than their count.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let base = Feedback::of(base)?;
        let count = usize::from(*base.fci().get(4)?);
        (base.fci().len() >= REMB_HEADER_LEN + 4 * count).then_some(Self { base })
    }

    /// Bits a second, all streams together; saturates at `u64::MAX`, which the format can overshoot.
    #[must_use]
    pub fn bitrate(&self) -> u64 {
        let word = frame::word(self.base.fci(), 4) & 0xff_ffff;
        scaled(word & ((1 << REMB_MANTISSA_BITS) - 1), word >> REMB_MANTISSA_BITS)
    }

    /// The streams that the estimate is about.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        let fci = self.base.fci();
        let count = fci.get(4).map_or(0, |count| usize::from(*count));
        let ssrcs = fci.get(REMB_HEADER_LEN..).unwrap_or_default();
        ssrcs.as_chunks().0.iter().take(count).map(|ssrc| u32::from_be_bytes(*ssrc))
    }
}

/// The control information of a REMB; `ssrcs` are at most 255.
pub(super) fn remb_fci(bitrate: u64, ssrcs: &[u32]) -> impl Iterator<Item = u32> {
    let (mantissa, exponent) = truncated(bitrate, REMB_MANTISSA_BITS);
    let rate = (ssrcs.len() as u32) << 24 | exponent << REMB_MANTISSA_BITS | mantissa;
    [u32::from_be_bytes(*REMB_IDENTIFIER), rate].into_iter().chain(ssrcs.iter().copied())
}

/// A temporary maximum media bit rate request or notification.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tmmb<'a> {
    pub(super) base: Feedback<'a>,
}

impl<'a> Tmmb<'a> {
    /// Malformed with a broken entry. A notification may have none; an empty request asks for nothing.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let base = Feedback::of(base)?;
        base.fci().len().is_multiple_of(8).then_some(Self { base })
    }

    /// The limits.
    pub fn entries(&self) -> impl Iterator<Item = TmmbEntry> + use<'a> {
        self.base.entries::<8>().map(|entry| {
            let word = frame::word(entry, 4);
            let mantissa = word >> TMMB_OVERHEAD_BITS & ((1 << TMMB_MANTISSA_BITS) - 1);
            TmmbEntry {
                ssrc: frame::word(entry, 0),
                bitrate: scaled(mantissa, word >> (TMMB_OVERHEAD_BITS + TMMB_MANTISSA_BITS)),
                overhead: (word & ((1 << TMMB_OVERHEAD_BITS) - 1)) as u16,
            }
        })
    }
}

/// One stream's limit in a TMMBR or TMMBN.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TmmbEntry {
    /// In a request the stream that is limited, in a notification who asked for the limit.
    pub ssrc: u32,
    /// Bits a second; written with 17 significant bits, rounded down; read saturating at `u64::MAX`.
    pub bitrate: u64,
    /// Bytes of headers below RTP counted on each packet, 0..=511.
    pub overhead: u16,
}

impl TmmbEntry {
    /// The two words on the wire; `overhead` has been checked.
    pub(super) fn words(self) -> [u32; 2] {
        let (mantissa, exponent) = truncated(self.bitrate, TMMB_MANTISSA_BITS);
        let overhead = u32::from(self.overhead);
        [
            self.ssrc,
            exponent << (TMMB_MANTISSA_BITS + TMMB_OVERHEAD_BITS) | mantissa << TMMB_OVERHEAD_BITS | overhead,
        ]
    }
}

/// The largest `mantissa << exponent` not over `value` with a mantissa of `bits` bits.
const fn truncated(value: u64, bits: u32) -> (u32, u32) {
    let exponent = (u64::BITS - value.leading_zeros()).saturating_sub(bits);
    ((value >> exponent) as u32, exponent)
}

/// `mantissa << exponent`, saturating.
const fn scaled(mantissa: u32, exponent: u32) -> u64 {
    let mantissa = mantissa as u64;
    if exponent > mantissa.leading_zeros() { u64::MAX } else { mantissa << exponent }
}
