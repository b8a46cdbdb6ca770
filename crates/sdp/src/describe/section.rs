//! One stream as a media section.

use interceptor_core::{Codec, FecInfo, FecScheme, StreamInfo};
use sdp_types::TransportProto;

use super::{Delivery, DescribeError, RtcpAt};
use crate::section::{Extension, Feedback, Format, RtcpAddress, Section, Source, SourceGroup};

pub(super) fn of(at: usize, delivery: &Delivery) -> Result<Section, DescribeError> {
    let stream = &delivery.stream;
    stream.check().map_err(|source| DescribeError::Invalid { at, source })?;
    let unknown = |what: String| DescribeError::Unknown { at, what };
    let primary = stream.primary().ok_or_else(|| unknown("its payload types".to_owned()))?;
    let (media, _) = primary.mime_type.split_once('/').ok_or_else(|| unknown(told(primary)))?;
    let feedback = delivery.feedback && !stream.feedback.is_empty();
    let proto = if feedback { TransportProto::RtpAvpf } else { TransportProto::RtpAvp };
    let mut section = Section {
        index: at,
        media: media.to_owned(),
        port: delivery.to.port(),
        proto: proto.as_str().to_owned(),
        address: Some(delivery.to.ip()),
        mid: stream.mid.clone(),
        rtcp_mux: delivery.rtcp == RtcpAt::SamePort,
        ..Section::default()
    };
    if let RtcpAt::Port(port) = delivery.rtcp {
        section.rtcp = Some(RtcpAddress { port, address: None });
    }
    for codec in &stream.codecs {
        section.formats.push(format(codec, media).ok_or_else(|| unknown(told(codec)))?);
        section.formats.extend(repeats(stream, codec.payload_type, codec.clock_rate));
    }
    section.formats.extend(repairs(stream, primary));
    if feedback {
        section.feedback = feedbacks(stream);
    }
    let extensions = stream.header_extensions.iter();
    section.extensions = extensions.map(|known| Extension::new(known.id, &*known.uri)).collect();
    announce(stream, &mut section);
    Ok(section)
}

fn told(codec: &Codec) -> String {
    format!("payload type {}", codec.payload_type)
}

/// `None`: its name, its clock or what kind of media it is, is not known.
fn format(codec: &Codec, media: &str) -> Option<Format> {
    let (kind, name) = codec.mime_type.split_once('/')?;
    let known = kind.eq_ignore_ascii_case(media) && !name.is_empty() && codec.clock_rate > 0;
    // Opus says two whatever it has (RFC 7587 §7).
    let channels = if name.eq_ignore_ascii_case("opus") { 2 } else { codec.channels };
    let (number, clock_rate) = (codec.payload_type, codec.clock_rate);
    let (name, fmtp) = (name.to_owned(), codec.fmtp.clone());
    known.then_some(Format { number, listed: true, name, clock_rate, channels, fmtp })
}

/// The payload types that retransmit another.
fn repeats(stream: &StreamInfo, media: u8, clock_rate: u32) -> impl Iterator<Item = Format> {
    let pairs = stream.rtx.iter().flat_map(|rtx| &rtx.payload_types);
    pairs.filter(move |pair| pair.media == media).map(move |pair| Format {
        number: pair.rtx,
        listed: true,
        name: "rtx".to_owned(),
        clock_rate,
        channels: 0,
        fmtp: format!("apt={media}"),
    })
}

/// Redundancy with its retransmissions, and forward error correction.
fn repairs(stream: &StreamInfo, primary: &Codec) -> Vec<Format> {
    let mut formats = Vec::new();
    if let Some(red) = stream.red {
        let carried = stream.codec(red.primary).unwrap_or(primary);
        // Only audio lists what its packets carry; video carries whatever says its own type.
        let list = vec![red.primary.to_string(); usize::from(red.levels) + 1].join("/");
        formats.push(Format {
            number: red.payload_type,
            listed: true,
            name: "red".to_owned(),
            clock_rate: carried.clock_rate,
            channels: if carried.is_audio() { carried.channels } else { 0 },
            fmtp: if carried.is_audio() { list } else { String::new() },
        });
        formats.extend(repeats(stream, red.payload_type, carried.clock_rate));
    }
    formats.extend(stream.fec.and_then(|fec| correction(fec, primary.clock_rate)));
    formats
}

/// `None` for what no SDP names: ST 2022-1 is told by ports.
fn correction(fec: FecInfo, clock_rate: u32) -> Option<Format> {
    let name = match fec.scheme {
        FecScheme::St2022_1 => return None,
        FecScheme::UlpFec => "ulpfec",
        FecScheme::FlexFec => "flexfec",
        _ => "flexfec-03",
    };
    let window = fec.repair_window.as_micros();
    let fmtp = if window > 0 { format!("repair-window={window}") } else { String::new() };
    let (number, name) = (fec.payload_type, name.to_owned());
    Some(Format { number, listed: true, name, clock_rate, channels: 0, fmtp })
}

fn feedbacks(stream: &StreamInfo) -> Vec<Feedback> {
    let codecs = stream.codecs.iter().map(|codec| codec.payload_type);
    let lines = codecs.flat_map(|number| {
        stream.feedback.iter().map(move |feedback| Feedback {
            number: Some(number),
            kind: feedback.kind.clone(),
            parameter: feedback.parameter.clone(),
        })
    });
    lines.collect()
}

/// The stream's SSRCs, where they are known.
fn announce(stream: &StreamInfo, section: &mut Section) {
    if stream.ssrc == 0 {
        return;
    }
    let rtx = stream.rtx.as_ref().filter(|rtx| !rtx.payload_types.is_empty()).map(|rtx| rtx.ssrc);
    let repairs = [("FID", rtx), ("FEC-FR", stream.fec.and_then(|fec| fec.ssrc))];
    for (semantics, ssrc) in repairs {
        section.source_groups.extend(ssrc.map(|ssrc| SourceGroup::new(semantics, [stream.ssrc, ssrc])));
    }
    // An RTX SSRC of which no group can tell what it is would be read as media.
    let untold = stream.rtx.as_ref().map(|rtx| rtx.ssrc).filter(|_| rtx.is_none());
    section.sources = stream.ssrcs().filter(|ssrc| Some(*ssrc) != untold).map(Source::new).collect();
}
