//! What str0m knows of a stream, as a chain wants to hear it.

use interceptor_core::{Codec, StreamInfo};
use str0m::format::PayloadParams;
use str0m::rtp::{ExtensionMap, Ssrc};

/// A stream of these SSRCs, with the payload types that it may come with, the preferred one first.
///
/// str0m has them in `Rtc::codec_config` (those of the media's kind) and the identifiers in `Media::remote_extmap`.
#[must_use]
pub fn stream_info<'a>(
    ssrc: Ssrc,
    rtx: Option<Ssrc>,
    codecs: impl IntoIterator<Item = &'a PayloadParams>,
    extensions: &ExtensionMap,
) -> StreamInfo {
    let mut info = StreamInfo::unknown(*ssrc);
    if let Some(rtx) = rtx {
        info = info.with_rtx_ssrc(*rtx);
    }
    for params in codecs {
        info = info.with_codec(codec(params));
        if let Some(resend) = params.resend() {
            info = info.with_rtx_payload_type(*resend, *params.pt());
        }
        info = feedback(info, params);
    }
    extensions.iter().fold(info, |info, (id, extension)| info.with_extension(id, extension.as_uri()))
}

fn codec(params: &PayloadParams) -> Codec {
    let spec = params.spec();
    let kind = if spec.codec.is_video() { "video" } else { "audio" };
    // G.722 has an RTP clock of 8 kHz, whatever it samples at (RFC 3551 §4.5.2).
    let clock_rate = if spec.codec == str0m::format::Codec::G722 { 8_000 } else { spec.clock_rate.get() };
    Codec::new(*params.pt(), clock_rate)
        .with_mime_type(format!("{kind}/{}", spec.codec))
        .with_channels(spec.channels.unwrap_or_default().into())
        .with_fmtp(spec.format.to_string())
}

/// What is negotiated for one of the payload types counts for the stream.
fn feedback(info: StreamInfo, params: &PayloadParams) -> StreamInfo {
    let negotiated = [
        (params.fb_nack(), "nack", ""),
        (params.fb_pli(), "nack", "pli"),
        (params.fb_fir(), "ccm", "fir"),
        (params.fb_remb(), "goog-remb", ""),
        (params.fb_transport_cc(), "transport-cc", ""),
    ];
    negotiated.into_iter().fold(info, |info, (agreed, kind, parameter)| {
        if agreed && !info.has_feedback(kind, parameter) { info.with_feedback(kind, parameter) } else { info }
    })
}
