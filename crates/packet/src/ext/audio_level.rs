//! How loud the audio of a packet is (RFC 6464).

use super::HeaderExtension;

const VOICE: u8 = 0x80;

/// The level of the audio in a packet, as its sender says; nobody has checked it.
///
/// The default is digital silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AudioLevel {
    voice: bool,
    level: u8,
}

impl AudioLevel {
    /// The level of silence.
    pub const SILENCE: u8 = 127;

    /// A level of `level` −dBov, 0 (the loudest) to 127; what is more counts as 127. `voice` says that the sender takes
    /// it for speech.
    #[inline]
    #[must_use]
    pub const fn new(voice: bool, level: u8) -> Self {
        Self { voice, level: if level > Self::SILENCE { Self::SILENCE } else { level } }
    }

    /// Whether the sender takes it for speech. One that cannot tell says `true` of everything, or `false`: signalling
    /// tells whether the bit means anything (`vad=on`, RFC 6464 §4).
    #[inline]
    #[must_use]
    pub const fn voice(self) -> bool {
        self.voice
    }

    /// −dBov: 0 is the loudest, 127 silence.
    #[inline]
    #[must_use]
    pub const fn level(self) -> u8 {
        self.level
    }
}

impl Default for AudioLevel {
    fn default() -> Self {
        Self::new(false, Self::SILENCE)
    }
}

impl HeaderExtension for AudioLevel {
    const URI: &'static str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    const MAX_LEN: usize = 1;
    type Bytes = [u8; 1];

    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let [byte] = value.try_into().ok()?;
        Some(Self { voice: byte & VOICE != 0, level: byte & !VOICE })
    }

    #[inline]
    fn to_bytes(&self) -> [u8; 1] {
        [self.level | if self.voice { VOICE } else { 0 }]
    }
}
