//! How loud each source is that a mixer has put into a packet (RFC 6465).

use super::{HeaderExtension, InlineBytes};

const RESERVED: u8 = 0x80;

/// The levels of a packet's contributing sources, in the order of its CSRC list: 1 to 15 of them.
///
/// Whether the list is as long as this is for the reader to see: `packet.csrcs().zip(levels.iter())` takes what both
/// have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MixerLevels(InlineBytes);

impl MixerLevels {
    /// The most contributing sources that a packet can have (RFC 3550 §5.1).
    pub const MAX: usize = 15;

    /// Levels in −dBov, 0 (the loudest) to 127 (silence); what is more counts as 127. `None` unless there are 1 to 15.
    #[must_use]
    pub fn new(levels: &[u8]) -> Option<Self> {
        Self::of(levels, |level| level.min(127))
    }

    /// Levels in −dBov, 0 (the loudest) to 127 (silence).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u8> + '_ {
        self.0.iter().copied()
    }

    /// How many there are, 1..=15.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    fn of(levels: &[u8], level: impl Fn(u8) -> u8) -> Option<Self> {
        if !(1..=Self::MAX).contains(&levels.len()) {
            return None;
        }
        let mut bytes = [0; InlineBytes::CAPACITY];
        bytes.iter_mut().zip(levels).for_each(|(to, from)| *to = level(*from));
        Some(Self(InlineBytes::prefix(bytes, levels.len())))
    }
}

impl HeaderExtension for MixerLevels {
    const URI: &'static str = "urn:ietf:params:rtp-hdrext:csrc-audio-level";
    const MAX_LEN: usize = Self::MAX;
    type Bytes = InlineBytes;

    /// The top bit of each byte is reserved, and ignored.
    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        Self::of(value, |byte| byte & !RESERVED)
    }

    #[inline]
    fn to_bytes(&self) -> InlineBytes {
        self.0
    }
}
