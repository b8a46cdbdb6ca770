//! One payload type of a stream: what it carries, and on which clock.

/// A payload type as SDP describes it (`a=rtpmap`, `a=fmtp`).
///
/// ```
/// use interceptor_core::Codec;
/// let opus = Codec::new(111, 48_000).with_mime_type("audio/opus").with_channels(2).with_fmtp("useinbandfec=1");
/// assert_eq!((opus.payload_type, opus.clock_rate), (111, 48_000));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Codec {
    /// The payload type, 0..=127.
    pub payload_type: u8,
    /// Media type and codec, for example `video/VP8`. Empty when unknown.
    pub mime_type: String,
    /// The RTP clock in Hz; 0 when unknown (then nothing that needs a clock is computed).
    pub clock_rate: u32,
    /// Audio channels; 0 when unknown or not audio.
    pub channels: u16,
    /// The `a=fmtp` parameters, verbatim.
    pub fmtp: String,
}

impl Codec {
    /// A payload type on an RTP clock in Hz.
    #[must_use]
    pub const fn new(payload_type: u8, clock_rate: u32) -> Self {
        Self { payload_type, mime_type: String::new(), clock_rate, channels: 0, fmtp: String::new() }
    }

    /// Media type and codec, for example `audio/opus`.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = mime_type.into();
        self
    }

    /// The number of audio channels.
    #[must_use]
    pub const fn with_channels(mut self, channels: u16) -> Self {
        self.channels = channels;
        self
    }

    /// The `a=fmtp` parameters, verbatim.
    #[must_use]
    pub fn with_fmtp(mut self, fmtp: impl Into<String>) -> Self {
        self.fmtp = fmtp.into();
        self
    }

    /// Is it audio? Media types are compared without case.
    #[must_use]
    pub fn is_audio(&self) -> bool {
        self.is_of("audio/")
    }

    /// Is it video?
    #[must_use]
    pub fn is_video(&self) -> bool {
        self.is_of("video/")
    }

    fn is_of(&self, kind: &str) -> bool {
        self.mime_type.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))
    }
}
