//! When it asks, when it asks again, and when it has been answered.

use interceptor_core::packet::RtcpPacket;
use interceptor_core::{FecInfo, FecScheme};
use interceptor_keyframe::KeyframeDetect;

use crate::kit::{Bench, DELTA, KEY, PEER, Request, SSRC, ms, only_told, packet, unseen, video, video_of};

#[test]
fn one_request_is_outstanding_whoever_needs_it() {
    let mut bench = Bench::receiver(only_told());
    for _ in 0..1000 {
        bench.need(SSRC);
    }
    assert_eq!(bench.asked(), [Request::Pli(SSRC)]);
    let counters = bench.asking();
    assert_eq!((counters.told, counters.joined, counters.plis_sent), (1000, 999, 1));
    bench.run(120).key_frame();
    assert_eq!(bench.asking().answered, 1);
    assert_eq!(bench.asked_within(60_000), [0; 0]);
    assert_eq!(bench.chain.next_timeout(), None);
}

#[test]
fn a_request_that_is_not_answered_is_repeated_after_a_round_trip_and_a_half() {
    for (rtt, expected) in [
        (20, vec![0, 500, 1000, 1500, 2500, 4500]),
        // 1.5 x 300 + 2 x 33.
        (300, vec![0, 516, 1032, 1548, 2580, 4644]),
        (600, vec![0, 966, 1932, 2898, 4830]),
    ] {
        let mut bench = Bench::new(only_told()).with_remote(video());
        bench.set_rtt(rtt).need(SSRC);
        assert_eq!(bench.asked_within(7_000), expected, "{rtt}");
        assert_eq!(bench.asking().repeats, expected.len() as u64 - 1);
    }
}

#[test]
fn repeats_wait_for_slow_frames() {
    let mut bench = Bench::receiver(only_told());
    for _ in 0..60 {
        bench.run(100).delta_frame();
    }
    bench.set_rtt(300).need(SSRC);
    assert_eq!(bench.asked_within(600), [6000]);
    // 1.5 x 300 + 2 x 100, within a millisecond.
    assert_eq!(bench.asked_within(51), [6649]);
}

#[test]
fn who_needs_one_just_after_a_request_is_remembered() {
    let mut bench = Bench::receiver(only_told());
    bench.need(SSRC).run(100).key_frame().run(390).need(SSRC);
    assert_eq!(bench.asked_within(1), [490], "the first one, polled late");
    assert_eq!(bench.asking().remembered, 1);
    assert_eq!(bench.asked_within(400), [500], "at the end of the interval");
    assert_eq!(bench.asking().plis_sent, 2);
}

#[test]
fn who_is_remembered_is_spared_by_a_key_frame() {
    let mut bench = Bench::receiver(only_told());
    bench.need(SSRC).run(100).key_frame().run(100).need(SSRC).run(100).key_frame();
    bench.run(60_000);
    let counters = bench.asking();
    assert_eq!((counters.remembered, counters.spared, counters.plis_sent), (1, 1, 1));
    assert_eq!(bench.chain.next_timeout(), None);
}

#[test]
fn a_peer_that_is_gone_is_asked_for_nothing_until_it_is_heard_again() {
    let mut bench = Bench::receiver(only_told());
    bench.need(SSRC);
    assert_eq!(bench.asked_within(3_600_000).len(), 10);
    assert_eq!(bench.chain.next_timeout(), None, "no timer runs for a peer that is gone");
    bench.hear(RtcpPacket::builder().receiver_report(PEER, &[]).build().unwrap());
    assert_eq!(bench.asked_within(100).len(), 1);
}

#[test]
fn where_nothing_is_seen_a_request_is_over_after_a_second() {
    for (options, info) in
        [(only_told(), unseen()), (only_told().with_detect(KeyframeDetect::Never), video())]
    {
        let mut bench = Bench::new(options).with_remote(info);
        bench.key_frame().need(SSRC);
        assert_eq!(bench.asked_within(5_000), [0], "it is not repeated");
        assert_eq!((bench.asking().assumed_answered, bench.asking().keyframes), (1, 0));
        bench.need(SSRC).run(10).need(SSRC);
        assert_eq!(bench.asked_within(5_000), [5_010, 6_000], "and nobody is forgotten");
        assert_eq!(bench.asking().remembered, 1);
    }
}

#[test]
fn a_codec_of_ones_own_answers() {
    fn is_key(payload: &[u8]) -> bool {
        payload.first() == Some(&7)
    }
    let mut bench = Bench::new(only_told().with_detect(KeyframeDetect::Custom(is_key))).with_remote(unseen());
    bench.need(SSRC).read(packet(SSRC, 1, 0, &[6])).run(10).read(packet(SSRC, 2, 3000, &[7]));
    assert_eq!((bench.asking().keyframes, bench.asking().answered), (1, 1));
    assert_eq!(bench.asked_within(60_000), [10]);
}

#[test]
fn retransmissions_and_fec_are_no_key_frames() {
    let fec = FecInfo::new(FecScheme::FlexFec03, 49).with_ssrc(78);
    let mut bench = Bench::new(only_told()).with_remote(video().with_rtx(77, 97).with_fec(fec));
    bench.need(SSRC).read(packet(77, 1, 3000, &KEY)).read(packet(78, 1, 3000, &KEY));
    assert_eq!(bench.asking().keyframes, 0);
    bench.read(packet(SSRC, 1, 3000, &KEY));
    assert_eq!(bench.asking().keyframes, 1);
}

#[test]
fn each_packet_of_a_key_frame_is_of_the_same() {
    let info = video().with_mime_type("video/H264");
    let mut bench = Bench::new(only_told()).with_remote(info);
    for (seq, payload) in [&[0x67, 1][..], &[0x68, 1], &[0x65, 1], &[0x65, 2]].into_iter().enumerate() {
        bench.read(packet(SSRC, seq as u16, 3000, payload));
    }
    assert_eq!(bench.asking().keyframes, 1);
    // Needed within it: the rest of it is of no use.
    bench.need(SSRC).read(packet(SSRC, 4, 3000, &[0x65, 3]));
    assert_eq!((bench.asking().keyframes, bench.asking().answered), (1, 0));
    bench.read(packet(SSRC, 5, 6000, &[0x65, 3]));
    assert_eq!((bench.asking().keyframes, bench.asking().answered), (2, 1));
}

#[test]
fn streams_that_are_due_together_share_a_datagram() {
    let mut bench = Bench::new(only_told());
    let ssrcs: Vec<u32> = (1..=250).collect();
    for ssrc in &ssrcs {
        bench.chain.bind_remote(video_of(*ssrc), bench.now).unwrap();
        bench.need(*ssrc);
    }
    assert_eq!(bench.asked().len(), 250);
    bench.run(500);
    let datagrams = bench.feedback();
    let asked: Vec<_> = datagrams.iter().flat_map(crate::kit::requests).collect();
    assert_eq!(asked, ssrcs.iter().map(|ssrc| Request::Pli(*ssrc)).collect::<Vec<_>>());
    // 1200 bytes hold a hundred.
    assert_eq!(datagrams.iter().map(RtcpPacket::len).collect::<Vec<_>>(), [1200, 1200, 600]);
}

#[test]
fn a_stream_that_ends_leaves_no_request_and_no_timer() {
    let mut bench = Bench::receiver(only_told());
    bench.need(SSRC);
    assert!(bench.chain.next_timeout().is_some());
    bench.chain.unbind_remote(SSRC, bench.now).unwrap();
    bench.asked();
    assert_eq!(bench.asked_within(60_000), [0; 0]);
    assert_eq!(bench.chain.next_timeout(), None);
    assert_eq!(bench.asking().plis_sent, 1, "what it had counted stays");
    assert_eq!(bench.handle.remote("test", SSRC), None);
}

#[test]
fn frames_in_the_middle_of_nowhere_are_no_answer() {
    let mut bench = Bench::receiver(only_told());
    bench.need(SSRC);
    for _ in 0..10 {
        bench.now += ms(10);
        bench.read(packet(SSRC, 9, 9000, &DELTA));
    }
    assert_eq!(bench.asking().answered, 0);
}
