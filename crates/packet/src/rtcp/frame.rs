//! The chain of sub-packets: common header, length, padding.

use crate::ParseError;

const HEADER_LEN: usize = 4;
const PADDING_BIT: u8 = 0b0010_0000;

/// One sub-packet's bytes, its length and padding checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Header, body and padding.
    raw: &'a [u8],
    /// What is between header and padding.
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The bytes of the sub-packet on the wire: header, body and padding.
    #[inline]
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// What is between the four header bytes and the padding.
    #[inline]
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The packet type, 192..=223 for those in use.
    #[inline]
    #[must_use]
    pub const fn packet_type(&self) -> u8 {
        match self.raw {
            [_, packet_type, ..] => *packet_type,
            _ => 0,
        }
    }

    /// The five bits that are a count or a feedback message type, 0..=31.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> u8 {
        match self.raw {
            [first, ..] => *first & 0x1f,
            _ => 0,
        }
    }

    /// The first word of the body: the SSRC of the sender in every packet type but SDES, which has it per chunk.
    #[inline]
    pub(crate) fn first_word(&self) -> Option<u32> {
        self.body.first_chunk().map(|word| u32::from_be_bytes(*word))
    }

    /// Big-endian word at `at` of the body; 0 when the body ends before, which the views check for beforehand.
    #[inline]
    pub(crate) fn word(&self, at: usize) -> u32 {
        word(self.body, at)
    }

    /// Splits the first sub-packet's bytes off; padding is not looked at.
    pub(crate) fn split_first(data: &[u8]) -> Result<(&[u8], &[u8]), ParseError> {
        let Some(&[first, _, l0, l1]) = data.first_chunk::<HEADER_LEN>() else {
            return Err(truncated("RTCP header", HEADER_LEN, data));
        };
        if first >> 6 != 2 {
            return Err(ParseError::Version(first >> 6));
        }
        let len = frame_len([l0, l1]);
        data.split_at_checked(len).ok_or_else(|| truncated("RTCP packet", len, data))
    }

    fn of(raw: &'a [u8]) -> Result<Self, ParseError> {
        let Some((&[first, ..], body)) = raw.split_first_chunk::<HEADER_LEN>() else {
            return Err(truncated("RTCP header", HEADER_LEN, raw));
        };
        if first >> 6 != 2 {
            return Err(ParseError::Version(first >> 6));
        }
        if first & PADDING_BIT == 0 {
            return Ok(Self { raw, body });
        }
        // RFC 3550 §6.4.1: the last octet counts the padding, itself included. It should be a multiple of four;
        // transport-wide feedback in the field is padded by one to three bytes, so any count that fits will do.
        let padding = body.last().copied().unwrap_or(0);
        let Some(end) = body.len().checked_sub(usize::from(padding)).filter(|_| padding > 0) else {
            return Err(ParseError::Padding { padding, available: body.len() });
        };
        Ok(Self { raw, body: body.get(..end).unwrap_or_default() })
    }
}

/// Walks the sub-packets of a datagram. An error with a sane length does not end the walk, a broken tail does.
pub(crate) struct Frames<'a> {
    rest: &'a [u8],
}

impl<'a> Frames<'a> {
    pub(crate) const fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let len = match self.rest {
            [_, _, l0, l1, ..] => frame_len([*l0, *l1]),
            _ => HEADER_LEN,
        };
        let Some((raw, rest)) = self.rest.split_at_checked(len) else {
            let error = truncated("RTCP packet", len, self.rest);
            self.rest = &[];
            return Some(Err(error));
        };
        self.rest = rest;
        Some(Frame::of(raw))
    }
}

/// Bytes of a sub-packet from its length field, which counts words less one.
const fn frame_len(field: [u8; 2]) -> usize {
    4 * (u16::from_be_bytes(field) as usize + 1)
}

/// Big-endian word at `at`; 0 when the bytes end before it.
#[inline]
pub(crate) fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u32::from_be_bytes(*word))
}

/// Big-endian half word at `at`; 0 when the bytes end before it.
#[inline]
pub(crate) fn half(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |half| u16::from_be_bytes(*half))
}

#[cold]
fn truncated(what: &'static str, needed: usize, data: &[u8]) -> ParseError {
    ParseError::Truncated { what, needed, actual: data.len() }
}
