//! What was negotiated for one media stream.

/// One media stream as negotiated: its SSRCs, payload types, clock, feedback and header extensions.
///
/// The RTX and FEC SSRCs belong to the media stream: the chain routes all three to the same interceptors and states.
///
/// ```
/// use interceptor_core::StreamInfo;
/// let video = StreamInfo::new(0x1122_3344, 96, 90_000)
///     .with_mime_type("video/VP8")
///     .with_feedback("nack", "")
///     .with_feedback("nack", "pli")
///     .with_rtx(0x5566_7788, 97)
///     .with_extension(4, "urn:ietf:params:rtp-hdrext:sdes:mid");
/// assert!(video.has_feedback("nack", "pli") && !video.has_feedback("goog-remb", ""));
/// assert_eq!(video.extension_id("urn:ietf:params:rtp-hdrext:sdes:mid"), Some(4));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StreamInfo {
    /// A name for logs, metrics and captures; not on the wire. Empty unless set.
    pub name: String,
    /// The media SSRC.
    pub ssrc: u32,
    /// The media payload type, 0..=127.
    pub payload_type: u8,
    /// The RTP clock in Hz; 0 when unknown (then nothing that needs a clock is computed).
    pub clock_rate: u32,
    /// Media type and codec, for example `video/VP8`. Empty when unknown.
    pub mime_type: String,
    /// Audio channels; 0 when unknown or not audio.
    pub channels: u16,
    /// The `a=fmtp` parameters, verbatim.
    pub fmtp: String,
    /// The retransmission stream (RFC 4588), if negotiated.
    pub rtx: Option<RtxInfo>,
    /// The forward-error-correction stream, if negotiated.
    pub fec: Option<FecInfo>,
    /// Negotiated header extensions (RFC 8285).
    pub header_extensions: Vec<HeaderExtension>,
    /// Negotiated `a=rtcp-fb` feedback (RFC 4585).
    pub feedback: Vec<RtcpFeedback>,
}

/// The retransmission stream of a media stream (RFC 4588, SSRC-multiplexed).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtxInfo {
    /// The SSRC that retransmissions travel on.
    pub ssrc: u32,
    /// Which payload type retransmits which (`a=fmtp:97 apt=96`); RED streams have a pair more.
    pub payload_types: Vec<RtxPayloadType>,
}

/// One `apt` pair: retransmissions of `media` travel as `rtx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtxPayloadType {
    /// The payload type of the retransmission.
    pub rtx: u8,
    /// The payload type of the original.
    pub media: u8,
}

/// The FEC stream of a media stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FecInfo {
    /// The SSRC that repair packets travel on.
    pub ssrc: u32,
    /// Their payload type.
    pub payload_type: u8,
}

/// One negotiated header extension (RFC 8285).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderExtension {
    /// Its identifier on the wire, 1..=255 (1..=14 in the one-byte form).
    pub id: u8,
    /// What it carries.
    pub uri: String,
}

/// One negotiated feedback mechanism, `a=rtcp-fb:96 nack pli` being `nack` with parameter `pli`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtcpFeedback {
    /// `nack`, `ccm`, `transport-cc`, …
    pub kind: String,
    /// `pli`, `fir`, … or empty.
    pub parameter: String,
}

impl StreamInfo {
    /// A stream with this media SSRC, payload type and RTP clock in Hz.
    #[must_use]
    pub fn new(ssrc: u32, payload_type: u8, clock_rate: u32) -> Self {
        Self { ssrc, payload_type, clock_rate, ..Self::default() }
    }

    /// Names the stream for logs, metrics and captures.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
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

    /// Retransmissions travel on this SSRC with this payload type.
    #[must_use]
    pub fn with_rtx(mut self, ssrc: u32, payload_type: u8) -> Self {
        let media = self.payload_type;
        self.rtx = Some(RtxInfo { ssrc, payload_types: vec![RtxPayloadType { rtx: payload_type, media }] });
        self
    }

    /// One more `apt` pair of the retransmission stream (RED or several codecs); nothing without [`with_rtx`](Self::with_rtx).
    #[must_use]
    pub fn with_rtx_payload_type(mut self, rtx: u8, media: u8) -> Self {
        if let Some(info) = &mut self.rtx {
            info.payload_types.push(RtxPayloadType { rtx, media });
        }
        self
    }

    /// Repair packets travel on this SSRC with this payload type.
    #[must_use]
    pub const fn with_fec(mut self, ssrc: u32, payload_type: u8) -> Self {
        self.fec = Some(FecInfo { ssrc, payload_type });
        self
    }

    /// Adds a header extension.
    #[must_use]
    pub fn with_extension(mut self, id: u8, uri: impl Into<String>) -> Self {
        self.header_extensions.push(HeaderExtension { id, uri: uri.into() });
        self
    }

    /// Adds a feedback mechanism; `parameter` is empty for the plain form (generic `nack`).
    #[must_use]
    pub fn with_feedback(mut self, kind: impl Into<String>, parameter: impl Into<String>) -> Self {
        self.feedback.push(RtcpFeedback { kind: kind.into(), parameter: parameter.into() });
        self
    }

    /// Was this feedback negotiated? Compared without case, as SDP tokens are.
    #[must_use]
    pub fn has_feedback(&self, kind: &str, parameter: &str) -> bool {
        self.feedback
            .iter()
            .any(|f| f.kind.eq_ignore_ascii_case(kind) && f.parameter.eq_ignore_ascii_case(parameter))
    }

    /// The identifier of a header extension.
    #[must_use]
    pub fn extension_id(&self, uri: &str) -> Option<u8> {
        self.header_extensions.iter().find(|e| e.uri == uri).map(|e| e.id)
    }

    /// Every SSRC of the stream: media, then RTX, then FEC.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + '_ {
        let rtx = self.rtx.iter().map(|rtx| rtx.ssrc);
        std::iter::once(self.ssrc).chain(rtx).chain(self.fec.iter().map(|fec| fec.ssrc))
    }
}
