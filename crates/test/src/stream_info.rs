//! Streams as a browser would negotiate them.

use interceptor_core::StreamInfo;

/// The identifier of the transport-wide sequence number extension in the streams of this module.
const TRANSPORT_CC_ID: u8 = 5;
const TRANSPORT_CC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// A stream of which nothing is negotiated but payload type 96 and a clock of 90 kHz.
#[must_use]
pub fn bare(ssrc: u32) -> StreamInfo {
    StreamInfo::new(ssrc, 96, 90_000)
}

/// VP8 with payload type 96: `nack`, `nack pli`, `ccm fir`, `transport-cc` with extension 5; no
/// retransmission stream.
#[must_use]
pub fn video(ssrc: u32) -> StreamInfo {
    bare(ssrc)
        .with_mime_type("video/VP8")
        .with_feedback("nack", "")
        .with_feedback("nack", "pli")
        .with_feedback("ccm", "fir")
        .with_feedback("transport-cc", "")
        .with_extension(TRANSPORT_CC_ID, TRANSPORT_CC)
}

/// [`video`] with retransmissions (RFC 4588) on `rtx_ssrc`, payload type 97.
#[must_use]
pub fn video_with_rtx(ssrc: u32, rtx_ssrc: u32) -> StreamInfo {
    video(ssrc).with_rtx(rtx_ssrc, 97)
}

/// Opus with payload type 111, 48 kHz, two channels: `transport-cc` with extension 5, no `nack`.
#[must_use]
pub fn audio(ssrc: u32) -> StreamInfo {
    StreamInfo::new(ssrc, 111, 48_000)
        .with_mime_type("audio/opus")
        .with_channels(2)
        .with_fmtp("minptime=10;useinbandfec=1")
        .with_feedback("transport-cc", "")
        .with_extension(TRANSPORT_CC_ID, TRANSPORT_CC)
}
