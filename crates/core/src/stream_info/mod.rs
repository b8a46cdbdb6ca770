//! What was negotiated for one media stream.

mod check;
mod clock;
mod codec;
mod repair;

pub use clock::ClockRates;
pub use codec::Codec;
pub use repair::{FecInfo, FecScheme, RedInfo, RtxInfo, RtxPayloadType};

/// One media stream as SDP describes it: its SSRCs, codecs, repair, feedback and header extensions.
///
/// The RTX and FEC SSRCs belong to the media stream: the chain routes all three to the same interceptors and states. What
/// is learnt later (by signalling, or from the first packets) is told with
/// [`Chain::amend_local`](crate::Chain::amend_local) and [`amend_remote`](crate::Chain::amend_remote); only the media SSRC
/// is for good.
///
/// ```
/// use interceptor_core::{Codec, StreamInfo};
/// let video = StreamInfo::new(0x1122_3344, 96, 90_000)
///     .with_mime_type("video/VP8")
///     .with_codec(Codec::new(98, 90_000).with_mime_type("video/VP9"))
///     .with_feedback("nack", "")
///     .with_feedback("nack", "pli")
///     .with_rtx(0x5566_7788, 97)
///     .with_rtx_payload_type(99, 98)
///     .with_extension(4, "urn:ietf:params:rtp-hdrext:sdes:mid");
/// assert!(video.has_feedback("nack", "pli") && !video.has_feedback("goog-remb", ""));
/// assert_eq!(video.extension_id("urn:ietf:params:rtp-hdrext:sdes:mid"), Some(4));
/// assert_eq!(video.codec(98).map(|codec| &*codec.mime_type), Some("video/VP9"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StreamInfo {
    /// A name for logs, metrics and captures; not on the wire. Empty unless set.
    pub name: String,
    /// The media SSRC.
    pub ssrc: u32,
    /// The payload types that media may come with, the preferred one first; each has its own clock (RFC 7160). Empty when
    /// unknown: then nothing that needs a clock is computed.
    pub codecs: Vec<Codec>,
    /// SSRCs on which the sender sends copies of the media, with the same numbers and timestamps (`a=ssrc-group:DUP`, RFC 7104). The
    /// chain routes them as media of this stream; whoever merges copies gives them the media's SSRC.
    pub duplicates: Vec<u32>,
    /// The retransmission stream (RFC 4588), if negotiated.
    pub rtx: Option<RtxInfo>,
    /// Forward error correction, if negotiated.
    pub fec: Option<FecInfo>,
    /// Redundant encoding (RFC 2198), if negotiated.
    pub red: Option<RedInfo>,
    /// The media section's identification (`a=mid`, RFC 8843). Empty when unknown.
    pub mid: String,
    /// The restriction identifier of a simulcast layer (`a=rid`, RFC 8851). Empty when there is none.
    pub rid: String,
    /// What the sender of this stream can make use of, if it says so.
    pub bitrate: Option<BitrateRange>,
    /// Negotiated header extensions (RFC 8285).
    pub header_extensions: Vec<HeaderExtension>,
    /// Negotiated `a=rtcp-fb` feedback (RFC 4585).
    pub feedback: Vec<RtcpFeedback>,
}

/// The bit rates that a stream's encoder can make use of: congestion control shares what there is among the streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BitrateRange {
    /// The least that is of use, in bits per second.
    pub min: u64,
    /// The most, in bits per second; not under `min`.
    pub max: u64,
    /// The stream's share of what is left above all minima, beside the weights of the others. Default 1.
    pub weight: u32,
    /// Should the stream rather pause than fall below its minimum?
    pub pauses: bool,
}

impl BitrateRange {
    /// From `min` to `max` bits per second.
    #[must_use]
    pub const fn new(min: u64, max: u64) -> Self {
        Self { min, max, weight: 1, pauses: false }
    }

    /// The stream's share beside the weights of the others.
    #[must_use]
    pub const fn with_weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// Should the stream rather pause than fall below its minimum?
    #[must_use]
    pub const fn with_pauses(mut self, pauses: bool) -> Self {
        self.pauses = pauses;
        self
    }
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
    /// A stream with this media SSRC, and its first codec: a payload type on an RTP clock in Hz.
    #[must_use]
    pub fn new(ssrc: u32, payload_type: u8, clock_rate: u32) -> Self {
        Self { codecs: vec![Codec::new(payload_type, clock_rate)], ..Self::unknown(ssrc) }
    }

    /// A stream of which only the media SSRC is known.
    #[must_use]
    pub fn unknown(ssrc: u32) -> Self {
        Self { ssrc, ..Self::default() }
    }

    /// The preferred codec; `None` when none is known.
    #[must_use]
    pub fn primary(&self) -> Option<&Codec> {
        self.codecs.first()
    }

    /// The codec of a payload type.
    #[must_use]
    pub fn codec(&self, payload_type: u8) -> Option<&Codec> {
        self.codecs.iter().find(|codec| codec.payload_type == payload_type)
    }

    /// The RTP clock of a payload type in Hz; 0 when unknown.
    #[must_use]
    pub fn clock_rate(&self, payload_type: u8) -> u32 {
        self.codec(payload_type).map_or(0, |codec| codec.clock_rate)
    }

    /// Is the preferred codec audio?
    #[must_use]
    pub fn is_audio(&self) -> bool {
        self.primary().is_some_and(Codec::is_audio)
    }

    /// Is the preferred codec video?
    #[must_use]
    pub fn is_video(&self) -> bool {
        self.primary().is_some_and(Codec::is_video)
    }

    /// Names the stream for logs, metrics and captures.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Adds a codec behind those there are.
    #[must_use]
    pub fn with_codec(mut self, codec: Codec) -> Self {
        self.codecs.push(codec);
        self
    }

    /// Media type and codec of the first codec, for example `audio/opus`; nothing without one.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<String>) -> Self {
        if let Some(codec) = self.codecs.first_mut() {
            codec.mime_type = mime_type.into();
        }
        self
    }

    /// The number of audio channels of the first codec; nothing without one.
    #[must_use]
    pub fn with_channels(mut self, channels: u16) -> Self {
        if let Some(codec) = self.codecs.first_mut() {
            codec.channels = channels;
        }
        self
    }

    /// The `a=fmtp` parameters of the first codec, verbatim; nothing without one.
    #[must_use]
    pub fn with_fmtp(mut self, fmtp: impl Into<String>) -> Self {
        if let Some(codec) = self.codecs.first_mut() {
            codec.fmtp = fmtp.into();
        }
        self
    }

    /// Retransmissions of the first codec travel on this SSRC with this payload type. Without a codec the pairs are unknown.
    #[must_use]
    pub fn with_rtx(mut self, ssrc: u32, payload_type: u8) -> Self {
        let pair =
            self.primary().map(|codec| RtxPayloadType { rtx: payload_type, media: codec.payload_type });
        self.rtx = Some(RtxInfo { ssrc, payload_types: pair.into_iter().collect() });
        self
    }

    /// Retransmissions travel on this SSRC; which payload type retransmits which is unknown.
    #[must_use]
    pub fn with_rtx_ssrc(mut self, ssrc: u32) -> Self {
        self.rtx = Some(RtxInfo { ssrc, payload_types: Vec::new() });
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

    /// One more SSRC on which copies of the media come.
    #[must_use]
    pub fn with_duplicate(mut self, ssrc: u32) -> Self {
        self.duplicates.push(ssrc);
        self
    }

    /// Forward error correction.
    #[must_use]
    pub const fn with_fec(mut self, fec: FecInfo) -> Self {
        self.fec = Some(fec);
        self
    }

    /// Redundant encoding.
    #[must_use]
    pub const fn with_red(mut self, red: RedInfo) -> Self {
        self.red = Some(red);
        self
    }

    /// The media section's identification.
    #[must_use]
    pub fn with_mid(mut self, mid: impl Into<String>) -> Self {
        self.mid = mid.into();
        self
    }

    /// The restriction identifier of a simulcast layer.
    #[must_use]
    pub fn with_rid(mut self, rid: impl Into<String>) -> Self {
        self.rid = rid.into();
        self
    }

    /// What the sender of this stream can make use of.
    #[must_use]
    pub const fn with_bitrate(mut self, bitrate: BitrateRange) -> Self {
        self.bitrate = Some(bitrate);
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

    /// Every SSRC of the stream: media, then RTX, then FEC, then those of copies.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + '_ {
        let rtx = self.rtx.iter().map(|rtx| rtx.ssrc);
        let own = std::iter::once(self.ssrc).chain(rtx).chain(self.fec.and_then(|fec| fec.ssrc));
        own.chain(self.duplicates.iter().copied())
    }
}
