//! Parsing: everything is checked once, so that accessors need not.

use bytes::{Buf, Bytes};
use smallvec::SmallVec;

use super::extensions::{self, Form};
use super::{EXTENSION_BIT, FIXED_HEADER_LEN, PADDING_BIT, RtpPacket, csrc_end};
use crate::{PacketInfo, ParseError};

impl RtpPacket {
    /// Checks `data` and takes it over; the payload stays in its buffer, the header's bytes are copied.
    ///
    /// Does not allocate for headers of up to 64 bytes.
    ///
    /// # Errors
    /// [`ParseError`] when `data` is not one RTP packet: version not 2; shorter than fixed header, CSRCs and
    /// extension block; an RFC 8285 element over the end of its block; padding bit with a count of 0 or larger than
    /// what follows the header. `data` is dropped then; [`parse_or_return`](Self::parse_or_return) gives it back.
    pub fn parse(data: Bytes) -> Result<Self, ParseError> {
        Self::parse_or_return(data).map_err(|(error, _)| error)
    }

    /// Like [`parse`](Self::parse), but an error comes with the bytes, to pass them on or to count them.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    #[inline]
    pub fn parse_or_return(mut data: Bytes) -> Result<Self, (ParseError, Bytes)> {
        let layout = match Layout::of(&data) {
            Ok(layout) => layout,
            Err(error) => return Err((error, data)),
        };
        let header = SmallVec::from_slice(data.get(..layout.header_len).unwrap_or_default());
        data.advance(header.len());
        Ok(Self { header, payload: data, info: PacketInfo::default(), padding_len: layout.padding_len })
    }
}

/// Where a checked packet's parts end.
struct Layout {
    header_len: usize,
    padding_len: u8,
}

impl Layout {
    #[inline]
    fn of(data: &[u8]) -> Result<Self, ParseError> {
        let Some(&[first, ..]) = data.first_chunk::<FIXED_HEADER_LEN>() else {
            return Err(truncated("fixed header", FIXED_HEADER_LEN, data));
        };
        if first >> 6 != 2 {
            return Err(ParseError::Version(first >> 6));
        }
        let header_len = if first & EXTENSION_BIT == 0 {
            csrc_end(first)
        } else {
            check_extension_block(data, csrc_end(first))?
        };
        let Some(rest) = data.get(header_len..) else {
            return Err(truncated("list of contributing sources", header_len, data));
        };
        if first & PADDING_BIT == 0 {
            return Ok(Self { header_len, padding_len: 0 });
        }
        // RFC 3550 §5.1: the last octet counts the padding, itself included.
        let padding_len = rest.last().copied().unwrap_or(0);
        if padding_len == 0 || usize::from(padding_len) > rest.len() {
            return Err(ParseError::Padding { padding: padding_len, available: rest.len() });
        }
        Ok(Self { header_len, padding_len })
    }
}

/// Checks the extension block at `start`, and gives its end.
fn check_extension_block(data: &[u8], start: usize) -> Result<usize, ParseError> {
    let Some(&[p0, p1, w0, w1]) = data.get(start..).and_then(|rest| rest.first_chunk()) else {
        return Err(truncated("header of the extension block", start + 4, data));
    };
    let end = start + 4 + 4 * usize::from(u16::from_be_bytes([w0, w1]));
    let Some(body) = data.get(start + 4..end) else {
        return Err(truncated("extension block", end, data));
    };
    if let Some(form) = Form::of_profile(u16::from_be_bytes([p0, p1])) {
        extensions::check(form, body)?;
    }
    Ok(end)
}

#[cold]
fn truncated(what: &'static str, needed: usize, data: &[u8]) -> ParseError {
    ParseError::Truncated { what, needed, actual: data.len() }
}
