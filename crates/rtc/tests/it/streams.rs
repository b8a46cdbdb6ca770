//! Streams as the stack tells of them.

use interceptor_core::{Event, Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtc::{ChainHandle, ChainInterceptor, stream_info};
use interceptor_rtx::RtxFactory;
use rtc_interceptor::{Interceptor as _, RTCPFeedback, RTPHeaderExtension};
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};
use sansio::Protocol as _;

use crate::kit::{
    FEC, RTX, SSRC, adapter, as_rtcp, as_rtp, at, media, media_of, quiet, reads, repair_of, rtcp, rtp, video,
    writes,
};

fn repairing() -> (ChainInterceptor, ChainHandle) {
    adapter(
        &Registry::new()
            .with(NackFactory::default())
            .with(RtxFactory::default())
            .with(ReportFactory::default()),
    )
}

fn remote(handle: &ChainHandle, ssrc: u32) -> Option<StreamInfo> {
    handle.with_chain(|chain| chain.remote_stream(ssrc).cloned()).expect("open")
}

fn nack_for(number: u16) -> Vec<Box<dyn rtc_rtcp::Packet>> {
    let nacks = vec![NackPair { packet_id: number, lost_packets: 0 }];
    vec![Box::new(TransportLayerNack { sender_ssrc: 1, media_ssrc: SSRC, nacks })]
}

#[test]
fn everything_that_the_stack_says_of_a_stream_is_in_its_description() {
    let mut info = video();
    (info.ssrc_fec, info.payload_type_fec) = (Some(FEC), Some(49));
    (info.channels, info.sdp_fmtp_line) = (2, "a=b".to_owned());
    info.rtcp_feedback.push(RTCPFeedback { typ: "nack".to_owned(), parameter: "pli".to_owned() });
    info.rtp_header_extensions.push(RTPHeaderExtension { uri: "urn:x".to_owned(), id: 256 });
    let stream = stream_info(&info);
    let codec = stream.primary().expect("one codec");
    assert_eq!((stream.ssrc, codec.payload_type, codec.clock_rate, codec.channels), (SSRC, 96, 90_000, 2));
    assert_eq!((&*codec.mime_type, &*codec.fmtp), ("video/VP8", "a=b"));
    assert_eq!(stream.ssrcs().collect::<Vec<_>>(), [SSRC, RTX, FEC]);
    assert!(stream.has_feedback("nack", "") && stream.has_feedback("nack", "pli"));
    assert_eq!(stream.extension_id("urn:ietf:params:rtp-hdrext:sdes:mid"), Some(4));
    assert_eq!(stream.header_extensions.len(), 1, "an identifier over 255 is none");
    assert!(stream.check().is_ok());
}

#[test]
fn repair_counts_with_its_ssrc_and_its_payload_type() {
    for (ssrc, payload_type) in [(Some(RTX), None), (None, Some(97))] {
        let mut info = video();
        (info.ssrc_rtx, info.payload_type_rtx) = (ssrc, payload_type);
        (info.ssrc_fec, info.payload_type_fec) = (ssrc, payload_type);
        let stream = stream_info(&info);
        assert_eq!((stream.rtx, stream.fec), (None, None));
    }
}

#[test]
fn the_second_binding_of_a_repair_ssrc_changes_nothing() {
    let (mut adapter, handle) = repairing();
    adapter.bind_remote_stream(&video());
    adapter.bind_remote_stream(&repair_of(&video()));
    assert_eq!(remote(&handle, RTX), Some(stream_info(&video())));
    let counters = handle.adapter_counters().expect("open");
    assert_eq!((counters.repair_bindings, counters.refused_streams), (1, 0));
    adapter.unbind_remote_stream(&repair_of(&video()));
    assert!(remote(&handle, RTX).is_some(), "it ends with its media stream");
    adapter.unbind_remote_stream(&video());
    adapter.unbind_remote_stream(&repair_of(&video()));
    assert_eq!(remote(&handle, RTX), None);
}

#[test]
fn a_stream_that_is_bound_twice_is_bound_once() {
    let (mut adapter, handle) = repairing();
    for _ in 0..2 {
        adapter.bind_local_stream(&video());
        adapter.bind_remote_stream(&video());
    }
    assert_eq!(handle.with_chain(|chain| chain.stream_counts()), Some((1, 1)));
    assert_eq!(handle.adapter_counters().expect("open").amended, 0);
}

#[test]
fn renegotiation_describes_a_stream_anew_and_keeps_its_history() {
    let (mut adapter, handle) = repairing();
    let mut plain = video();
    (plain.ssrc_rtx, plain.payload_type_rtx) = (None, None);
    adapter.bind_local_stream(&plain);
    adapter.handle_write(rtp(media(1), at(1))).expect("never an error");
    quiet(&mut adapter);

    adapter.bind_local_stream(&video());
    assert!(writes(&mut adapter).is_empty(), "no goodbye");
    assert_eq!(handle.adapter_counters().expect("open").amended, 1);
    adapter.handle_read(rtcp(nack_for(1), at(50))).expect("never an error");
    let answer = writes(&mut adapter);
    assert_eq!(as_rtp(&answer[0]).header.ssrc, RTX, "the packet from before, over what was negotiated since");
}

/// Packet 1 comes, 2 is lost, 3 comes with another payload type, 2 comes back over RTX.
fn switch_codec(adapter: &mut ChainInterceptor, media_type: u8, rtx_type: u8) -> Vec<u16> {
    adapter.handle_read(rtp(media(1), at(10))).expect("never an error");
    adapter.handle_read(rtp(media_of(SSRC, media_type, 3), at(20))).expect("never an error");
    let mut repair = media_of(RTX, rtx_type, 1);
    repair.payload = [&2_u16.to_be_bytes()[..], b"media"].concat().into();
    adapter.handle_read(rtp(repair, at(60))).expect("never an error");
    let through = reads(adapter);
    assert!(through.iter().all(|message| as_rtp(message).header.ssrc == SSRC));
    assert_eq!(as_rtp(through.last().expect("restored")).header.payload_type, media_type);
    through.iter().map(|message| as_rtp(message).header.sequence_number).collect()
}

#[test]
fn a_codec_that_the_stack_has_named_elsewhere_is_known_when_a_stream_switches_to_it() {
    let (mut adapter, handle) = repairing();
    let mut vp9 = video();
    (vp9.ssrc, vp9.ssrc_rtx, vp9.payload_type, vp9.payload_type_rtx) = (7, Some(8), 98, Some(99));
    vp9.mime_type = "video/VP9".to_owned();
    adapter.bind_remote_stream(&vp9);
    adapter.bind_remote_stream(&video());
    assert_eq!(switch_codec(&mut adapter, 98, 99), [1, 3, 2]);
    let stream = remote(&handle, SSRC).expect("bound");
    assert_eq!(stream.codec(98).map(|codec| &*codec.mime_type), Some("video/VP9"));
    assert_eq!(handle.adapter_counters().expect("open").learnt_types, 1);
}

#[test]
fn a_codec_that_nobody_has_named_is_repaired_all_the_same() {
    let (mut adapter, handle) = repairing();
    adapter.bind_remote_stream(&video());
    assert_eq!(switch_codec(&mut adapter, 102, 103), [1, 3, 2]);
    let stream = remote(&handle, SSRC).expect("bound");
    assert_eq!(stream.clock_rate(102), 90_000, "all video has this clock");
}

#[test]
fn a_local_stream_that_ends_says_goodbye() {
    let (mut adapter, _) = repairing();
    adapter.bind_local_stream(&video());
    adapter.handle_write(rtp(media(1), at(1))).expect("never an error");
    quiet(&mut adapter);
    adapter.unbind_local_stream(&video());
    let left = writes(&mut adapter);
    let bytes = interceptor_rtc::rtcp_from(as_rtcp(&left[0])).expect("RTCP");
    let goodbye = bytes.packets().find_map(|packet| match packet {
        interceptor_core::packet::Rtcp::Bye(bye) => Some(bye.ssrcs().collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(goodbye, Some(vec![SSRC]));
}

#[test]
fn a_stream_that_ended_can_come_again() {
    let (mut adapter, handle) = repairing();
    for round in 0..3_u64 {
        adapter.bind_remote_stream(&video());
        adapter.handle_read(rtp(media(round as u16), at(round * 10))).expect("never an error");
        adapter.unbind_remote_stream(&video());
    }
    assert_eq!(handle.with_chain(|chain| chain.stream_counts()), Some((0, 0)));
    assert!(!std::iter::from_fn(|| handle.poll_event()).any(|event| matches!(event, Event::Bypassed { .. })));
}
