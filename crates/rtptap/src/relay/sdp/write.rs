//! From what is known of streams to descriptions for players.

use std::net::IpAddr;

use interceptor_inspect::Codec;
use sdp_types::{Attribute, Connection, Media, MediaType, Origin, Session, Time, TransportProto};

use crate::relay::rules::{StreamRule, kind};
use crate::relay::{RtcpMode, TargetOptions};

/// Names the target in its descriptions.
const NAME: &str = "rtptap relay";

/// How far multicast goes by default.
const TTL: u8 = 1;

/// What a target gets, a description a kind of media: all of it comes to one port, of which players (ffmpeg, VLC, GStreamer's
/// sdpdemux) open one for each media section, so that a second section would find it taken. Of what has no known codec
/// nothing can be said.
pub(in crate::relay) fn descriptions(
    number: usize,
    target: &TargetOptions,
    rules: &[StreamRule],
) -> Vec<String> {
    let kinds = [("video", MediaType::Video), ("audio", MediaType::Audio)];
    let sections = kinds.into_iter().filter_map(|(name, kind)| section(name, kind, target, rules));
    sections.map(|section| describe(number, target, section)).collect()
}

fn describe(number: usize, target: &TargetOptions, section: Media) -> String {
    let ip = target.to.ip();
    let mut session =
        Session::new(Origin::with_ip_addr("0", 0, ip), format!("{NAME}, target {number}, {}", section.media));
    let ttl = Some(TTL).filter(|_| matches!(ip, IpAddr::V4(ip) if ip.is_multicast()));
    session.connection = Some(Connection::from_ip_addr_ttl(ip, ttl));
    session.times.push(Time::new(0, 0));
    session.medias.push(section);
    let mut text = Vec::new();
    // Memory takes everything.
    let _ = session.write(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// `None`: nothing of the kind.
fn section(name: &str, media: MediaType, target: &TargetOptions, rules: &[StreamRule]) -> Option<Media> {
    let mut known: Vec<(&StreamRule, Codec)> = Vec::new();
    for rule in rules {
        let codec = rule.codec.clone().or_else(|| Codec::assigned(rule.payload_type));
        let new = known.iter().all(|(other, _)| other.payload_type != rule.payload_type);
        known.extend(codec.filter(|codec| new && kind(codec) == name).map(|codec| (rule, codec)));
    }
    let numbers = known.iter().flat_map(|(rule, _)| [Some(rule.payload_type), rtx(target, rule)]);
    let numbers: Vec<String> = numbers.flatten().map(|number| number.to_string()).collect();
    // Only who must send feedback has to know that it may (RFC 4585); VLC takes nothing but RTP/AVP.
    let feedback = target.nack && known.iter().any(|(rule, _)| rtx(target, rule).is_some());
    let proto = if feedback { TransportProto::RtpAvpf } else { TransportProto::RtpAvp };
    let mut section = Media::new(media, target.to.port(), proto, numbers.join(" "));
    section.attributes.extend(rtcp(target));
    for (rule, codec) in &known {
        section.attributes.extend(attributes(rule, codec, rtx(target, rule), feedback));
    }
    (!known.is_empty()).then_some(section)
}

/// The payload type of retransmissions, where the target gets any.
fn rtx(target: &TargetOptions, rule: &StreamRule) -> Option<u8> {
    rule.rtx.filter(|_| target.rtx)
}

/// Where RTCP comes to, unless that is the port above (RFC 3605, RFC 5761).
fn rtcp(target: &TargetOptions) -> Option<Attribute> {
    match (target.rtcp_to, target.rtcp) {
        (Some(to), _) => Some(Attribute::with_value("rtcp", to.port())),
        (None, RtcpMode::Mux) => Some(Attribute::new("rtcp-mux")),
        (None, RtcpMode::Ports) => None,
    }
}

fn attributes(rule: &StreamRule, codec: &Codec, rtx: Option<u8>, feedback: bool) -> Vec<Attribute> {
    let (number, rate) = (rule.payload_type, codec.clock_rate);
    let channels = rule.channels.filter(|channels| *channels > 1).or_else(|| always_two(codec));
    let channels = channels.map_or_else(String::new, |channels| format!("/{channels}"));
    let line = Attribute::with_value;
    let mut lines = vec![line("rtpmap", format!("{number} {}/{rate}{channels}", codec.name))];
    lines.extend(rule.fmtp.as_ref().map(|parameters| line("fmtp", format!("{number} {parameters}"))));
    if feedback {
        lines.push(line("rtcp-fb", format!("{number} nack")));
        lines.extend((kind(codec) == "video").then(|| line("rtcp-fb", format!("{number} nack pli"))));
    }
    if let Some(rtx) = rtx {
        lines.push(line("rtpmap", format!("{rtx} rtx/{rate}")));
        lines.push(line("fmtp", format!("{rtx} apt={number}")));
    }
    lines
}

/// Opus says two whatever it has (RFC 7587 §7).
fn always_two(codec: &Codec) -> Option<u8> {
    codec.name.eq_ignore_ascii_case("opus").then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(to: &str) -> TargetOptions {
        TargetOptions::new(to.parse().unwrap())
    }

    fn rule(number: u8, codec: &str) -> StreamRule {
        StreamRule { codec: Some(codec.parse().unwrap()), ..StreamRule::new(number) }
    }

    #[test]
    fn a_player_is_told_all_that_it_needs() {
        let video =
            StreamRule { rtx: Some(97), fmtp: Some("packetization-mode=1".into()), ..rule(96, "H264/90000") };
        let own = StreamRule { ssrc: Some(5), ..video.clone() };
        let told = descriptions(1, &target("192.0.2.7:5004"), &[video, own]);
        let expected = "v=0\r\no=- 0 0 IN IP4 192.0.2.7\r\ns=rtptap relay, target 1, video\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n\
            m=video 5004 RTP/AVPF 96 97\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=rtcp-fb:96 nack\r\n\
            a=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n";
        assert_eq!(told, [expected]);
    }

    #[test]
    fn a_player_that_is_sent_no_retransmissions_hears_of_none() {
        let mut target = target("[2001:db8::7]:5004");
        target.rtx = false;
        let rules = [StreamRule { rtx: Some(97), ..rule(96, "VP8/90000") }];
        let [told] = &descriptions(2, &target, &rules)[..] else { panic!("one kind") };
        assert!(told.contains("m=video 5004 RTP/AVP 96\r\n") && !told.contains("rtx"), "{told}");
        assert!(told.contains("c=IN IP6 2001:db8::7\r\n"), "{told}");
    }

    #[test]
    fn kinds_of_media_are_described_each_for_itself() {
        let stereo = StreamRule { channels: Some(2), ..rule(98, "L16/44100") };
        let rules = [
            rule(111, "opus/48000"),
            rule(96, "VP8/90000"),
            stereo,
            StreamRule::new(0),
            StreamRule::new(120),
        ];
        let mut target = target("239.1.2.3:5004");
        target.rtcp = RtcpMode::Mux;
        let [video, audio] = &descriptions(1, &target, &rules)[..] else { panic!("two kinds") };
        assert!(video.contains("m=video 5004 RTP/AVP 96\r\na=rtcp-mux\r\n"), "{video}");
        assert!(audio.contains("m=audio 5004 RTP/AVP 111 98 0\r\n"), "{audio}");
        for line in ["111 opus/48000/2", "98 L16/44100/2", "0 PCMU/8000"] {
            assert!(audio.contains(&format!("a=rtpmap:{line}\r\n")), "{audio}");
        }
        assert!(audio.contains("c=IN IP4 239.1.2.3/1\r\n"), "{audio}");
        target.rtcp_to = Some("239.1.2.3:6001".parse().unwrap());
        assert!(descriptions(1, &target, &rules)[0].contains("a=rtcp:6001\r\n"));
        assert!(descriptions(1, &target, &[StreamRule::new(120)]).is_empty());
    }
}
