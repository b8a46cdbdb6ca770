//! One attribute into a section.

use interceptor_core::Media;

use crate::section::format::payload_type;
use crate::section::{
    Extension, Feedback, Format, Msid, Rid, RtcpAddress, Section, Simulcast, Source, SourceGroup,
};

/// What it should have been, when it makes no sense. Who understands nothing of it passes it over (RFC 8866 §5.13).
pub(super) fn read(section: &mut Section, name: &str, value: &str) -> Result<(), &'static str> {
    match name {
        "rtpmap" => rtpmap(section, value).ok_or("NUMBER NAME/RATE, such as `a=rtpmap:96 VP8/90000`"),
        "fmtp" => fmtp(section, value).ok_or("NUMBER PARAMETERS, such as `a=fmtp:97 apt=96`"),
        "rtcp-fb" => push(&mut section.feedback, Feedback::parse(value))
            .ok_or("NUMBER KIND, such as `a=rtcp-fb:96 nack pli` or `a=rtcp-fb:* nack`"),
        "extmap" => push(&mut section.extensions, Extension::parse(value))
            .ok_or("NUMBER URI, such as `a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid`"),
        "ssrc" => ssrc(section, value).ok_or("SSRC ATTRIBUTE, such as `a=ssrc:1234 cname:x`"),
        "ssrc-group" => push(&mut section.source_groups, SourceGroup::parse(value))
            .ok_or("KIND SSRCS, such as `a=ssrc-group:FID 10 11`"),
        "msid" => push(&mut section.msids, Msid::parse(value)).ok_or("STREAM TRACK, such as `a=msid:a b`"),
        "rid" => push(&mut section.rids, Rid::parse(value))
            .ok_or("ID send or ID recv, such as `a=rid:hi send pt=96`"),
        "simulcast" => Simulcast::parse(value)
            .map(|simulcast| section.simulcast = simulcast)
            .ok_or("send IDS, recv IDS or both, such as `a=simulcast:send hi;lo`"),
        "rtcp" => RtcpAddress::parse(value)
            .map(|rtcp| section.rtcp = Some(rtcp))
            .ok_or("PORT, such as `a=rtcp:5005 IN IP4 192.0.2.1`"),
        "mid" if value.trim().is_empty() || value.trim().contains(char::is_whitespace) => {
            Err("a word, such as `a=mid:0`")
        }
        _ => {
            property(section, name, value);
            Ok(())
        }
    }
}

/// What cannot be malformed.
fn property(section: &mut Section, name: &str, value: &str) {
    let value = value.trim();
    match name {
        "mid" => value.clone_into(&mut section.mid),
        "rtcp-mux" | "rtcp-mux-only" => section.rtcp_mux = true,
        "rtcp-rsize" => section.rtcp_rsize = true,
        "rtcp-xr" => section.rtcp_xr.extend(value.split_whitespace().map(str::to_owned)),
        "extmap-allow-mixed" => section.mixed_extensions = true,
        "bundle-only" => section.bundle_only = true,
        "ice-ufrag" => value.clone_into(&mut section.connectivity.ufrag),
        "ice-pwd" => value.clone_into(&mut section.connectivity.password),
        "candidate" => section.connectivity.candidates.push(value.to_owned()),
        "fingerprint" => section.connectivity.fingerprints.push(value.to_owned()),
        "setup" => value.clone_into(&mut section.connectivity.setup),
        _ => section.direction = name.parse().unwrap_or(section.direction),
    }
}

/// What a section has more of than it may.
pub(super) fn over(section: &Section, max: usize) -> Option<&'static str> {
    let lists = [
        (section.feedback.len(), "lines a=rtcp-fb in one section"),
        (section.extensions.len(), "lines a=extmap in one section"),
        (section.sources.len(), "SSRCs in one section"),
        (section.source_groups.len(), "lines a=ssrc-group in one section"),
        (section.source_groups.last().map_or(0, |group| group.ssrcs.len()), "SSRCs in one group"),
        (section.sources.last().map_or(0, |source| source.attributes.len()), "attributes of one SSRC"),
        (section.msids.len(), "lines a=msid in one section"),
        (section.rids.len(), "lines a=rid in one section"),
        (section.simulcast.encodings().count(), "encodings of a=simulcast in one section"),
        (section.rtcp_xr.len(), "formats of a=rtcp-xr in one section"),
        (section.connectivity.candidates.len(), "candidates in one section"),
        (section.connectivity.fingerprints.len(), "fingerprints in one section"),
    ];
    lists.into_iter().find(|(length, _)| *length > max).map(|(_, what)| what)
}

fn push<T>(list: &mut Vec<T>, entry: Option<T>) -> Option<()> {
    list.push(entry?);
    Some(())
}

/// Sections that are no RTP have formats that are no numbers.
fn rtpmap(section: &mut Section, value: &str) -> Option<()> {
    if !section.is_rtp() {
        return Some(());
    }
    let read = Format::parse(value, section.is(Media::Audio))?;
    match section.formats.iter_mut().find(|format| format.number == read.number) {
        Some(format) => {
            let fmtp = std::mem::take(&mut format.fmtp);
            *format = Format { fmtp, listed: format.listed, ..read };
        }
        None => section.formats.push(read),
    }
    Some(())
}

/// Parameters may stand before the line that they belong to.
fn fmtp(section: &mut Section, value: &str) -> Option<()> {
    if !section.is_rtp() {
        return Some(());
    }
    let (number, parameters) = value.trim().split_once(char::is_whitespace)?;
    let number = payload_type(number)?;
    let known = section.formats.iter().position(|format| format.number == number);
    let at = known.unwrap_or_else(|| {
        section.formats.push(Format { number, ..Format::default() });
        section.formats.len() - 1
    });
    let fmtp = &mut section.formats.get_mut(at)?.fmtp;
    if !fmtp.is_empty() {
        fmtp.push(';');
    }
    fmtp.push_str(parameters.trim());
    Some(())
}

fn ssrc(section: &mut Section, value: &str) -> Option<()> {
    let (ssrc, name, value) = Source::split(value)?;
    let known = section.sources.iter().position(|source| source.ssrc == ssrc);
    let at = known.unwrap_or_else(|| {
        section.sources.push(Source::new(ssrc));
        section.sources.len() - 1
    });
    section.sources.get_mut(at)?.add(name, value);
    Some(())
}
