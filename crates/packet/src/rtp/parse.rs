//! Parsing: everything is checked once, so that accessors need not.

use bytes::{Buf, Bytes};
use smallvec::SmallVec;

use super::{EXTENSION_BIT, FIXED_HEADER_LEN, INLINE_HEADER_LEN, PADDING_BIT, RtpPacket, csrc_end};
use crate::{PacketInfo, ParseError};

impl RtpPacket {
    /// Checks `data` and takes it over; the payload stays in its buffer, the header's bytes are copied.
    ///
    /// Does not allocate for headers of up to 64 bytes.
    ///
    /// # Errors
    /// [`ParseError`] when `data` is not one RTP packet: version not 2; shorter than fixed header, CSRCs and
    /// extension block; padding bit with a count of 0 or larger than what follows the header. `data` is dropped then;
    /// [`parse_or_return`](Self::parse_or_return) gives it back. Elements of the extension block are not looked at
    /// before they are read: see [`extensions_malformed`](Self::extensions_malformed).
    #[inline]
    pub fn parse(data: Bytes) -> Result<Self, ParseError> {
        let layout = Layout::of(&data)?;
        Ok(Self::from_layout(data, layout))
    }

    /// Like [`parse`](Self::parse), but an error comes with the bytes, to pass them on or to count them.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    #[inline]
    pub fn parse_or_return(data: Bytes) -> Result<Self, (ParseError, Bytes)> {
        match Layout::of(&data) {
            Ok(layout) => Ok(Self::from_layout(data, layout)),
            Err(error) => Err((error, data)),
        }
    }

    /// Like [`parse_or_return`](Self::parse_or_return), for a packet that becomes part of something larger: `parsed` or
    /// `malformed` makes that of it. A packet is large, and copying one that was just written waits for the writes.
    #[inline(always)]
    pub fn parse_with<R>(
        data: Bytes,
        parsed: impl FnOnce(Self) -> R,
        malformed: impl FnOnce(ParseError, Bytes) -> R,
    ) -> R {
        match Layout::of(&data) {
            Ok(layout) => parsed(Self::from_layout(data, layout)),
            Err(error) => malformed(error, data),
        }
    }

    // Built where it goes: out of line it would be moved once more, and packets are large.
    #[inline(always)]
    fn from_layout(mut data: Bytes, layout: Layout) -> Self {
        let header = match data.first_chunk::<INLINE_HEADER_LEN>() {
            // A copy of constant size is a few moves instead of a call; what is behind the header is never looked at.
            Some(start) if layout.header_len <= INLINE_HEADER_LEN => {
                SmallVec::from_buf_and_len(*start, layout.header_len)
            }
            _ => SmallVec::from_slice(data.get(..layout.header_len).unwrap_or_default()),
        };
        // Shortens in place: the reference count is not touched.
        data.advance(header.len());
        Self { header, payload: data, info: PacketInfo::default(), padding_len: layout.padding_len }
    }

    /// A packet from a header's bytes and what follows them, which is not copied: the opposite of
    /// [`header`](Self::header) and [`payload_and_padding`](Self::payload_and_padding).
    ///
    /// Checked as [`parse`](Self::parse) checks the two in one piece. Does not allocate for headers of up to 64 bytes.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); also when `header` is longer than its own fields say.
    #[inline]
    pub fn from_parts(header: &[u8], payload_and_padding: Bytes) -> Result<Self, ParseError> {
        let mut packet = Self::default();
        packet.set_parts(header, payload_and_padding)?;
        Ok(packet)
    }

    /// As [`from_parts`](Self::from_parts), in place: [`info`](Self::info) stays as it is.
    ///
    /// # Errors
    /// As [`from_parts`](Self::from_parts); the packet is unchanged then.
    #[inline]
    pub fn set_parts(&mut self, header: &[u8], payload_and_padding: Bytes) -> Result<(), ParseError> {
        let (first, header_len) = check_header(header)?;
        if header_len != header.len() {
            return Err(ParseError::Truncated {
                what: "header without surplus",
                needed: header_len,
                actual: header.len(),
            });
        }
        self.padding_len = check_padding(first, &payload_and_padding)?;
        self.payload = payload_and_padding;
        if let Some((fixed, rest)) = header.split_first_chunk::<FIXED_HEADER_LEN>() {
            self.header.truncate(FIXED_HEADER_LEN);
            self.put(0, *fixed);
            if !rest.is_empty() {
                self.header.extend_from_slice(rest);
            }
        }
        Ok(())
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
        let (first, header_len) = check_header(data)?;
        let rest = data.get(header_len..).unwrap_or_default();
        Ok(Self { header_len, padding_len: check_padding(first, rest)? })
    }
}

/// Checks the header that `data` starts with; gives its first byte and its length, at most that of `data`.
#[inline]
fn check_header(data: &[u8]) -> Result<(u8, usize), ParseError> {
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
    if data.len() < header_len {
        return Err(truncated("list of contributing sources", header_len, data));
    }
    Ok((first, header_len))
}

/// Checks the padding at the end of `rest`, which follows the header; gives its length.
#[inline]
fn check_padding(first: u8, rest: &[u8]) -> Result<u8, ParseError> {
    if first & PADDING_BIT == 0 {
        return Ok(0);
    }
    // RFC 3550 §5.1: the last octet counts the padding, itself included.
    let padding_len = rest.last().copied().unwrap_or(0);
    if padding_len == 0 || usize::from(padding_len) > rest.len() {
        return Err(ParseError::Padding { padding: padding_len, available: rest.len() });
    }
    Ok(padding_len)
}

/// Checks the length of the extension block at `start`, and gives its end.
fn check_extension_block(data: &[u8], start: usize) -> Result<usize, ParseError> {
    let Some(&[_, _, w0, w1]) = data.get(start..).and_then(|rest| rest.first_chunk()) else {
        return Err(truncated("header of the extension block", start + 4, data));
    };
    let end = start + 4 + 4 * usize::from(u16::from_be_bytes([w0, w1]));
    if end > data.len() {
        return Err(truncated("extension block", end, data));
    }
    Ok(end)
}

#[cold]
fn truncated(what: &'static str, needed: usize, data: &[u8]) -> ParseError {
    ParseError::Truncated { what, needed, actual: data.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_packet_that_they_came_from() {
        let packet =
            RtpPacket::builder().ssrc(7).csrc(9).extension(3, &[1, 2]).payload(&b"media"[..]).padding(4);
        let packet = packet.build().unwrap();
        let again = RtpPacket::from_parts(packet.header(), packet.payload_and_padding().clone()).unwrap();
        assert_eq!(again, packet);
        assert_eq!((again.padding_len(), again.payload()), (4, &b"media"[..]));
    }

    #[test]
    fn parts_take_the_place_of_what_was_there_and_leave_what_is_known() {
        let long = RtpPacket::builder().csrc(9).extension(3, &[1; 16]).payload(&b"long"[..]).padding(4);
        let (long, short) = (long.build().unwrap(), RtpPacket::default());
        let mut packet = RtpPacket::default();
        packet.info_mut().seen_unbound = true;
        for parts in [&long, &short, &long] {
            packet.set_parts(parts.header(), parts.payload_and_padding().clone()).unwrap();
            assert_eq!((&packet, packet.padding_len()), (parts, parts.padding_len()));
            assert!(packet.info().seen_unbound);
        }
        assert!(packet.set_parts(&[0x80; 13], Bytes::new()).is_err());
        assert!(packet.set_parts(&[0xa0; 12], Bytes::new()).is_err());
        assert_eq!(packet, long, "an error changes nothing");
    }

    #[test]
    fn refuses_parts_that_do_not_fit() {
        let header = [0x80; 12];
        let from = |header: &[u8]| RtpPacket::from_parts(header, Bytes::new());
        assert!(from(&header).is_ok());
        assert!(matches!(from(&[0x80; 13]), Err(ParseError::Truncated { needed: 12, actual: 13, .. })));
        assert!(matches!(from(&[0x80; 11]), Err(ParseError::Truncated { needed: 12, actual: 11, .. })));
        assert!(matches!(from(&[0xa0; 12]), Err(ParseError::Padding { padding: 0, available: 0 })));
    }
}
