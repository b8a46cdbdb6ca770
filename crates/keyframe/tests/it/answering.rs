//! What a peer asks of local streams.

use interceptor_core::packet::RtcpPacket;

use crate::kit::{Bench, DELTA, KEY, PEER, SSRC, fir, options, packet, pli, unseen, video_of};

#[test]
fn the_owner_is_told_at_once_and_the_packet_goes_on() {
    let mut bench = Bench::sender(options());
    assert_eq!(bench.hear(pli(SSRC)), Some(pli(SSRC)));
    assert_eq!(bench.told(), [SSRC]);
    assert_eq!((bench.answering().plis, bench.answering().told), (1, 1));
    assert_eq!(bench.feedback(), []);
}

#[test]
fn requests_within_the_window_are_one_at_its_end() {
    let mut bench = Bench::sender(options());
    bench.hear_pli().run(100).hear_pli().run(100).hear_pli().run(299);
    assert_eq!((bench.told(), bench.answering().coalesced), (vec![SSRC], 2));
    assert_eq!(bench.run(1).told(), [SSRC]);
    bench.run(60_000);
    assert_eq!((bench.told(), bench.chain.next_timeout()), (vec![], None));
    bench.hear_pli();
    assert_eq!(bench.told(), [SSRC], "a window is over");
}

#[test]
fn a_request_is_served_by_the_key_frame_that_leaves_after_it() {
    let mut bench = Bench::sender(options());
    bench.hear_pli().run(100).hear_pli().run(50);
    bench.chain.write_rtp(packet(SSRC, 1, 3000, &KEY), bench.now);
    // Sent before the key frame could arrive: the round trip is taken for 100 ms.
    bench.run(99).hear_pli().run(60_000);
    assert_eq!((bench.told(), bench.answering().coalesced), (vec![SSRC], 2));
    assert_eq!(bench.answering().keyframes, 1);
}

#[test]
fn one_that_comes_long_after_the_key_frame_is_another() {
    let mut bench = Bench::sender(options());
    bench.hear_pli().run(50);
    bench.chain.write_rtp(packet(SSRC, 1, 3000, &KEY), bench.now);
    bench.run(50);
    bench.chain.write_rtp(packet(SSRC, 2, 6000, &DELTA), bench.now);
    bench.run(60).hear_pli();
    assert_eq!(bench.told(), [SSRC]);
    assert_eq!(bench.run(340).told(), [SSRC], "the key frame was lost");
}

#[test]
fn where_nothing_is_seen_nobody_is_forgotten() {
    let mut bench = Bench::new(options()).with_local(unseen());
    bench.hear_pli().run(50);
    bench.chain.write_rtp(packet(SSRC, 1, 3000, &KEY), bench.now);
    bench.run(10).hear_pli().run(440);
    assert_eq!((bench.told(), bench.answering().keyframes), (vec![SSRC, SSRC], 0));
}

#[test]
fn a_full_intra_request_that_is_repeated_is_no_request() {
    let mut bench = Bench::sender(options());
    for _ in 0..5 {
        bench.hear(fir(PEER, &[(SSRC, 3)]));
        bench.run(300);
    }
    assert_eq!((bench.told(), bench.answering().fir_repeats), (vec![SSRC], 4));
    bench.hear(fir(PEER, &[(SSRC, 4)]));
    assert_eq!(bench.told(), [SSRC]);
    bench.run(600).hear(fir(PEER + 1, &[(SSRC, 4)]));
    assert_eq!((bench.told(), bench.answering().firs), (vec![SSRC], 7), "of somebody else");
}

#[test]
fn streams_have_windows_of_their_own() {
    let mut bench = Bench::sender(options()).with_local(video_of(2));
    bench.hear(fir(PEER, &[(SSRC, 1), (2, 1)]));
    assert_eq!(bench.told(), [SSRC, 2]);
    bench.chain.unbind_local(2, bench.now).unwrap();
    bench.hear(RtcpPacket::builder().pli(PEER, SSRC).pli(PEER, 2).build().unwrap());
    assert_eq!((bench.run(1_000).told(), bench.counters().other.unknown_ssrc), (vec![SSRC], 1));
}

#[test]
fn a_stream_that_ends_within_its_window_leaves_nothing() {
    let mut bench = Bench::sender(options());
    bench.hear_pli().hear_pli();
    assert!(bench.chain.next_timeout().is_some());
    bench.chain.unbind_local(SSRC, bench.now).unwrap();
    bench.told();
    assert_eq!((bench.run(1_000).told(), bench.chain.next_timeout()), (vec![], None));
    assert_eq!(bench.answering().plis, 2);
}

#[test]
fn the_application_does_not_see_what_is_consumed() {
    let mut bench = Bench::sender(options().with_consume(true)).with_local(video_of(2));
    assert_eq!(bench.hear(pli(SSRC)), None, "nothing is left of it");
    // A broken one, and requests for others, go on byte by byte.
    let broken = [0x84, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0];
    let tail = [0x81, 206, 0, 9, 1];
    let mut compound = RtcpPacket::builder();
    let compound = compound
        .receiver_report(PEER, &[])
        .sdes_cname(PEER, "somebody")
        .pli(PEER, SSRC)
        .raw(&broken)
        .fir(PEER, &[(SSRC, 1), (2, 1)])
        .fir(PEER, &[(SSRC, 2), (77, 1)])
        .pli(PEER, 77)
        .verbatim(&tail)
        .build()
        .unwrap();
    let rest = RtcpPacket::builder()
        .receiver_report(PEER, &[])
        .sdes_cname(PEER, "somebody")
        .raw(&broken)
        .fir(PEER, &[(SSRC, 2), (77, 1)])
        .pli(PEER, 77)
        .verbatim(&tail)
        .build()
        .unwrap();
    assert_eq!(bench.hear(compound), Some(rest));
    let (answering, other) = (bench.answering(), bench.counters().other);
    assert_eq!((answering.consumed, answering.plis, answering.firs), (4, 2, 3));
    assert_eq!((other.unknown_ssrc, other.malformed), (2, 1));
    assert_eq!(bench.chain.counters().hook_errors, 0);
}

#[test]
fn nothing_is_listened_to_where_that_is_off() {
    let mut bench = Bench::sender(options().with_answering(false));
    bench.hear_pli();
    assert_eq!((bench.told(), bench.counters()), (vec![], Default::default()));
}
