//! What the chain needs to have negotiated, in the host's words.

use interceptor::registry::Registry;
use interceptor_core::{Media, Need};
use webrtc::api::media_engine::MediaEngine;
use webrtc::api::setting_engine::SettingEngine;
use webrtc::error::Error;
use webrtc::rtp_transceiver::RTCPFeedback;
use webrtc::rtp_transceiver::rtp_codec::{
    RTCRtpCodecCapability, RTCRtpCodecParameters, RTCRtpHeaderExtensionCapability, RTPCodecType,
};

use crate::book::is_rtx;
use crate::{ChainBuilder, Connections};

/// Packets back from the newest that SRTP still accepts, once [`configure`] has set it. The host's default is 64: what is sent
/// again on the media's own SSRC comes later than that and would be taken for a replay. 4096 holds the 2048 packets
/// that `interceptor-nack` keeps of a stream by default with as many to spare, in 512 bytes a stream.
pub const REPLAY_WINDOW: usize = 4096;

/// The payload types of video that `MediaEngine::register_default_codecs` registers, and free ones to retransmit them with.
const DEFAULT_VIDEO: [(u8, u8); 14] = [
    (96, 97),
    (98, 99),
    (100, 101),
    (102, 103),
    (127, 122),
    (125, 107),
    (108, 109),
    (123, 124),
    (118, 117),
    (119, 114),
    (120, 115),
    (121, 113),
    (41, 42),
    (126, 112),
];

/// What these codecs have of themselves.
const DEFAULT_VIDEO_FEEDBACK: [(&str, &str); 4] =
    [("goog-remb", ""), ("ccm", "fir"), ("nack", ""), ("nack", "pli")];

/// Adds `ours` to the host's registry, and sets all that its interceptors need up in the host's engines, with the host's default
/// codecs: [`configure_with_codecs`] takes others.
///
/// `engine` is new: `MediaEngine::default()`. For everything else `settings` stays as it is; see
/// [`configure_settings`].
///
/// # Errors
/// The host's, when there is no identifier left for a header extension.
pub fn configure(
    registry: Registry,
    ours: ChainBuilder,
    engine: &mut MediaEngine,
    settings: &mut SettingEngine,
) -> Result<(Registry, Connections), Error> {
    engine.register_default_codecs()?;
    let needs = ours.needs();
    for (typ, parameter) in feedback(&needs, Media::Video) {
        if !DEFAULT_VIDEO_FEEDBACK.contains(&(typ, parameter)) {
            engine.register_feedback(rtcp_feedback(typ, parameter), RTPCodecType::Video);
        }
    }
    for (typ, parameter) in feedback(&needs, Media::Audio) {
        engine.register_feedback(rtcp_feedback(typ, parameter), RTPCodecType::Audio);
    }
    if wants_rtx(&needs) {
        for (media, rtx) in DEFAULT_VIDEO {
            register_rtx(engine, rtx, media)?;
        }
    }
    finish(registry, ours, engine, settings)
}

/// [`configure`] with codecs of your own: those of each kind in the order of preference. Feedback that the chain needs is added to
/// them, and to each of video that has none among them a codec that retransmits it, on a payload type that none of them has, as long as
/// there are any.
///
/// # Errors
/// The host's, when there is no identifier left for a header extension.
pub fn configure_with_codecs(
    registry: Registry,
    ours: ChainBuilder,
    engine: &mut MediaEngine,
    settings: &mut SettingEngine,
    codecs: &[(RTCRtpCodecParameters, RTPCodecType)],
) -> Result<(Registry, Connections), Error> {
    let needs = ours.needs();
    for (codec, kind) in codecs {
        let mut codec = codec.clone();
        for (typ, parameter) in feedback(&needs, media(*kind)) {
            let wanted = rtcp_feedback(typ, parameter);
            if !codec.capability.rtcp_feedback.contains(&wanted) {
                codec.capability.rtcp_feedback.push(wanted);
            }
        }
        engine.register_codec(codec, *kind)?;
    }
    if wants_rtx(&needs) {
        let taken = |payload_type: u8| codecs.iter().any(|(codec, _)| codec.payload_type == payload_type);
        // Dynamic types (RFC 3551 §6).
        let mut free = (96..=127).filter(|payload_type| !taken(*payload_type));
        let video = codecs.iter().filter(|(_, kind)| *kind == RTPCodecType::Video);
        for (codec, _) in video.filter(|(codec, _)| !repeats(codec) && !is_repeated(codec, codecs)) {
            let Some(rtx) = free.next() else { break };
            register_rtx(engine, rtx, codec.payload_type)?;
        }
    }
    finish(registry, ours, engine, settings)
}

/// Does it retransmit another?
fn repeats(codec: &RTCRtpCodecParameters) -> bool {
    is_rtx(&codec.capability.mime_type)
}

/// Does one of these retransmit it?
fn is_repeated(codec: &RTCRtpCodecParameters, by: &[(RTCRtpCodecParameters, RTPCodecType)]) -> bool {
    let apt = format!("apt={}", codec.payload_type);
    by.iter().any(|(rtx, _)| {
        repeats(rtx) && rtx.capability.sdp_fmtp_line.split(';').any(|parameter| parameter.trim() == apt)
    })
}

/// Registers a codec that retransmits the payload type `media` as `rtx`. Without one the host opens no stream to send again on.
///
/// # Errors
/// The host's.
pub fn register_rtx(engine: &mut MediaEngine, rtx: u8, media: u8) -> Result<(), Error> {
    let capability = RTCRtpCodecCapability {
        mime_type: "video/rtx".to_owned(),
        clock_rate: 90_000,
        sdp_fmtp_line: format!("apt={media}"),
        ..RTCRtpCodecCapability::default()
    };
    let codec = RTCRtpCodecParameters { capability, payload_type: rtx, ..RTCRtpCodecParameters::default() };
    engine.register_codec(codec, RTPCodecType::Video)
}

/// Opens streams to send again on, and has SRTP accept [`REPLAY_WINDOW`] packets back: what [`configure`] does for chains that
/// retransmit.
pub fn configure_settings(settings: &mut SettingEngine) {
    settings.enable_sender_rtx(true);
    settings.set_srtp_replay_protection_window(REPLAY_WINDOW);
}

fn finish(
    mut registry: Registry,
    ours: ChainBuilder,
    engine: &mut MediaEngine,
    settings: &mut SettingEngine,
) -> Result<(Registry, Connections), Error> {
    for need in ours.needs() {
        let Need::HeaderExtension { media, uri, .. } = need else { continue };
        for kind in kinds(media) {
            let extension = RTCRtpHeaderExtensionCapability { uri: uri.to_owned() };
            engine.register_header_extension(extension, *kind, None)?;
        }
    }
    configure_settings(settings);
    let connections = ours.connections();
    registry.add(Box::new(ours));
    Ok((registry, connections))
}

fn feedback(needs: &[Need], of: Media) -> impl Iterator<Item = (&'static str, &'static str)> {
    needs.iter().filter_map(move |need| match need {
        Need::Feedback { media, kind, parameter, .. } if *media == of || *media == Media::Any => {
            Some((*kind, *parameter))
        }
        _ => None,
    })
}

fn wants_rtx(needs: &[Need]) -> bool {
    needs.iter().any(|need| matches!(need, Need::Codec { name, .. } if name.eq_ignore_ascii_case("rtx")))
}

fn rtcp_feedback(typ: &str, parameter: &str) -> RTCPFeedback {
    RTCPFeedback { typ: typ.to_owned(), parameter: parameter.to_owned() }
}

const fn media(kind: RTPCodecType) -> Media {
    match kind {
        RTPCodecType::Audio => Media::Audio,
        _ => Media::Video,
    }
}

const fn kinds(media: Media) -> &'static [RTPCodecType] {
    match media {
        Media::Audio => &[RTPCodecType::Audio],
        Media::Video => &[RTPCodecType::Video],
        _ => &[RTPCodecType::Audio, RTPCodecType::Video],
    }
}
