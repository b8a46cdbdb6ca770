//! Which media description of a session a packet belongs to (RFC 8843 §15).

use std::fmt;

use super::{HeaderExtension, InlineBytes};

/// The identification tag of a media description (`a=mid`, RFC 5888 §4): 1 to 16 characters of an SDP token.
///
/// SDP allows longer tags; a header extension of the one-byte form has no room for them, and browsers keep to that.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mid(InlineBytes);

impl Mid {
    /// A tag; `None` unless it has 1 to 16 bytes, each a `token-char` (RFC 8866 §9).
    #[must_use]
    pub fn new(tag: &str) -> Option<Self> {
        Self::read(tag.as_bytes())
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// `token-char` of RFC 8866 §9.
const fn is_token_char(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x27 | 0x2a | 0x2b | 0x2d | 0x2e | 0x30..=0x39 | 0x41..=0x5a | 0x5e..=0x7e)
}

impl HeaderExtension for Mid {
    const URI: &'static str = "urn:ietf:params:rtp-hdrext:sdes:mid";
    const MAX_LEN: usize = InlineBytes::CAPACITY;
    type Bytes = InlineBytes;

    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let is_token = !value.is_empty() && value.iter().all(|byte| is_token_char(*byte));
        InlineBytes::new(value).filter(|_| is_token).map(Self)
    }

    #[inline]
    fn to_bytes(&self) -> InlineBytes {
        self.0
    }
}

impl fmt::Display for Mid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Mid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mid").field(&self.as_str()).finish()
    }
}
