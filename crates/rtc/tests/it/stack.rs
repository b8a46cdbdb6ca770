//! Calls of the whole stack that are negotiated again, change and end.

use std::time::Duration;

use interceptor_core::packet::Rtcp;
use interceptor_core::{Event, Registry};
use interceptor_rtc::{ChainHandle, Delivery, Setup};
use interceptor_stats::{StatsHandle, StreamEnded};
use interceptor_test::Clock;
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::rtp_transceiver::RTCRtpSenderId;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::receiver_report::ReceiverReport;
use sansio::Protocol as _;

use crate::pair::{Call, MEDIA_SSRC, RTX_SSRC, VP8, coding, media, our_peer, ours, ours_without_rtx, track};

struct Connected {
    call: Call,
    sender: RTCRtpSenderId,
    a: ChainHandle,
    b: ChainHandle,
    stats: StatsHandle,
}

const SPACING: Duration = Duration::from_millis(5);

fn connected(setup: fn() -> Setup) -> Connected {
    let (registry, stats) = ours();
    let now = Clock::new().now();
    let (a, a_handle) = our_peer(&registry, "a", 4001, setup(), now);
    let (b, b_handle) = our_peer(&registry, "b", 4002, setup(), now);
    let mut call = Call::new(a, b, Duration::from_millis(1));
    let sender = call.a.pc.add_track(track(coding(Some(RTX_SSRC)))).expect("a track");
    call.connect();
    Connected { call, sender, a: a_handle, b: b_handle, stats }
}

/// Of the first hundred packets that leave; what comes after them shows what is missing.
fn every_tenth(number: u64) -> bool {
    number < 100 && number.is_multiple_of(10)
}

#[test]
fn a_call_that_is_negotiated_again_goes_on_as_it_was() {
    let Connected { mut call, sender, a, b, .. } = connected(Setup::default);
    call.drop_rtp(every_tenth);
    call.send(sender, 0..50, SPACING);
    call.negotiate();
    call.send(sender, 50..100, SPACING);
    call.run_for(Duration::from_secs(1));
    assert_eq!((call.b.unique(), call.b.received.len()), (100, 100));
    for handle in [a, b] {
        let layout = handle.layout().expect("open");
        assert!(layout.rows().iter().all(|row| row.local_streams + row.remote_streams == 1), "{layout}");
        let ended = std::iter::from_fn(|| handle.poll_event());
        assert!(
            !ended.into_iter().any(|event| event.raised::<StreamEnded>().is_some()),
            "nothing was unbound"
        );
    }
}

#[test]
fn a_track_that_is_removed_says_goodbye_on_the_wire() {
    let Connected { mut call, sender, a, stats, .. } = connected(Setup::default);
    call.send(sender, 0..10, SPACING);
    let before = stats.connection("b").expect("open").rtcp_packets_received;
    call.a.pc.remove_track(sender).expect("it is there");
    call.run_for(Duration::from_millis(10));
    assert_eq!(a.with_chain(|chain| chain.stream_counts()), Some((0, 0)));
    assert_eq!(
        stats.connection("b").expect("open").rtcp_packets_received,
        before + 1,
        "the goodbye has come"
    );
}

#[test]
fn a_goodbye_before_the_close_reaches_the_far_end() {
    let Connected { mut call, sender, a, stats, .. } = connected(Setup::default);
    call.send(sender, 0..10, SPACING);
    let before = stats.connection("b").expect("open").rtcp_packets_received;
    a.say_goodbye(call.now());
    call.a.pc.close().expect("it closes");
    call.run_for(Duration::from_millis(10));
    assert_eq!(stats.connection("b").expect("open").rtcp_packets_received, before + 1);
}

#[test]
fn a_close_without_a_word_sends_nothing_and_leaves_nothing() {
    let Connected { mut call, sender, a, stats, .. } = connected(Setup::default);
    call.send(sender, 0..10, SPACING);
    let before = stats.connection("b").expect("open").rtcp_packets_received;
    call.a.pc.close().expect("it closes");
    call.run_for(Duration::from_millis(10));
    assert_eq!(stats.connection("b").expect("open").rtcp_packets_received, before);
    assert!(stats.connection("a").is_none(), "its statistics have ended with it");
    drop(call);
    assert!(!a.is_open());
}

#[test]
fn a_thousand_peers_leave_nothing() {
    let (registry, stats) = ours();
    let now = Clock::new().now();
    let mut handles = Vec::new();
    for number in 0..1000 {
        let (mut peer, handle) = our_peer(&registry, &format!("peer-{number}"), 4001, Setup::default(), now);
        peer.pc.add_track(track(coding(Some(RTX_SSRC)))).expect("a track");
        assert!(handle.is_open() && stats.connection(&format!("peer-{number}")).is_some());
        // Every other one is only dropped.
        if number % 2 == 0 {
            peer.pc.close().expect("it closes");
        }
        handles.push(handle);
    }
    assert!(handles.iter().all(|handle| !handle.is_open()));
    assert_eq!(stats.connections().len(), 0);
}

#[test]
fn another_track_on_the_same_ssrc_is_repaired_as_the_first() {
    let Connected { mut call, sender, .. } = connected(Setup::default);
    call.drop_rtp(every_tenth);
    call.send(sender, 0..50, SPACING);
    let other = track(coding(Some(RTX_SSRC)));
    call.a.pc.rtp_sender(sender).expect("there").replace_track(other).expect("of the same kind");
    // The new track's numbers begin elsewhere.
    call.send(sender, 30_000..30_050, SPACING);
    call.run_for(Duration::from_secs(1));
    assert_eq!((call.b.unique(), call.b.received.len()), (100, 100));
}

#[test]
fn a_codec_switch_in_the_middle_is_repaired() {
    let Connected { mut call, sender, b, .. } = connected(Setup::default);
    call.drop_rtp(every_tenth);
    let track_id = call.a.pc.rtp_sender(sender).expect("there").track().track_id().to_owned();
    // VP9, as the stack registers it; it binds nothing anew.
    for (numbers, payload_type) in [(0..50_u16, VP8), (50..100, 98)] {
        for number in numbers {
            // Past the sender's own check, which knows the codecs of its first track.
            let message = RTCMessage::RtpPacket(track_id.clone(), media(number, payload_type));
            let now = call.now();
            call.a.pc.handle_write(TaggedRTCMessage { now, message }).expect("it can be sent");
            call.run_for(SPACING);
        }
    }
    call.run_for(Duration::from_secs(1));
    assert_eq!((call.b.unique(), call.b.received.len()), (100, 100));
    assert_eq!(b.adapter_counters().expect("open").learnt_types, 1);
    let restored = call.b.received.iter().filter(|packet| packet.header.payload_type == 98);
    assert_eq!(restored.count(), 50, "with the type that they were sent with");
}

/// As `connected`, but nothing in the offer names an SSRC, so that the stack binds what comes without RTX.
fn connected_unannounced(registry: &Registry) -> (Call, RTCRtpSenderId, ChainHandle) {
    let now = Clock::new().now();
    let (a, _) = our_peer(registry, "a", 4001, Setup::default(), now);
    let (b, handle) = our_peer(registry, "b", 4002, Setup::default(), now);
    let mut call = Call::new(a, b, Duration::from_millis(1));
    let sender = call.a.pc.add_track(track(coding(Some(RTX_SSRC)))).expect("a track");
    call.connect_with(|offer| {
        offer.split_inclusive('\n').filter(|line| !line.starts_with("a=ssrc")).collect()
    });
    (call, sender, handle)
}

#[test]
fn a_stream_that_nobody_has_announced_is_repaired_where_there_is_no_rtx() {
    let (mut call, sender, handle) = connected_unannounced(&ours_without_rtx().0);
    call.drop_rtp(every_tenth);
    call.send(sender, 0..100, SPACING);
    call.run_for(Duration::from_secs(1));
    assert_eq!((call.b.unique(), call.b.received.len()), (100, 100));
    let rtx = handle.with_chain(|chain| chain.remote_stream(MEDIA_SSRC).map(|stream| stream.rtx.clone()));
    assert_eq!(rtx, Some(Some(None)), "the stack binds it");
}

#[test]
fn a_request_for_a_key_frame_reaches_the_senders_application_and_nothing_else_does() {
    let Connected { mut call, sender, .. } =
        connected(|| Setup::default().with_rtcp_to_application(Delivery::KeyframeRequests));
    call.send(sender, 0..10, SPACING);
    let receiver = call.b.pc.get_receivers().next().expect("there");
    let compound: Vec<Box<dyn rtc_rtcp::Packet>> = vec![
        Box::new(ReceiverReport { ssrc: 1, ..ReceiverReport::default() }),
        Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc: MEDIA_SSRC }),
    ];
    let now = call.now();
    call.b.pc.rtp_receiver(receiver).expect("there").write_rtcp(now, compound).expect("it can be sent");
    call.run_for(Duration::from_secs(3));
    let [heard] = &call.a.heard[..] else { panic!("{:?}", call.a.heard) };
    assert!(heard.len() == 1 && heard[0].as_any().is::<PictureLossIndication>());
    assert!(call.b.heard.is_empty());
}

#[test]
fn connections_that_are_opened_and_closed_leave_nothing() {
    let (registry, stats) = ours();
    let mut handles = Vec::new();
    for _ in 0..10 {
        let now = Clock::new().now();
        let (a, a_handle) = our_peer(&registry, "a", 4001, Setup::default(), now);
        let (b, b_handle) = our_peer(&registry, "b", 4002, Setup::default(), now);
        let mut call = Call::new(a, b, Duration::from_millis(1));
        let sender = call.a.pc.add_track(track(coding(Some(RTX_SSRC)))).expect("a track");
        call.connect();
        call.send(sender, 0..10, SPACING);
        assert_eq!(call.b.unique(), 10);
        call.a.pc.close().expect("it closes");
        call.b.pc.close().expect("it closes");
        handles.extend([a_handle, b_handle]);
    }
    assert!(handles.iter().all(|handle| !handle.is_open()));
    assert_eq!(stats.connections().len(), 0);
}

#[test]
fn goodbyes_are_in_the_packet_that_leaves() {
    let Connected { mut call, sender, a, .. } = connected(Setup::default);
    call.send(sender, 0..10, SPACING);
    let goodbye = a.with_chain(|chain| {
        chain.unbind_local(MEDIA_SSRC, call.now()).expect("bound");
        let Some(interceptor_core::Outgoing::Rtcp(packet)) = chain.poll_wire() else { return false };
        packet.packets().any(|packet| matches!(packet, Rtcp::Bye(_)))
    });
    assert_eq!(goodbye, Some(true));
    let events = std::iter::from_fn(|| a.poll_event());
    assert!(events.into_iter().any(|event| matches!(event, Event::Raised { interceptor: "stats", .. })));
}
