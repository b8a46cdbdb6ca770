//! Fills a media engine with what interceptors need.

use interceptor_core::{Media, Need};
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_RTX, MediaEngine};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpHeaderExtensionCapability, RtpCodecKind,
};

use super::{Codecs, ConfigureError};

/// Of all video codecs, and so of what retransmits them (RFC 4588 §8.1).
const VIDEO_CLOCK: u32 = 90_000;

/// Registers codecs, then what is needed of them; gives what it could not do. The engine adds feedback to the codecs that it has
/// at the time.
pub(super) fn fill(
    media: &mut MediaEngine,
    codecs: Codecs,
    needs: Vec<Need>,
) -> Result<Vec<Need>, ConfigureError> {
    let retransmitted = needs.iter().any(|need| matches!(need, Need::Codec { name: "rtx", .. }));
    let knows_codecs = !matches!(codecs, Codecs::Registered);
    match codecs {
        Codecs::Stack => {
            let registered = media.register_default_codecs();
            registered.map_err(|source| refused("its own codecs", source))?;
        }
        Codecs::These(codecs) => register(media, codecs, retransmitted)?,
        Codecs::Registered => {}
    }
    let mut unmet = Vec::new();
    for need in needs {
        if !meet(media, &need, knows_codecs)? {
            unmet.push(need);
        }
    }
    Ok(unmet)
}

/// Can the engine be told?
fn meet(media: &mut MediaEngine, need: &Need, knows_codecs: bool) -> Result<bool, ConfigureError> {
    match need {
        Need::Feedback { media: of, kind, parameter, .. } => {
            for typ in kinds(*of) {
                let feedback = RTCPFeedback { typ: (*kind).to_owned(), parameter: (*parameter).to_owned() };
                media.register_feedback(feedback, *typ);
            }
        }
        Need::HeaderExtension { media: of, uri, .. } => {
            for typ in kinds(*of) {
                let extension = RTCRtpHeaderExtensionCapability { uri: (*uri).to_owned() };
                let registered = media.register_header_extension(extension, *typ, None);
                registered.map_err(|source| refused(uri, source))?;
            }
        }
        Need::Codec { name: "rtx", .. } => return Ok(knows_codecs),
        _ => return Ok(false),
    }
    Ok(true)
}

const fn kinds(media: Media) -> &'static [RtpCodecKind] {
    match media {
        Media::Audio => &[RtpCodecKind::Audio],
        Media::Video => &[RtpCodecKind::Video],
        _ => &[RtpCodecKind::Audio, RtpCodecKind::Video],
    }
}

fn register(
    media: &mut MediaEngine,
    mut codecs: Vec<(RtpCodecKind, RTCRtpCodecParameters)>,
    retransmitted: bool,
) -> Result<(), ConfigureError> {
    if retransmitted {
        add_retransmissions(&mut codecs)?;
    }
    for (kind, codec) in codecs {
        let what = codec.rtp_codec.mime_type.clone();
        media.register_codec(codec, kind).map_err(|source| refused(&what, source))?;
    }
    Ok(())
}

/// Each video codec that has no retransmission codec gets one, on the first payload type that is free.
fn add_retransmissions(
    codecs: &mut Vec<(RtpCodecKind, RTCRtpCodecParameters)>,
) -> Result<(), ConfigureError> {
    let repaired: Vec<u8> = codecs.iter().filter_map(|(_, codec)| repaired_by(&codec.rtp_codec)).collect();
    let wanting: Vec<_> = codecs
        .iter()
        .filter(|(kind, codec)| *kind == RtpCodecKind::Video && is_media(&codec.rtp_codec))
        .filter(|(_, codec)| !repaired.contains(&codec.payload_type))
        .map(|(_, codec)| codec.clone())
        .collect();
    for codec in wanting {
        let taken = |payload_type: &u8| codecs.iter().any(|(_, codec)| codec.payload_type == *payload_type);
        // Dynamic types, and then those that RFC 5761 §4 leaves to them.
        let free = (96..=127).chain(35..=63).find(|payload_type| !taken(payload_type));
        let Some(payload_type) = free else {
            return Err(ConfigureError::PayloadTypes(codec.rtp_codec.mime_type));
        };
        codecs.push((RtpCodecKind::Video, retransmission(payload_type, codec.payload_type)));
    }
    Ok(())
}

fn retransmission(payload_type: u8, of: u8) -> RTCRtpCodecParameters {
    let rtp_codec = RTCRtpCodec {
        mime_type: MIME_TYPE_RTX.to_owned(),
        clock_rate: VIDEO_CLOCK,
        sdp_fmtp_line: format!("apt={of}"),
        ..RTCRtpCodec::default()
    };
    RTCRtpCodecParameters { rtp_codec, payload_type }
}

/// The payload type that a retransmission codec repairs.
fn repaired_by(codec: &RTCRtpCodec) -> Option<u8> {
    let mut parameters = codec.sdp_fmtp_line.split(';');
    parameters.find_map(|parameter| parameter.trim().strip_prefix("apt=")?.trim().parse().ok())
}

fn is_media(codec: &RTCRtpCodec) -> bool {
    let name = codec.mime_type.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    !matches!(name.as_str(), "rtx" | "red" | "ulpfec") && !name.starts_with("flexfec")
}

fn refused(what: &str, source: rtc_shared::error::Error) -> ConfigureError {
    ConfigureError::Media { what: what.to_owned(), source }
}
