//! Which of several encodings of one source a packet belongs to, or repairs (RFC 8852 §3).

use std::fmt;

use super::{HeaderExtension, InlineBytes};

/// The identifier of an RTP stream (`a=rid`, RFC 8851 §4): 1 to 16 ASCII letters and digits (RFC 8852 §3).
///
/// SDES allows longer ones; a header extension of the one-byte form has no room for them, and browsers keep to that.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rid(InlineBytes);

impl Rid {
    /// An identifier; `None` unless it has 1 to 16 bytes, each an ASCII letter or digit.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        Self::read(id.as_bytes())
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl HeaderExtension for Rid {
    const URI: &'static str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    const MAX_LEN: usize = InlineBytes::CAPACITY;
    type Bytes = InlineBytes;

    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let is_id = !value.is_empty() && value.iter().all(u8::is_ascii_alphanumeric);
        InlineBytes::new(value).filter(|_| is_id).map(Self)
    }

    #[inline]
    fn to_bytes(&self) -> InlineBytes {
        self.0
    }
}

impl fmt::Display for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rid").field(&self.as_str()).finish()
    }
}

/// The identifier of the stream that a packet repairs; on packets of retransmission and FEC streams (RFC 8852 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RepairedRid(
    /// The repaired stream.
    pub Rid,
);

impl HeaderExtension for RepairedRid {
    const URI: &'static str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
    const MAX_LEN: usize = Rid::MAX_LEN;
    type Bytes = InlineBytes;

    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        Rid::read(value).map(Self)
    }

    #[inline]
    fn to_bytes(&self) -> InlineBytes {
        self.0.to_bytes()
    }
}
