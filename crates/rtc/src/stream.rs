//! What the stack says of a stream, in the chain's words.

use interceptor_core::{Codec, FecInfo, FecScheme, StreamInfo};

/// A stream as the chain describes it: SSRCs, the one codec that the stack names, feedback and header extensions.
///
/// RTX and FEC count when both their SSRC and their payload type are there: with one of them alone nothing could be sent or told
/// apart. FEC is FlexFEC-03, the only one that the stack looks for. Identifiers of header extensions outside 1..=255 are left
/// out. The stack does not tell MID, RID and RED.
#[must_use]
pub fn stream_info(info: &rtc_interceptor::StreamInfo) -> StreamInfo {
    let codec = Codec::new(info.payload_type, info.clock_rate)
        .with_mime_type(info.mime_type.as_str())
        .with_channels(info.channels)
        .with_fmtp(info.sdp_fmtp_line.as_str());
    let mut stream = StreamInfo::unknown(info.ssrc).with_codec(codec);
    if let (Some(ssrc), Some(payload_type)) = (info.ssrc_rtx, info.payload_type_rtx) {
        stream = stream.with_rtx(ssrc, payload_type);
    }
    if let (Some(ssrc), Some(payload_type)) = (info.ssrc_fec, info.payload_type_fec) {
        stream = stream.with_fec(FecInfo::new(FecScheme::FlexFec03, payload_type).with_ssrc(ssrc));
    }
    for extension in &info.rtp_header_extensions {
        if let Some(id) = u8::try_from(extension.id).ok().filter(|id| *id > 0) {
            stream = stream.with_extension(id, extension.uri.as_str());
        }
    }
    for feedback in &info.rtcp_feedback {
        stream = stream.with_feedback(feedback.typ.as_str(), feedback.parameter.as_str());
    }
    stream
}
