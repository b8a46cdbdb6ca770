//! Why it asks.

use interceptor_core::packet::RtcpPacket;
use interceptor_keyframe::KeyframeDetect;

use crate::kit::{Bench, PEER, Request, SSRC, ms, only_told, options, packet, pli, unseen, video, video_of};

#[test]
fn a_stream_that_is_joined_in_the_middle_needs_a_key_frame() {
    let mut bench = Bench::new(options()).with_remote(video());
    assert_eq!(bench.asked(), [], "nothing has come yet");
    bench.delta_frame();
    assert_eq!(bench.asked(), [Request::Pli(SSRC)]);
    bench.delta_frame();
    assert_eq!((bench.asking().begun_in_the_middle, bench.asked()), (1, vec![]));
}

#[test]
fn a_stream_that_begins_with_a_key_frame_needs_none() {
    let mut bench = Bench::new(options()).with_remote(video());
    bench.key_frame().delta_frame();
    assert_eq!((bench.asked(), bench.asking().keyframes), (vec![], 1));
}

#[test]
fn where_nothing_is_seen_every_stream_may_have_begun_in_the_middle() {
    let mut bench = Bench::new(options()).with_remote(unseen());
    bench.key_frame();
    assert_eq!(bench.asked(), [Request::Pli(SSRC)]);
}

#[test]
fn each_cause_can_be_switched_off() {
    let mut bench = Bench::new(only_told().with_on_fact(false)).with_remote(video());
    bench.delta_frame().need(SSRC);
    assert_eq!(bench.asked_within(60_000), [0; 0]);
    assert_eq!(bench.chain.next_timeout(), None);
    let mut bench = Bench::new(options().with_asking(false)).with_remote(video());
    bench.delta_frame().need(SSRC);
    assert_eq!(bench.asked_within(60_000), [0; 0]);
}

#[test]
fn an_interval_asks_as_long_as_the_peer_is_there() {
    let mut bench = Bench::new(only_told().with_interval(Some(ms(3_000)))).with_remote(video());
    let mut asked = Vec::new();
    for step in 0..200 {
        if step % 30 == 1 {
            bench.key_frame();
        }
        asked.extend(bench.delta_frame().asked_within(100));
    }
    assert_eq!(asked, [3_000, 6_000, 9_000, 12_000, 15_000, 18_000]);
    assert_eq!(bench.asking().by_interval, 6);
    bench.key_frame().run(60_000);
    bench.asked();
    assert_eq!(bench.chain.next_timeout(), None, "it is gone");
}

#[test]
fn silence_is_a_cause_only_while_something_comes() {
    let mut bench = Bench::receiver(options());
    assert_eq!(bench.asked_within(60_000), [0; 0], "the peer is gone");
    assert_eq!(bench.chain.next_timeout(), None);
    let report = || RtcpPacket::builder().receiver_report(PEER, &[]).build().unwrap();
    bench.hear(report());
    bench.run(2_000).hear(report());
    let asked = bench.asked_within(1_100);
    assert_eq!(asked, [63_000], "three seconds after it was heard again");
    assert_eq!(bench.asking().by_silence, 1);
    bench.key_frame();
    assert_eq!(bench.asking().answered, 1);
}

#[test]
fn another_streams_packets_show_that_the_peer_is_there() {
    let mut bench = Bench::receiver(options()).with_remote(video_of(2));
    let mut asked = Vec::new();
    for step in 0..100_u16 {
        let payload: &[u8] = if step == 0 { &crate::kit::KEY } else { &crate::kit::DELTA };
        bench.read(packet(2, step, u32::from(step) * 9000, payload));
        asked.extend(bench.asked_within(100));
    }
    assert_eq!(asked.first(), Some(&3_000), "{asked:?}");
    assert_eq!(bench.asking().by_silence, 1, "the request is repeated, silence is no further cause");
}

#[test]
fn a_sender_that_is_muted_is_not_asked_for_ever() {
    for info in [video(), unseen()] {
        let options = options().with_on_bind(false);
        let mut bench = Bench::new(options).with_remote(info).with_remote(video_of(2));
        bench.key_frame();
        let mut asked = Vec::new();
        for step in 0..3600_u16 {
            bench.read(packet(2, step, u32::from(step) * 9000, &crate::kit::KEY));
            asked.extend(bench.asked_within(100));
        }
        let late = asked.iter().filter(|at| **at >= 120_000).count();
        assert!((20..=25).contains(&late), "each ten seconds for four minutes: {asked:?}");
        assert!(asked.len() <= 60, "{}", asked.len());
    }
}

#[test]
fn frames_that_go_on_are_no_silence() {
    let mut bench = Bench::receiver(options().with_detect(KeyframeDetect::Never).with_on_bind(false));
    for _ in 0..600 {
        bench.delta_frame().run(100);
    }
    assert_eq!((bench.asked(), bench.asking().by_silence), (vec![], 0));
}

#[test]
fn requests_of_the_peer_are_no_cause_to_ask_it() {
    let mut bench = Bench::receiver(only_told()).with_local(video_of(2));
    bench.hear(pli(2));
    assert_eq!(bench.asked(), []);
}
