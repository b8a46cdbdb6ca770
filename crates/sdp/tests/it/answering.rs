//! Answers to offers, rule by rule.

use interceptor_core::{Codec, Media, Need};
use interceptor_packet::HeaderExtension;
use interceptor_packet::ext::{Mid, Rid};
use interceptor_sdp::{
    Answer, Answered, Description, Direction, Endpoint, LocalSource, ReadOptions, RefusalReason,
};

use crate::captures::RED_OFFER;
use crate::support::{has, read, text};

pub(crate) fn needs() -> Vec<Need> {
    vec![
        Need::feedback(Media::Video, "nack", ""),
        Need::feedback(Media::Video, "nack", "pli"),
        Need::codec(Media::Video, "rtx"),
        Need::header_extension(Media::Any, Mid::URI),
    ]
}

pub(crate) fn here() -> Endpoint {
    Endpoint::at("127.0.0.1:4000".parse().unwrap())
}

pub(crate) fn answer(offer: &Description) -> Answered {
    Answer::to(offer).with(&needs()).at(here()).answer().unwrap()
}

#[test]
fn chromium_is_answered() {
    let offer = Description::parse(RED_OFFER).unwrap();
    let answered = Answer::to(&offer)
        .with(&needs())
        .at(here().with_ice_lite("ours", "a password of 22 bytes"))
        .sending("0", LocalSource::new(1).with_rtx(2).with_msid("s", "t"))
        .with_cname("us")
        .answer()
        .unwrap();
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("answer_to_chromium", answered.description.to_string().replace('\r', ""));
        insta::assert_debug_snapshot!("answer_to_chromium_remote", answered.remote);
        insta::assert_debug_snapshot!("answer_to_chromium_local", answered.local);
    });
    assert!(answered.refused.is_empty() && answered.unsent.is_empty());
}

#[test]
fn directions_are_answered_by_what_each_end_sends() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    for (offered, sends, takes, answered) in [
        (SendRecv, true, true, SendRecv),
        (SendRecv, false, true, RecvOnly),
        (SendRecv, true, false, SendOnly),
        (SendRecv, false, false, Inactive),
        (SendOnly, true, true, RecvOnly),
        (SendOnly, true, false, Inactive),
        (RecvOnly, true, true, SendOnly),
        (RecvOnly, false, true, Inactive),
        (Inactive, true, true, Inactive),
    ] {
        let offer = read(&format!("m=audio 9 RTP/AVP 0\na=mid:a\na={offered}\na=ssrc:5 cname:x\n"));
        let mut answer = Answer::to(&offer).at(here());
        if sends {
            answer = answer.sending("a", LocalSource::new(1));
        }
        if !takes {
            answer = answer.not_receiving("a");
        }
        let answer = answer.answer().unwrap();
        let case = format!("{offered} {sends} {takes}");
        assert_eq!(answer.description.sections()[0].direction, answered, "{case}");
        assert_eq!(answer.local.len(), usize::from(answered.has_send()), "{case}");
        assert_eq!(answer.unsent, if sends && !answered.has_send() { vec![1] } else { vec![] }, "{case}");
        assert_eq!(answer.remote.len(), usize::from(answered.has_recv()), "{case}");
        assert_eq!(answer.description.sections()[0].sources.len(), answer.local.len(), "{case}");
    }
}

#[test]
fn sections_without_anything_in_common_are_refused_in_their_place() {
    let offer = read(
        "a=group:BUNDLE a d v x\nm=audio 9 RTP/AVPF 0\na=mid:a\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:d\n\
         m=video 9 RTP/AVPF 96 31\na=mid:v\na=rtpmap:96 VP8/90000\nm=video 0 RTP/AVPF 31\na=mid:s\nm=video 9 RTP/SAVP 31\na=mid:k\n\
         m=video 9 RTP/AVPF 31\na=mid:x\nm=video 9 RTP/AVPF 97\na=mid:n\na=rtpmap:97 rtx/90000\n",
    );
    let vp8 = Codec::new(0, 90_000).with_mime_type("video/VP8");
    let answered = Answer::to(&offer).with_codecs([vp8]).at(here()).refusing("x").answer().unwrap();
    let reasons: Vec<_> = answered.refused.iter().map(|refusal| (&*refusal.mid, refusal.reason)).collect();
    assert_eq!(
        reasons,
        [
            ("a", RefusalReason::NoCommonCodec),
            ("d", RefusalReason::NotRtp),
            ("s", RefusalReason::Stopped),
            ("k", RefusalReason::Keys),
            ("x", RefusalReason::Unwanted),
            ("n", RefusalReason::NoCommonCodec),
        ]
    );
    let ports: Vec<_> =
        answered.description.sections().iter().map(|section| (&*section.mid, section.port)).collect();
    assert_eq!(ports, [("a", 0), ("d", 0), ("v", 4000), ("s", 0), ("k", 0), ("x", 0), ("n", 0)]);
    assert!(has(&answered.description, "a=group:BUNDLE v"), "{}", answered.description);
    assert!(has(&answered.description, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"));
    assert!(has(&answered.description, "m=video 4000 RTP/AVPF 96"));
}

#[test]
fn a_section_of_which_nothing_could_be_read_is_refused() {
    let options = ReadOptions::default().with_skip_malformed(true);
    let offer = Description::parse_with(&text("m=video 9 RTP/AVPF 200\n"), &options).unwrap();
    let answered = answer(&offer);
    assert_eq!(answered.refused[0].reason, RefusalReason::NoCommonCodec);
    assert!(has(&answered.description, "m=video 0 RTP/AVPF 0"));
}

#[test]
fn codecs_are_taken_in_our_order_with_their_payload_types() {
    let offer = read(
        "m=video 9 RTP/AVPF 96 97 98 99 100 101 102 103\na=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n\
         a=rtpmap:98 VP9/90000\na=fmtp:98 profile-id=2\na=rtpmap:99 VP9/90000\na=rtpmap:100 H264/90000\n\
         a=fmtp:100 packetization-mode=1;profile-level-id=42e01f\na=rtpmap:101 rtx/90000\na=fmtp:101 apt=100\na=rtpmap:102 H264/90000\n\
         a=fmtp:102 packetization-mode=0;profile-level-id=42e01f\na=rtpmap:103 H264/90000\na=fmtp:103 packetization-mode=1;profile-level-id=640c1f\n",
    );
    let of = |codecs: &[(&str, &str)]| {
        let codecs = codecs.iter().map(|(name, fmtp)| {
            Codec::new(0, 90_000).with_mime_type(format!("video/{name}")).with_fmtp(*fmtp)
        });
        let answered = Answer::to(&offer).with(&needs()).with_codecs(codecs).at(here()).answer().unwrap();
        answered.description.session().medias[0].fmt.clone()
    };
    assert_eq!(of(&[("vp8", "")]), "96 97");
    assert_eq!(of(&[("VP9", "profile-id=0"), ("VP8", "")]), "99 96 97", "the profile is 0 unless it is said");
    assert_eq!(of(&[("VP9", "")]), "98 99", "any");
    assert_eq!(
        of(&[("H264", "packetization-mode=1;profile-level-id=42E034")]),
        "100 101",
        "levels differ, profiles do not"
    );
    assert_eq!(of(&[("H264", "packetization-mode=0;profile-level-id=42e01f")]), "102");
    assert_eq!(
        of(&[("H264", "packetization-mode=1;profile-level-id=42C01F")]),
        "100 101",
        "as ffmpeg writes Constrained Baseline"
    );
}

#[test]
fn our_parameters_are_answered_where_we_have_any() {
    let offer = read("m=audio 9 RTP/AVPF 111\na=rtpmap:111 opus/48000/2\na=fmtp:111 minptime=10\n");
    let opus = Codec::new(0, 48_000).with_mime_type("audio/opus").with_channels(2).with_fmtp("stereo=1");
    let answer = Answer::to(&offer).with_codecs([opus]).at(here()).sending(0, LocalSource::new(1));
    let answered = answer.answer().unwrap();
    assert!(has(&answered.description, "a=fmtp:111 stereo=1"));
    assert_eq!(answered.local[0].codecs[0].fmtp, "minptime=10", "what they take, they say");
    let mono = Codec::new(0, 48_000).with_mime_type("audio/opus").with_channels(1);
    let answered = Answer::to(&offer).with_codecs([mono]).at(here()).answer().unwrap();
    assert_eq!(answered.refused[0].reason, RefusalReason::NoCommonCodec);
}

#[test]
fn red_is_taken_with_what_it_carries_and_its_retransmissions() {
    let offer = Description::parse(RED_OFFER).unwrap();
    let red = [
        Need::codec(Media::Any, "red"),
        Need::codec(Media::Video, "rtx"),
        Need::codec(Media::Video, "ulpfec"),
    ];
    let answered = Answer::to(&offer).with(&red).at(here()).answer().unwrap();
    assert!(
        has(&answered.description, "m=video 4000 RTP/AVPF 96 97 118 119 120"),
        "{}",
        answered.description
    );
    let video = &answered.remote[0].announced[0];
    assert_eq!(video.rtx.as_ref().unwrap().payload_types.len(), 2);
    let pcmu = Codec::new(0, 0).with_mime_type("audio/PCMU");
    let answered = Answer::to(&offer).with(&red).with_codecs([pcmu]).at(here()).answer().unwrap();
    assert!(has(&answered.description, "m=audio 4000 RTP/AVPF 0"), "RED carries a codec that is not taken");
}

#[test]
fn directions_of_extensions_are_reversed() {
    let offer = read(
        "m=audio 9 RTP/AVPF 0\na=extmap:1/sendonly urn:a\na=extmap:2/recvonly urn:b\na=extmap:3/inactive urn:c\na=extmap:4 urn:d\na=extmap:4096 urn:e\n",
    );
    let needs =
        ["urn:a", "urn:b", "urn:c", "urn:d", "urn:e"].map(|uri| Need::header_extension(Media::Audio, uri));
    let answered =
        Answer::to(&offer).with(&needs).at(here()).sending(0, LocalSource::new(1)).answer().unwrap();
    let lines: Vec<_> =
        answered.description.sections()[0].extensions.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["1/recvonly urn:a", "2/sendonly urn:b", "4 urn:d"]);
    let ids = |stream: &interceptor_core::StreamInfo| {
        stream.header_extensions.iter().map(|known| known.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(answered.remote[0].template.info()), [1, 4]);
    assert_eq!(ids(&answered.local[0]), [2, 4]);
}

#[test]
fn feedback_is_taken_for_what_is_taken() {
    let offer = read(
        "m=video 9 RTP/AVPF 96 98\na=rtpmap:96 VP8/90000\na=rtpmap:98 VP9/90000\na=rtcp-fb:* nack\na=rtcp-fb:96 nack pli\n\
         a=rtcp-fb:98 nack pli\na=rtcp-fb:96 ccm tmmbr smaxpr=120\na=rtcp-fb:96 goog-remb\n",
    );
    let vp8 = Codec::new(0, 0).with_mime_type("video/VP8");
    let tmmbr = [Need::feedback(Media::Any, "ccm", "tmmbr")];
    let answered =
        Answer::to(&offer).with(&needs()).with(&tmmbr).with_codecs([vp8]).at(here()).answer().unwrap();
    let lines: Vec<_> = answered.description.sections()[0].feedback.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["* nack", "96 nack pli", "96 ccm tmmbr smaxpr=120"]);
}

#[test]
fn simulcast_is_turned_round_when_encodings_can_be_told_apart() {
    let offer = read(
        "m=video 9 RTP/AVPF 96\na=mid:v\na=rtpmap:96 VP8/90000\na=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\n\
         a=rid:hi send pt=96\na=rid:lo send pt=97\na=rid:in recv\na=rid:out recv\na=simulcast:send hi;~lo recv in;out\n",
    );
    let rid = [Need::header_extension(Media::Video, Rid::URI)];
    let answered = Answer::to(&offer)
        .with(&rid)
        .at(here())
        .sending("v", LocalSource::new(1).with_rid("out"))
        .sending("v", LocalSource::new(2).with_rid("none"))
        .answer()
        .unwrap();
    assert!(has(&answered.description, "a=rid:hi recv pt=96"), "{}", answered.description);
    assert!(has(&answered.description, "a=rid:out send"));
    assert!(has(&answered.description, "a=simulcast:send out recv hi"), "{}", answered.description);
    assert!(!answered.description.to_string().contains("lo"), "its payload type is not offered");
    assert_eq!((&*answered.local[0].rid, &answered.unsent[..]), ("out", &[2][..]));
    assert_eq!(answered.remote[0].layers.len(), 1);
    let without = answer(&offer);
    assert!(!without.description.to_string().contains("simulcast") && without.remote[0].layers.is_empty());
}

#[test]
fn what_is_not_listed_is_not_offered() {
    let offer = read(
        "m=video 9 RTP/AVPF 96\na=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\na=rtpmap:98 VP9/90000\n",
    );
    assert!(has(&answer(&offer).description, "m=video 4000 RTP/AVPF 96"));
}

/// RFC 3264 §6.1: an answer lists formats in the order of the offer. Chromium sends what stands first.
#[test]
fn what_the_offer_prefers_the_answer_prefers() {
    let offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVPF 63 111\r\na=mid:0\r\n\
        a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:111 opus/48000/2\r\n";
    let offer = Description::parse(offer).unwrap();
    let needs = [Need::codec(Media::Audio, "red")];
    let answered =
        Answer::to(&offer).with(&needs).at(Endpoint::at("127.0.0.1:4000".parse().unwrap())).answer();
    let answer = answered.unwrap().description.to_string();
    assert!(answer.contains("m=audio 4000 RTP/AVPF 63 111\r\n"), "{answer}");
}
