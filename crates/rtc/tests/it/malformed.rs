//! What cannot be converted, what fails and what panics: nothing of it costs a packet.

use bytes::Bytes;
use interceptor_core::{Event, StreamInfo};
use interceptor_rtc::{ChainHandle, ChainInterceptor};
use rtc_interceptor::{Interceptor as _, TaggedPacket};
use rtc_rtcp::goodbye::Goodbye;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::raw_packet::RawPacket;
use sansio::Protocol as _;

use crate::kit::{Deed, SSRC, Scripted, at, is_rtp, media, media_of, reads, rtcp, rtp, video, with, writes};

fn bound(deed: Deed) -> (ChainInterceptor, ChainHandle) {
    let (mut adapter, handle) = with(Scripted(deed));
    adapter.bind_local_stream(&video());
    adapter.bind_remote_stream(&video());
    (adapter, handle)
}

/// No stream yet.
fn passing() -> (ChainInterceptor, ChainHandle) {
    with(Scripted(Deed::Pass))
}

fn remote(handle: &ChainHandle, ssrc: u32) -> StreamInfo {
    handle.with_chain(|chain| chain.remote_stream(ssrc).cloned()).flatten().expect("bound")
}

fn pli() -> TaggedPacket {
    rtcp(vec![Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc: SSRC })], at(1))
}

/// How much goes on of one message each way.
fn both_ways(adapter: &mut ChainInterceptor, message: impl Fn() -> TaggedPacket) -> (usize, usize) {
    adapter.handle_write(message()).expect("never an error");
    adapter.handle_read(message()).expect("never an error");
    (writes(adapter).len(), reads(adapter).len())
}

#[test]
fn rtp_that_cannot_be_converted_goes_on_as_it_is() {
    let (mut adapter, handle) = bound(Deed::Keep);
    let strange = || {
        let mut packet = media(1);
        packet.header.payload_type = 200;
        rtp(packet, at(1))
    };
    assert_eq!(both_ways(&mut adapter, strange), (1, 1));
    assert_eq!(handle.adapter_counters().expect("open").unseen_rtp, 2);
}

#[test]
fn rtcp_that_cannot_be_converted_goes_on_as_it_is() {
    let (mut adapter, handle) = bound(Deed::Keep);
    // No RTCP at all, a length field over the end, a list that is too long.
    let strange: [fn() -> Box<dyn rtc_rtcp::Packet>; 3] = [
        || Box::new(RawPacket(Bytes::from_static(&[0x80, 201]))),
        || Box::new(RawPacket(Bytes::from_static(&[0x80, 201, 0, 9, 0, 0, 0, 1]))),
        || Box::new(Goodbye { sources: vec![1; 40], reason: Bytes::new() }),
    ];
    for packet in strange {
        assert_eq!(both_ways(&mut adapter, || rtcp(vec![packet()], at(1))), (1, 1));
    }
    assert_eq!(handle.adapter_counters().expect("open").unseen_rtcp, 6);
}

#[test]
fn a_malformed_packet_in_a_compound_hides_no_other() {
    let (mut adapter, handle) = bound(Deed::Pass);
    // A receiver report of one block that has none.
    let report = RawPacket(Bytes::from_static(&[0x81, 201, 0, 1, 0, 0, 0, 1]));
    let compound = || {
        let pli = PictureLossIndication { sender_ssrc: 1, media_ssrc: SSRC };
        rtcp(vec![Box::new(report.clone()), Box::new(pli)], at(1))
    };
    assert_eq!(both_ways(&mut adapter, compound), (1, 1));
    assert_eq!(handle.counters().expect("open").malformed_rtcp_packets, 1);
}

#[test]
fn a_hook_that_fails_costs_no_packet() {
    let (mut adapter, handle) = bound(Deed::Fail);
    assert_eq!(both_ways(&mut adapter, || rtp(media(1), at(1))), (1, 1));
    assert_eq!(both_ways(&mut adapter, pli), (1, 1));
    assert_eq!(handle.counters().expect("open").hook_errors, 4);
}

#[test]
fn a_hook_that_panics_costs_no_packet_and_no_call() {
    let (mut adapter, handle) = bound(Deed::Panic);
    assert_eq!(both_ways(&mut adapter, || rtp(media(1), at(1))), (1, 1));
    assert_eq!(both_ways(&mut adapter, pli), (1, 1));
    let counters = handle.counters().expect("open");
    assert_eq!((counters.panics, counters.hook_errors), (1, 0), "bypassed from then on");
    assert!(matches!(handle.poll_event(), Some(Event::Bypassed { interceptor: "test", .. })));
}

#[test]
fn an_owner_that_panics_ends_no_call() {
    let (mut adapter, handle) = bound(Deed::Pass);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        handle.with_chain(|_| panic!("the owner's own"));
    }));
    assert!(panicked.is_err());
    assert_eq!(both_ways(&mut adapter, || rtp(media(1), at(1))), (1, 1));
    assert!(handle.counters().is_some());
}

#[test]
fn what_nobody_polls_pushes_the_oldest_out() {
    let (mut adapter, handle) = bound(Deed::Pass);
    for number in 0..10_000_u64 {
        adapter.handle_read(rtp(media(number as u16), at(number))).expect("never an error");
    }
    assert_eq!(reads(&mut adapter).len(), 8192);
    assert_eq!(handle.adapter_counters().expect("open").dropped_queued, 10_000 - 8192);
}

#[test]
fn payload_types_without_end_are_learnt_once_each() {
    let (mut adapter, handle) = passing();
    adapter.bind_remote_stream(&video());
    for number in 0..1000 {
        adapter
            .handle_read(rtp(media_of(SSRC, (number % 128) as u8, number), at(number.into())))
            .expect("never");
    }
    assert_eq!(remote(&handle, SSRC).codecs.len(), 128);
    assert_eq!(handle.adapter_counters().expect("open").learnt_types, 127);
}

#[test]
fn a_repair_ssrc_that_another_stream_has_costs_the_repair_and_not_the_stream() {
    let (mut adapter, handle) = passing();
    let mut other = video();
    (other.ssrc, other.ssrc_rtx) = (7, Some(SSRC));
    adapter.bind_remote_stream(&video());
    adapter.bind_remote_stream(&other);
    assert_eq!(remote(&handle, 7).rtx, None);
    assert_eq!(handle.adapter_counters().expect("open").bound_without_repair, 1);
}

#[test]
fn a_stream_that_cannot_be_is_counted_and_its_packets_go_on() {
    let (mut adapter, handle) = passing();
    let mut wrong = video();
    wrong.payload_type = 200;
    adapter.bind_remote_stream(&wrong);
    assert_eq!(handle.adapter_counters().expect("open").refused_streams, 1);
    adapter.handle_read(rtp(media(1), at(1))).expect("never an error");
    assert!(is_rtp(&reads(&mut adapter)[0]));
}
