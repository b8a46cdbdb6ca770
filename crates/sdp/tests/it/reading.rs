//! What is read of a section.

use interceptor_sdp::{Description, Direction};

use crate::support::{read, text};

#[test]
fn static_payload_types_need_no_rtpmap() {
    let description = read("m=audio 5004 RTP/AVP 0 8 96\na=rtpmap:8 PCMA/8000\n");
    let codecs = description.sections()[0].codecs();
    let codecs: Vec<_> =
        codecs.iter().map(|codec| (codec.payload_type, &*codec.mime_type, codec.clock_rate)).collect();
    assert_eq!(codecs, [(0, "audio/PCMU", 8000), (8, "audio/PCMA", 8000)]);
}

#[test]
fn what_the_session_says_holds_for_all_sections() {
    let description = read(
        "c=IN IP4 192.0.2.9\na=recvonly\na=extmap:3 urn:x\na=extmap-allow-mixed\na=ice-ufrag:u\nb=AS:100\nm=video 1 RTP/AVPF 31\n\
         m=video 3 RTP/AVPF 31\nc=IN IP4 192.0.2.1\nb=TIAS:5000\na=sendonly\n",
    );
    let [first, second] = description.sections() else { panic!("two sections") };
    assert_eq!((first.direction, second.direction), (Direction::RecvOnly, Direction::SendOnly));
    assert_eq!(first.address.unwrap().to_string(), "192.0.2.9");
    assert_eq!(second.address.unwrap().to_string(), "192.0.2.1");
    assert_eq!(first.bandwidth.bits_per_second(), Some(100_000));
    assert_eq!(second.bandwidth.bits_per_second(), Some(5000));
    for section in [first, second] {
        assert_eq!(section.extension_id("urn:x"), Some(3));
        assert!(section.mixed_extensions);
        assert_eq!(section.connectivity.ufrag, "u");
    }
}

#[test]
fn payload_types_that_the_media_line_forgets_are_known_and_not_offered() {
    let description =
        read("m=video 5004 RTP/AVP 96\na=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n");
    let section = &description.sections()[0];
    assert_eq!(section.rtx_pairs().len(), 1);
    assert!(section.format(96).unwrap().listed && !section.format(97).unwrap().listed);
}

#[test]
fn parameters_may_stand_before_and_in_several_lines() {
    let description =
        read("m=video 1 RTP/AVP 96\na=fmtp:96 a=1\na=rtpmap:96 H264/90000\na=fmtp:96 B=2; c = 3\n");
    let format = description.sections()[0].format(96).unwrap();
    assert_eq!(format.fmtp, "a=1;B=2; c = 3");
    assert_eq!(
        (format.parameter("b"), format.parameter("c"), format.parameter("d")),
        (Some("2"), Some("3"), None)
    );
}

#[test]
fn spaces_beyond_the_first_do_no_harm() {
    let description = read("m=video 1 RTP/AVP  96\na=rtpmap:96   VP8/90000 \na=rtcp-fb:96  nack   pli\n");
    let section = &description.sections()[0];
    assert_eq!(section.codecs()[0].mime_type, "video/VP8");
    assert_eq!((&*section.feedback[0].kind, &*section.feedback[0].parameter), ("nack", "pli"));
}

#[test]
fn transport_and_rtcp_are_read() {
    let description = read(
        "a=ice-lite\na=group:BUNDLE a b\na=group:LS a b\nm=video 9 UDP/TLS/RTP/SAVPF 31\na=mid:a\na=rtcp:5005 IN IP4 192.0.2.1\n\
         a=rtcp-mux\na=rtcp-rsize\na=rtcp-xr:rcvr-rtt=all voip-metrics\na=setup:actpass\na=fingerprint:sha-256 AB\n\
         a=candidate:1 1 udp 1 192.0.2.1 5 typ host\nm=video 0 UDP/TLS/RTP/SAVPF 31\na=mid:b\na=bundle-only\nm=video 0 RTP/AVP 31\n",
    );
    let [first, second, third] = description.sections() else { panic!("three sections") };
    assert!(first.rtcp_mux && first.rtcp_rsize && first.is_secure() && first.is_dtls());
    assert_eq!(first.rtcp_xr, ["rcvr-rtt=all", "voip-metrics"]);
    assert_eq!(first.rtcp.map(|rtcp| rtcp.port), Some(5005));
    assert_eq!((&*first.connectivity.setup, first.connectivity.candidates.len()), ("actpass", 1));
    assert!(!second.is_rejected() && third.is_rejected() && !third.is_secure());
    assert_eq!(description.bundles().collect::<Vec<_>>(), [["a", "b"]]);
    assert!(description.is_ice_lite() && description.section("b").is_some());
}

#[test]
fn what_is_no_rtp_has_no_payload_types() {
    let description = read(
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=sctp-port:5000\na=fmtp:webrtc-datachannel x\n",
    );
    assert!(description.sections()[0].formats.is_empty() && description.sends().is_empty());
}

#[test]
fn what_comes_before_the_first_line_is_passed_over() {
    let description = Description::parse(&format!("SDP:\n{}", text("m=video 1 RTP/AVP 31\n"))).unwrap();
    assert_eq!(description.sections().len(), 1);
    let error = Description::parse(&format!("SDP:\n\n{}", text("m=video 1 RTP/AVP 200\n"))).unwrap_err();
    assert_eq!(error.line(), Some(7), "lines are those of the text that was given: {error}");
}
