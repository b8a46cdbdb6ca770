//! What `configure` has the host negotiate.

use std::collections::BTreeMap;

use interceptor_core::Registry;
use interceptor_twcc::TwccFactory;
use interceptor_webrtc::{ChainBuilder, configure, configure_with_codecs};
use webrtc::api::APIBuilder;
use webrtc::api::media_engine::MediaEngine;
use webrtc::api::setting_engine::SettingEngine;
use webrtc::rtp_transceiver::rtp_codec::{RTCRtpCodecCapability, RTCRtpCodecParameters, RTPCodecType};

use crate::host::repair;

/// An offer of audio and video.
async fn offer(registry: interceptor::registry::Registry, engine: MediaEngine) -> String {
    let api = APIBuilder::new().with_media_engine(engine).with_interceptor_registry(registry).build();
    let peer = api.new_peer_connection(Default::default()).await.unwrap();
    for kind in [RTPCodecType::Audio, RTPCodecType::Video] {
        peer.add_transceiver_from_kind(kind, None).await.unwrap();
    }
    let sdp = peer.create_offer(None).await.unwrap().sdp;
    peer.close().await.unwrap();
    sdp
}

fn new_registry() -> interceptor::registry::Registry {
    interceptor::registry::Registry::new()
}

async fn default_offer(ours: Registry) -> String {
    let (mut engine, mut settings) = (MediaEngine::default(), SettingEngine::default());
    let (registry, _) =
        configure(new_registry(), ChainBuilder::new(ours), &mut engine, &mut settings).unwrap();
    offer(registry, engine).await
}

/// The lines that start so, each with the number of times that it is there.
fn lines<'a>(sdp: &'a str, start: &str) -> BTreeMap<&'a str, usize> {
    let mut lines = BTreeMap::new();
    sdp.lines().filter(|line| line.starts_with(start)).for_each(|line| *lines.entry(line).or_default() += 1);
    lines
}

#[tokio::test]
async fn each_default_video_codec_gets_one_that_retransmits_it() {
    let sdp = default_offer(repair()).await;
    let video = lines(&sdp, "a=rtpmap:");
    let codecs = video.keys().filter(|line| line.ends_with("/90000") && !line.contains("ulpfec"));
    let (rtx, media): (Vec<&str>, Vec<&str>) = codecs.partition(|line| line.contains(" rtx/"));
    assert_eq!((rtx.len(), media.len()), (14, 14), "{sdp}");
    for line in media {
        let payload_type = line["a=rtpmap:".len()..].split(' ').next().unwrap();
        assert!(sdp.lines().any(|line| line.ends_with(&format!(" apt={payload_type}"))), "none for {line}");
    }
}

#[tokio::test]
async fn nothing_is_offered_twice() {
    let sdp = default_offer(repair().with(TwccFactory::default())).await;
    for start in ["a=rtpmap:", "a=rtcp-fb:", "a=extmap:", "a=fmtp:"] {
        // Audio and video have each extension.
        let most = if start == "a=extmap:" { 2 } else { 1 };
        let twice: Vec<_> = lines(&sdp, start).into_iter().filter(|(_, times)| *times > most).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
    assert!(sdp.contains("a=rtcp-fb:111 nack") && sdp.contains("a=rtcp-fb:96 nack pli"));
}

#[tokio::test]
async fn feedback_and_extensions_are_offered_for_what_needs_them() {
    let without = default_offer(repair()).await;
    assert!(!without.contains("transport-cc") && !without.contains("transport-wide-cc"));
    let with = default_offer(repair().with(TwccFactory::default())).await;
    assert!(with.contains("a=rtcp-fb:96 transport-cc") && with.contains("a=rtcp-fb:111 transport-cc"));
    assert_eq!(with.matches("transport-wide-cc-extensions").count(), 2, "audio and video");
}

#[tokio::test]
async fn codecs_of_the_users_own_get_what_the_chain_needs() {
    let codec = RTCRtpCodecParameters {
        capability: RTCRtpCodecCapability {
            mime_type: "video/H264".to_owned(),
            clock_rate: 90_000,
            ..Default::default()
        },
        payload_type: 96,
        ..Default::default()
    };
    let (mut engine, mut settings) = (MediaEngine::default(), SettingEngine::default());
    let codecs = [(codec, RTPCodecType::Video)];
    let ours = ChainBuilder::new(repair());
    let (registry, _) =
        configure_with_codecs(new_registry(), ours, &mut engine, &mut settings, &codecs).unwrap();
    let api = APIBuilder::new().with_media_engine(engine).with_interceptor_registry(registry).build();
    let peer = api.new_peer_connection(Default::default()).await.unwrap();
    peer.add_transceiver_from_kind(RTPCodecType::Video, None).await.unwrap();
    let sdp = peer.create_offer(None).await.unwrap().sdp;
    assert!(sdp.contains("a=rtpmap:97 rtx/90000") && sdp.contains("a=fmtp:97 apt=96"), "{sdp}");
    assert!(sdp.contains("a=rtcp-fb:96 nack"), "{sdp}");
    peer.close().await.unwrap();
}

#[tokio::test]
async fn a_codec_that_the_user_retransmits_himself_gets_no_other() {
    let codec = |mime_type: &str, fmtp: &str, payload_type| {
        let capability = RTCRtpCodecCapability {
            mime_type: mime_type.to_owned(),
            clock_rate: 90_000,
            sdp_fmtp_line: fmtp.to_owned(),
            ..Default::default()
        };
        (RTCRtpCodecParameters { capability, payload_type, ..Default::default() }, RTPCodecType::Video)
    };
    let (mut engine, mut settings) = (MediaEngine::default(), SettingEngine::default());
    let codecs = [codec("video/VP8", "", 96), codec("video/rtx", "apt=96", 97)];
    let ours = ChainBuilder::new(repair());
    let (registry, _) =
        configure_with_codecs(new_registry(), ours, &mut engine, &mut settings, &codecs).unwrap();
    let api = APIBuilder::new().with_media_engine(engine).with_interceptor_registry(registry).build();
    let peer = api.new_peer_connection(Default::default()).await.unwrap();
    peer.add_transceiver_from_kind(RTPCodecType::Video, None).await.unwrap();
    let sdp = peer.create_offer(None).await.unwrap().sdp;
    assert_eq!(sdp.matches(" rtx/90000").count(), 1, "{sdp}");
    peer.close().await.unwrap();
}
