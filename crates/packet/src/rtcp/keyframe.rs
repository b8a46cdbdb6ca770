//! Requests for key frames and the like: FIR (RFC 5104 §4.3.1), SLI and RPSI (RFC 4585 §6.3).

use super::{Feedback, Frame, frame};

/// A full intra request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fir<'a> {
    pub(super) base: Feedback<'a>,
}

impl<'a> Fir<'a> {
    /// Malformed without an entry, or with a broken one.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let base = Feedback::of(base)?;
        base.has_entries::<8>().then_some(Self { base })
    }

    /// The streams that shall send a key frame.
    pub fn entries(&self) -> impl Iterator<Item = FirEntry> + use<'a> {
        self.base
            .entries::<8>()
            .map(|entry| FirEntry { ssrc: frame::word(entry, 0), sequence_number: entry[4] })
    }
}

/// One stream's part of a full intra request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FirEntry {
    /// SSRC of the stream that shall send a key frame.
    pub ssrc: u32,
    /// Number of the request: +1 (modulo 256) with each new one, the same on a repetition (RFC 5104 §4.3.1.2).
    pub sequence_number: u8,
}

/// A slice loss indication.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sli<'a> {
    pub(super) base: Feedback<'a>,
}

impl<'a> Sli<'a> {
    /// Malformed without an entry, or with a broken one.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let base = Feedback::of(base)?;
        base.has_entries::<4>().then_some(Self { base })
    }

    /// The lost runs of macroblocks.
    pub fn entries(&self) -> impl Iterator<Item = SliEntry> + use<'a> {
        self.base.entries::<4>().map(|entry| {
            let word = u32::from_be_bytes(*entry);
            SliEntry {
                first: (word >> 19) as u16,
                number: (word >> 6 & 0x1fff) as u16,
                picture_id: (word & 0x3f) as u8,
            }
        })
    }
}

/// A run of lost macroblocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SliEntry {
    /// Address of the first lost macroblock, 13 bits.
    pub first: u16,
    /// Number of lost macroblocks, 13 bits.
    pub number: u16,
    /// Low six bits of the codec's picture identifier.
    pub picture_id: u8,
}

/// A reference picture selection indication.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rpsi<'a> {
    pub(super) base: Feedback<'a>,
}

impl<'a> Rpsi<'a> {
    /// Malformed without its two octets of header, or with more padding bits than there are bits.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let base = Feedback::of(base)?;
        let [padding_bits, _, bits @ ..] = base.fci() else { return None };
        (usize::from(*padding_bits) <= 8 * bits.len()).then_some(Self { base })
    }

    /// RTP payload type that says how to read the bit string.
    #[must_use]
    pub fn payload_type(&self) -> u8 {
        self.base.fci().get(1).map_or(0, |payload_type| payload_type & 0x7f)
    }

    /// The codec's bit string, and how many bits at its end are unused.
    #[must_use]
    pub fn bit_string(&self) -> (&'a [u8], u8) {
        match self.base.fci() {
            [padding_bits, _, bits @ ..] => (bits, *padding_bits),
            _ => (&[], 0),
        }
    }
}
