//! A sample's frames on the clock of their RTP timestamps.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{SampleError, ivf, opus};

static VIDEO: &[u8] = include_bytes!("../../sample/testcard.ivf");
static AUDIO: &[u8] = include_bytes!("../../sample/arpeggio.opus");

/// Which of the two media a packet or stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Opus, 48 kHz RTP clock (RFC 7587 §4.1).
    Audio,
    /// VP8, 90 kHz RTP clock (RFC 7741 §4.1).
    Video,
}

impl Kind {
    /// `audio` or `video`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }

    /// RTP clock rate in Hz.
    #[must_use]
    pub const fn clock_rate(self) -> u32 {
        match self {
            Self::Audio => 48_000,
            Self::Video => 90_000,
        }
    }
}

/// One encoded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// When the frame is due, in ticks of the RTP clock since the first frame.
    pub ticks: u64,
    /// The encoder's bytes, without any container or RTP framing.
    pub data: Bytes,
}

/// All frames of one medium and how long they play.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Track {
    /// Audio or video.
    pub kind: Kind,
    /// The frames, in order; never empty.
    pub frames: Vec<Frame>,
    /// Length of one pass in ticks of the RTP clock: the first frame of the next pass is due then. Never 0.
    pub length_ticks: u64,
}

impl Track {
    /// The embedded moving test card: VP8, 320×180, 30 frames a second, 5 s.
    ///
    /// # Errors
    /// None with the file that is embedded; the reader is the same as [`Track::from_ivf`].
    pub fn embedded_video() -> Result<Self, SampleError> {
        Self::from_ivf(&Bytes::from_static(VIDEO))
    }

    /// The embedded arpeggio: Opus, 48 kHz stereo, 20 ms frames, 5 s.
    ///
    /// # Errors
    /// None with the file that is embedded; the reader is the same as [`Track::from_ogg_opus`].
    pub fn embedded_audio() -> Result<Self, SampleError> {
        Self::from_ogg_opus(&Bytes::from_static(AUDIO))
    }

    /// Reads a VP8 elementary stream from an IVF file. Frames are slices of `file`, not copies.
    ///
    /// # Errors
    /// [`SampleError::Ivf`] for another format or codec, [`SampleError::IvfTruncated`] for a cut file,
    /// [`SampleError::Empty`] for one without frames.
    pub fn from_ivf(file: &Bytes) -> Result<Self, SampleError> {
        ivf::read(file)
    }

    /// Reads an Opus elementary stream from an Ogg file (RFC 7845) with one logical stream.
    ///
    /// # Errors
    /// [`SampleError::Ogg`] for a damaged container, [`SampleError::Opus`] for other contents,
    /// [`SampleError::Empty`] for a file without audio packets.
    pub fn from_ogg_opus(file: &Bytes) -> Result<Self, SampleError> {
        opus::read(file)
    }

    /// When `ticks` of this track's RTP clock have passed, to the nanosecond below.
    #[must_use]
    pub fn time_of(&self, ticks: u64) -> Duration {
        let rate = u64::from(self.kind.clock_rate());
        let nanos = (ticks % rate) * 1_000_000_000 / rate;
        Duration::from_secs(ticks / rate) + Duration::from_nanos(nanos)
    }
}
