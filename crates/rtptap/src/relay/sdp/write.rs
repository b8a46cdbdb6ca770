//! From what is known of streams to descriptions for players.

use interceptor_core::{Codec as StreamCodec, StreamInfo};
use interceptor_inspect::Codec;
use interceptor_sdp::{Delivery, RtcpAt, describe};

use crate::relay::rules::{StreamRule, kind};
use crate::relay::{FecMode, RtcpMode, RtxMode, TargetOptions};

/// Names the target in its descriptions.
const NAME: &str = "rtptap relay";

/// What a target gets, a description a kind of media: all of it comes to one port, of which players (ffmpeg, VLC, GStreamer's
/// sdpdemux) open one for each media section, so that a second section would find it taken. Of what has no known codec
/// nothing can be said.
pub(in crate::relay) fn descriptions(
    number: usize,
    target: &TargetOptions,
    rules: &[StreamRule],
) -> Vec<String> {
    let described = ["video", "audio"].into_iter().filter_map(|name| {
        let stream = stream(name, target, rules)?;
        // Only who must send feedback has to know that it may (RFC 4585); VLC takes nothing but RTP/AVP.
        let feedback = target.nack && stream.rtx.is_some();
        let delivery = Delivery::new(stream, target.to).with_rtcp(rtcp(target)).with_feedback(feedback);
        // What cannot be described is what nothing is known of: rules have been checked.
        describe(&format!("{NAME}, target {number}, {name}"), &[delivery]).ok()
    });
    described.map(|description| description.to_string()).collect()
}

/// All streams of a kind, as one; `None`: nothing of the kind.
fn stream(name: &str, target: &TargetOptions, rules: &[StreamRule]) -> Option<StreamInfo> {
    let mut stream = StreamInfo::unknown(0).with_feedback("nack", "");
    if name == "video" {
        stream = stream.with_feedback("nack", "pli");
    }
    for rule in rules {
        let codec = rule.codec.clone().or_else(|| Codec::assigned(rule.payload_type));
        let Some(codec) = codec.filter(|codec| kind(codec) == name) else { continue };
        if stream.codec(rule.payload_type).is_some() {
            continue;
        }
        stream = stream.with_codec(described(name, rule, &codec));
        if let Some(rtx) = rule.rtx.filter(|_| target.rtx != RtxMode::Off) {
            let repeated = if stream.rtx.is_some() { stream } else { stream.with_rtx_ssrc(ANY_RTX) };
            stream = repeated.with_rtx_payload_type(rtx, rule.payload_type);
        }
        // A section names one payload type of repair packets; it protects all of its streams.
        if let Some(fec) = rule.fec.filter(|_| target.fec != FecMode::Off && stream.fec.is_none()) {
            stream = stream.with_fec(rule.correction(fec).with_repair_window(2 * target.fec_deadline));
        }
    }
    stream.primary().is_some().then_some(stream)
}

/// Nobody is told of SSRCs here: those of the source are known only when they come.
const ANY_RTX: u32 = 1;

fn described(name: &str, rule: &StreamRule, codec: &Codec) -> StreamCodec {
    StreamCodec::new(rule.payload_type, codec.clock_rate)
        .with_mime_type(format!("{name}/{}", codec.name))
        .with_channels(u16::from(rule.channels.unwrap_or_default()))
        .with_fmtp(rule.fmtp.clone().unwrap_or_default())
}

/// Where RTCP comes to, unless that is the port above (RFC 3605, RFC 5761).
fn rtcp(target: &TargetOptions) -> RtcpAt {
    match (target.rtcp_to, target.rtcp) {
        (Some(to), _) => RtcpAt::Port(to.port()),
        (None, RtcpMode::Mux) => RtcpAt::SamePort,
        (None, RtcpMode::Ports) => RtcpAt::PortAbove,
    }
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
        target.rtx = RtxMode::Off;
        let rules = [StreamRule { rtx: Some(97), ..rule(96, "VP8/90000") }];
        let [told] = &descriptions(2, &target, &rules)[..] else { panic!("one kind") };
        assert!(told.contains("m=video 5004 RTP/AVP 96\r\n") && !told.contains("rtx"), "{told}");
        assert!(told.contains("c=IN IP6 2001:db8::7\r\n"), "{told}");
    }

    #[test]
    fn a_player_hears_of_repair_packets_where_it_gets_them() {
        let mut target = target("192.0.2.7:5004");
        let rules = [StreamRule { fec: Some(49), ..rule(96, "VP8/90000") }];
        assert!(!descriptions(1, &target, &rules)[0].contains("49"));
        target.fec = FecMode::Adaptive;
        let told = &descriptions(1, &target, &rules)[0];
        assert!(told.contains("m=video 5004 RTP/AVP 96 49\r\n"), "{told}");
        assert!(
            told.contains("a=rtpmap:49 flexfec-03/90000\r\na=fmtp:49 repair-window=400000\r\n"),
            "{told}"
        );
        assert!(!told.contains("ssrc"), "nobody knows them yet: {told}");
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
