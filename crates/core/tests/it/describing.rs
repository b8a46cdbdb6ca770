//! What a stream and a connection may be described as, and what is refused.

use std::time::Duration;

use interceptor_core::{
    BitrateRange, Chain, ChainError, Codec, FecInfo, FecScheme, Limits, RedInfo, Registry, StreamInfo,
};

use crate::probe::config;

fn info() -> StreamInfo {
    StreamInfo::new(1, 96, 90_000)
}

#[track_caller]
fn refused(info: StreamInfo) -> String {
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    let error = chain.bind_local(info.clone(), now).unwrap_err();
    assert!(matches!(error, ChainError::InvalidStream { .. }), "{error}");
    assert_eq!(chain.bind_remote(info, now).unwrap_err().to_string(), error.to_string());
    error.to_string()
}

#[test]
fn payload_types_have_seven_bits_and_each_its_own_meaning() {
    assert_eq!(
        refused(StreamInfo::new(1, 128, 90_000)),
        "StreamInfo::codecs.payload_type is 128, it has to be in 0..=127"
    );
    assert_eq!(
        refused(info().with_codec(Codec::new(96, 8000))),
        "StreamInfo::codecs.payload_type is 96, it has to be each only once"
    );
    assert!(refused(info().with_rtx(2, 200)).contains("rtx.payload_types.rtx is 200"));
    assert!(
        refused(info().with_rtx(2, 97).with_rtx_payload_type(99, 255)).contains("payload_types.media is 255")
    );
    assert!(refused(info().with_rtx(2, 96)).contains("rtx.payload_types.rtx is 96"));
    assert!(
        refused(info().with_fec(FecInfo::new(FecScheme::UlpFec, 130))).contains("fec.payload_type is 130")
    );
    assert!(refused(info().with_red(RedInfo::new(63, 63))).contains("red.payload_type is 63"));
    assert!(refused(info().with_red(RedInfo::new(63, 199))).contains("red.primary is 199"));
}

#[test]
fn a_stream_s_ssrcs_differ() {
    let fec = |ssrc| FecInfo::new(FecScheme::FlexFec, 49).with_ssrc(ssrc);
    assert!(refused(info().with_rtx(1, 97)).contains("rtx.ssrc is 0x00000001"));
    assert!(refused(info().with_fec(fec(1))).contains("fec.ssrc is 0x00000001"));
    assert!(refused(info().with_rtx(2, 97).with_fec(fec(2))).contains("fec.ssrc is 0x00000002"));
}

#[test]
fn header_extensions_have_identifiers_of_their_own() {
    assert!(refused(info().with_extension(0, "urn:a")).contains("header_extensions.id is 0"));
    let twice = info().with_extension(3, "urn:a").with_extension(3, "urn:b");
    assert_eq!(refused(twice), "StreamInfo::header_extensions.id is 3, it has to be each only once");
}

#[test]
fn a_bit_rate_s_minimum_is_not_over_its_maximum() {
    assert!(refused(info().with_bitrate(BitrateRange::new(2, 1))).contains("bitrate.min is 2"));
}

#[test]
fn what_is_unusual_but_can_be_is_bound() {
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    let whole = info()
        .with_codec(Codec::new(0, 8000))
        .with_rtx(2, 127)
        .with_fec(
            FecInfo::new(FecScheme::FlexFec03, 0).with_ssrc(3).with_repair_window(Duration::from_secs(1)),
        )
        .with_red(RedInfo::new(63, 96).with_levels(2))
        .with_extension(255, "urn:a")
        .with_bitrate(BitrateRange::new(1, 1).with_weight(2).with_pauses(true))
        .with_rid("hi");
    chain.bind_local(whole, now).unwrap();
    chain.bind_local(StreamInfo::unknown(9).with_rtx_ssrc(10), now).unwrap();
    assert_eq!(chain.stream_counts(), (2, 0));
}

#[test]
fn a_stream_knows_its_codecs() {
    let info = info().with_mime_type("Video/VP8").with_codec(Codec::new(13, 8000).with_mime_type("audio/CN"));
    assert!(info.is_video() && !info.is_audio());
    assert_eq!((info.clock_rate(96), info.clock_rate(13), info.clock_rate(14)), (90_000, 8000, 0));
    assert_eq!(info.codec(13).map(Codec::is_audio), Some(true));
    let unknown = StreamInfo::unknown(1).with_mime_type("audio/opus").with_rtx(2, 97);
    assert_eq!(unknown.primary(), None, "a mime type belongs to a codec");
    assert!(unknown.rtx.is_some_and(|rtx| rtx.payload_types.is_empty()));
}

#[test]
fn a_connection_s_fields_are_checked_before_anything_is_built() {
    let refused = |change: fn(&mut interceptor_core::ChainConfig)| {
        let mut config = config();
        change(&mut config);
        Registry::new().build(config).unwrap_err().to_string()
    };
    assert_eq!(refused(|config| config.mtu = 547), "ChainConfig::mtu is 547, it has to be in 548..=65507");
    assert_eq!(
        refused(|config| config.cname = "x".repeat(256).into()),
        "ChainConfig::cname.len() is 256, it has to be in 1..=255 bytes"
    );
    assert!(refused(|config| config.cname = "".into()).contains("cname.len() is 0"));
    assert!(refused(|config| config.transport_overhead = 257).contains("transport_overhead is 257"));
    assert!(
        refused(|config| config.limits = Limits::default().with_max_streams(0)).contains("max_streams is 0")
    );
    assert!(refused(|config| config.limits.max_emitted_per_input = 0).contains("max_emitted_per_input is 0"));
    assert!(
        refused(|config| config.limits.max_facts_per_input = 65_537).contains("max_facts_per_input is 65537")
    );
    let rearm = refused(|config| config.limits.min_rearm = Duration::ZERO);
    assert_eq!(rearm, "Limits::min_rearm is 0ns, it has to be in 1us..=1s");
}
