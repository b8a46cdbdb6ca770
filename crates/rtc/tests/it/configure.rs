//! What `configure` tells the stack: seen in the offers that it makes then.

use interceptor_congestion::CongestionFactory;
use interceptor_core::{Media, Need, Registry};
use interceptor_rtc::{ChainInterceptor, Codecs, ConfigureError, Configured, Setup, configure};
use interceptor_twcc::TwccFactory;
use rtc::peer_connection::RTCPeerConnectionBuilder;
use rtc::peer_connection::configuration::media_engine::MediaEngine;
use rtc::rtp_transceiver::rtp_sender::{RTCRtpCodec, RTCRtpCodecParameters, RtpCodecKind};
use rtc_interceptor::{NackGeneratorBuilder, Slot};

use crate::kit::{config, start};
use crate::pair::ours;

fn codec(mime_type: &str, payload_type: u8, clock_rate: u32, fmtp: &str) -> RTCRtpCodecParameters {
    let rtp_codec = RTCRtpCodec {
        mime_type: mime_type.to_owned(),
        clock_rate,
        sdp_fmtp_line: fmtp.to_owned(),
        ..RTCRtpCodec::default()
    };
    RTCRtpCodecParameters { rtp_codec, payload_type }
}

/// A list as the stack's examples have it: no feedback, no retransmission codec.
fn own_list() -> Vec<(RtpCodecKind, RTCRtpCodecParameters)> {
    vec![
        (RtpCodecKind::Audio, codec("audio/opus", 96, 48_000, "")),
        (RtpCodecKind::Video, codec("video/VP8", 98, 90_000, "")),
        (RtpCodecKind::Video, codec("video/VP9", 100, 90_000, "")),
        (RtpCodecKind::Video, codec("video/rtx", 101, 90_000, "apt=100")),
    ]
}

/// The offer of audio and video that a connection makes which was configured so.
fn offer(ours: &Registry, setup: Setup) -> String {
    let Configured { media, settings, interceptors, .. } =
        configure(ours, config("call"), setup).expect("it can be configured");
    let mut pc = RTCPeerConnectionBuilder::new()
        .with_media_engine(media)
        .with_setting_engine(settings)
        .with_interceptor_registry(interceptors)
        .build(start())
        .expect("a connection");
    for kind in [RtpCodecKind::Audio, RtpCodecKind::Video] {
        pc.add_transceiver_from_kind(kind, None).expect("a transceiver");
    }
    pc.create_offer(None).expect("an offer").sdp
}

#[test]
fn codecs_of_the_callers_get_feedback_and_a_retransmission_codec() {
    let offer = offer(&ours().0, Setup::default().with_codecs(Codecs::These(own_list())));
    for line in [
        "a=rtcp-fb:98 nack",
        "a=rtcp-fb:98 nack pli",
        "a=rtcp-fb:100 nack",
        "a=rtcp-fb:96 nack",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=98",
        "a=fmtp:101 apt=100",
    ] {
        assert!(offer.lines().any(|found| found.trim() == line), "{line} in\n{offer}");
    }
    assert_eq!(offer.matches("rtx/90000").count(), 2, "VP9 has one already");
}

#[test]
fn codecs_of_the_stack_come_with_theirs() {
    let offer = offer(&ours().0, Setup::default());
    assert!(offer.contains("a=fmtp:97 apt=96") && offer.contains("a=rtcp-fb:96 nack pli"), "{offer}");
}

#[test]
fn nobody_gets_a_retransmission_codec_who_has_no_use_for_it() {
    let offer = offer(&Registry::new(), Setup::default().with_codecs(Codecs::These(own_list())));
    assert_eq!(offer.matches("rtx/90000").count(), 1);
    assert!(!offer.contains("nack"));
}

#[test]
fn header_extensions_and_feedback_of_congestion_control_are_offered() {
    let ours = Registry::new().with(TwccFactory::default()).with(CongestionFactory::default());
    let offer = offer(&ours, Setup::default());
    let uri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    assert_eq!(offer.matches(uri).count(), 2, "audio and video: {offer}");
    assert!(
        offer.contains("a=rtcp-fb:96 transport-cc") && offer.contains("a=rtcp-fb:111 transport-cc"),
        "{offer}"
    );
}

#[test]
fn what_the_stack_cannot_be_told_is_named() {
    let setup = Setup::default().with_codecs(Codecs::Registered).with_media(MediaEngine::default());
    let configured = configure(&ours().0, config("call"), setup).expect("it can be configured");
    assert_eq!(configured.unmet, [Need::codec(Media::Video, "rtx")]);
    let configured = configure(&ours().0, config("call"), Setup::default()).expect("it can be configured");
    assert_eq!(configured.unmet, []);
}

#[test]
fn the_chain_stands_where_it_is_put() {
    let theirs =
        || rtc_interceptor::Registry::new().with(Slot::NackGenerator, NackGeneratorBuilder::new().build());
    let slots = |setup: Setup| {
        let configured = configure(&ours().0, config("call"), setup).expect("it can be configured");
        configured.interceptors.slots().into_iter().map(|(slot, _)| slot.slot()).collect::<Vec<_>>()
    };
    assert_eq!(slots(Setup::default().with_interceptors(theirs())), [7_000, 9_500]);
    let capture = Setup::default().with_interceptors(theirs()).with_slot(ChainInterceptor::CAPTURE_SLOT);
    assert_eq!(slots(capture), [500, 7_000]);
}

#[test]
fn two_chains_stand_in_one_connection() {
    let capture =
        configure(&ours().0, config("a"), Setup::default().with_slot(ChainInterceptor::CAPTURE_SLOT));
    let capture = capture.expect("it can be configured");
    let setup = Setup::default()
        .with_media(capture.media)
        .with_codecs(Codecs::Registered)
        .with_interceptors(capture.interceptors);
    let both = configure(&ours().0, config("b"), setup).expect("it can be configured");
    assert_eq!(both.interceptors.slots().len(), 2);
    assert!(capture.handle.is_open() && both.handle.is_open());
}

#[test]
fn a_video_codec_that_no_payload_type_is_left_for_is_refused() {
    let many = (35..=63).chain(96..=127).map(|payload_type| {
        (RtpCodecKind::Video, codec("video/VP8", payload_type, 90_000, &format!("x={payload_type}")))
    });
    let refused =
        configure(&ours().0, config("call"), Setup::default().with_codecs(Codecs::These(many.collect())));
    assert!(matches!(refused, Err(ConfigureError::PayloadTypes(codec)) if codec == "video/VP8"));
}

#[test]
fn a_chain_that_cannot_be_built_is_an_error() {
    let mut config = config("call");
    config.mtu = 1;
    assert!(matches!(configure(&ours().0, config, Setup::default()), Err(ConfigureError::Chain(_))));
}
