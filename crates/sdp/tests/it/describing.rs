//! Descriptions for who only listens.

use std::time::Duration;

use interceptor_core::{Codec, FecInfo, FecScheme, RedInfo, StreamInfo};
use interceptor_sdp::{Delivery, DescribeError, Description, RtcpAt, describe};

use crate::captures::{FLEXFEC_OFFER, RED_OFFER};
use crate::support::has;

fn video() -> StreamInfo {
    StreamInfo::new(0x10, 96, 90_000)
        .with_mime_type("video/VP8")
        .with_feedback("nack", "")
        .with_feedback("nack", "pli")
}

fn to(stream: StreamInfo, address: &str) -> Delivery {
    Delivery::new(stream, address.parse().unwrap())
}

#[test]
fn a_player_is_told_all_that_it_needs_and_no_more() {
    let stream = video().with_rtx(0x20, 97).with_extension(4, "urn:x").with_mid("v");
    let description = describe("camera", &[to(stream, "192.0.2.7:5004")]).unwrap();
    let expected = "v=0\r\no=- 0 0 IN IP4 192.0.2.7\r\ns=camera\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=video 5004 RTP/AVP 96 97\r\n\
        a=mid:v\r\na=extmap:4 urn:x\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=ssrc-group:FID 16 32\r\n\
        a=ssrc:16 cname:-\r\na=ssrc:32 cname:-\r\n";
    assert_eq!(description.to_string(), expected);
}

#[test]
fn feedback_is_told_to_who_may_send_it() {
    let description = describe("x", &[to(video(), "192.0.2.7:5004").with_feedback(true)]).unwrap();
    assert!(has(&description, "m=video 5004 RTP/AVPF 96") && has(&description, "a=rtcp-fb:96 nack pli"));
}

#[test]
fn rtcp_is_where_the_recipient_wants_it() {
    for (rtcp, line) in [
        (RtcpAt::SamePort, Some("a=rtcp-mux")),
        (RtcpAt::Port(7001), Some("a=rtcp:7001")),
        (RtcpAt::PortAbove, None),
    ] {
        let description = describe("x", &[to(video(), "192.0.2.7:5004").with_rtcp(rtcp)]).unwrap();
        assert_eq!(description.to_string().contains("a=rtcp"), line.is_some());
        assert!(line.is_none_or(|line| has(&description, line)));
    }
}

#[test]
fn each_stream_has_a_section_and_its_address() {
    let audio = StreamInfo::new(1, 111, 48_000).with_mime_type("audio/opus");
    let description =
        describe("x", &[to(audio, "239.1.2.3:5000"), to(video(), "[2001:db8::7]:5004")]).unwrap();
    assert!(has(&description, "c=IN IP4 239.1.2.3/1") && has(&description, "c=IN IP6 2001:db8::7"));
    assert!(has(&description, "a=rtpmap:111 opus/48000/2"), "two channels, whatever it has (RFC 7587 §7)");
}

/// All that a description of ours says of a stream, it says to ourselves as well.
#[test]
fn what_is_described_is_read_as_the_same_stream() {
    let full = video()
        .with_codec(Codec::new(98, 90_000).with_mime_type("video/H264").with_fmtp("packetization-mode=1"))
        .with_rtx(0x20, 97)
        .with_rtx_payload_type(99, 98)
        .with_fec(
            FecInfo::new(FecScheme::FlexFec03, 49)
                .with_ssrc(0x30)
                .with_repair_window(Duration::from_millis(200)),
        )
        .with_extension(4, "urn:x")
        .with_mid("v");
    let audio = StreamInfo::new(1, 111, 48_000)
        .with_mime_type("audio/opus")
        .with_channels(2)
        .with_red(RedInfo::new(63, 111).with_levels(2));
    let captured = [RED_OFFER, FLEXFEC_OFFER].map(|offer| Description::parse(offer).unwrap().sends());
    let captured = captured.into_iter().flatten().flat_map(|section| section.announced);
    for stream in [full, audio].into_iter().chain(captured) {
        let delivery = to(stream.clone(), "192.0.2.7:5004").with_feedback(true);
        let read = describe("x", &[delivery]).unwrap().sends().remove(0).announced;
        assert_eq!(read, [stream]);
    }
}

#[test]
fn what_nothing_is_known_of_cannot_be_described() {
    let of = |stream: StreamInfo| describe("x", &[to(stream, "192.0.2.7:5004")]).unwrap_err();
    assert!(matches!(describe("x", &[]).unwrap_err(), DescribeError::NoStream));
    assert!(matches!(of(StreamInfo::unknown(1)), DescribeError::Unknown { at: 0, .. }));
    assert!(matches!(of(StreamInfo::new(1, 96, 90_000)), DescribeError::Unknown { .. }));
    assert!(matches!(
        of(StreamInfo::new(1, 96, 0).with_mime_type("video/VP8")),
        DescribeError::Unknown { .. }
    ));
    let mixed = video().with_codec(Codec::new(97, 48_000).with_mime_type("audio/opus"));
    assert!(of(mixed).to_string().contains("payload type 97"));
    assert!(matches!(of(video().with_rtx(0x10, 97)), DescribeError::Invalid { .. }));
}

#[test]
fn a_name_cannot_add_lines() {
    let description = describe("a\r\nm=audio 1 RTP/AVP 0", &[to(video(), "192.0.2.7:5004")]).unwrap();
    assert_eq!(Description::parse(&description.to_string()).unwrap().sections().len(), 1);
}
