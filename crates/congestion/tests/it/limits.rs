//! What the application and the peer allow.

use interceptor_congestion::{CongestionOptions, RateLimits};
use interceptor_core::packet::rtcp::TmmbEntry;
use interceptor_core::packet::{Rtcp, RtcpPacket};
use interceptor_test::stream_info;

use crate::kit::{Bench, MEDIA, PEER, ms, numbered, twcc, video};

pub(crate) const KILO: u64 = 1000;

pub(crate) fn remb(bits_per_second: u64, ssrcs: &[u32]) -> RtcpPacket {
    RtcpPacket::builder().remb(PEER, bits_per_second, ssrcs).build().unwrap()
}

pub(crate) fn tmmbr(owner: u32, ssrc: u32, bitrate: u64, overhead: u16) -> RtcpPacket {
    RtcpPacket::builder().tmmbr(owner, &[TmmbEntry { ssrc, bitrate, overhead }]).build().unwrap()
}

pub(crate) fn sender(target: u64) -> Bench {
    let mut bench = Bench::sender();
    bench.controller.script().decision.target = target * KILO;
    bench.send([0]).run(ms(300));
    assert_eq!(bench.target(), target * KILO);
    bench
}

#[test]
fn an_old_remb_fades_where_it_is_all_there_is_and_ends_beside_feedback() {
    let mut bench = sender(5000);
    bench.read_rtcp(&remb(1000 * KILO, &[MEDIA])).run(ms(7000));
    assert!((600 * KILO..730 * KILO).contains(&bench.target()), "{}", bench.target());
    let mut bench = sender(5000);
    bench.read_rtcp(&remb(1000 * KILO, &[MEDIA]));
    for number in 0..60 {
        bench.write(numbered(number)).run(ms(100)).read_rtcp(&twcc(number, 1, number as u8, &[Some(0)]));
    }
    assert_eq!(bench.target(), 5000 * KILO);
}

#[test]
fn a_tmmbr_is_a_cap_and_is_answered_with_the_bounding_set() {
    let mut bench = sender(900);
    bench.read_rtcp(&tmmbr(PEER, MEDIA, 400 * KILO, 28));
    assert_eq!(bench.target(), 400 * KILO);
    let sent = bench.rtcp();
    assert_eq!(sent.len(), 1);
    let Some(Rtcp::Tmmbn(answer)) = sent[0].packets().next() else { panic!("{sent:?}") };
    let entries: Vec<_> =
        answer.entries().map(|entry| (entry.ssrc, entry.bitrate / KILO, entry.overhead)).collect();
    assert_eq!((answer.sender_ssrc(), entries), (MEDIA, vec![(PEER, 400, 28)]));
    // Its owner changes its mind, then leaves.
    bench.run(ms(200)).read_rtcp(&tmmbr(PEER, MEDIA, 700 * KILO, 28));
    assert!(bench.controller.script().limits.last().unwrap().max / KILO >= 699);
    bench.read_rtcp(&RtcpPacket::builder().bye(&[PEER], "").build().unwrap());
    assert_eq!(bench.controller.script().limits.last().unwrap().max, 50_000 * KILO);
}

#[test]
fn peers_have_no_say_where_their_limits_are_switched_off() {
    let mut bench = Bench::new(CongestionOptions::default().with_peer_limits(false), |config| config);
    bench.chain.bind_local(video(), bench.now).unwrap();
    bench.controller.script().decision.target = 900 * KILO;
    bench.read_rtcp(&remb(100 * KILO, &[MEDIA])).read_rtcp(&tmmbr(PEER, MEDIA, 90_000, 40));
    assert_eq!(bench.target(), 900 * KILO);
}

#[test]
fn limits_are_set_while_chains_run() {
    let mut bench = sender(900);
    assert_eq!(bench.handle.connection("other").set_limits(RateLimits { min: 5000, max: 6000 }), Ok(0));
    assert_eq!(bench.handle.set_limits(RateLimits { min: 50 * KILO, max: 200 * KILO }), Ok(1));
    bench.write(numbered(0)).run(ms(0));
    assert_eq!(bench.target(), 200 * KILO);
    let state = bench.handle.connection("test").connections().remove(0);
    assert_eq!((state.target, state.limits.min, state.limits.max), (200 * KILO, 50 * KILO, 200 * KILO));
    let error = bench.handle.set_limits(RateLimits { min: 7000, max: 6000 }).unwrap_err();
    assert_eq!((error.field, error.value.as_str()), ("min", "7000"));
}

#[test]
fn remb_of_the_application_leaves_each_second_and_at_once_when_it_falls() {
    let mut bench = Bench::new(CongestionOptions::default(), |config| config);
    let info = stream_info::bare(7).with_feedback("goog-remb", "");
    bench.chain.bind_remote(info, bench.now).unwrap();
    bench.chain.bind_remote(stream_info::bare(8), bench.now).unwrap();
    assert_eq!(bench.handle.set_remb(Some(1 << 20)), 1);
    let read = |bench: &mut Bench| {
        bench.chain.read_rtp(interceptor_test::rtp(7).build(), bench.now);
        bench.run(ms(1));
    };
    read(&mut bench);
    let sent = bench.rtcp();
    let Some(Rtcp::Remb(message)) = sent[0].packets().next() else { panic!("{sent:?}") };
    assert_eq!((message.bitrate(), message.ssrcs().collect::<Vec<_>>()), (1 << 20, vec![7]));
    bench.run(ms(3000));
    assert_eq!(bench.rtcp().len(), 3);
    bench.handle.set_remb(Some(1 << 19));
    read(&mut bench);
    assert_eq!(bench.rtcp().len(), 1);
    bench.handle.set_remb(None);
    read(&mut bench);
    bench.run(ms(3000));
    assert_eq!(bench.rtcp().len(), 0);
    assert_eq!(bench.counters().remb_sent, 5);
}

#[test]
fn a_message_is_a_compound_where_reduced_size_was_not_negotiated() {
    let mut bench = Bench::new(CongestionOptions::default(), |config| config.with_reduced_size_rtcp(false));
    bench.chain.bind_local(video(), bench.now).unwrap();
    bench.read_rtcp(&tmmbr(PEER, MEDIA, 400 * KILO, 40));
    let sent = bench.rtcp();
    assert!(sent[0].is_compound() && sent[0].packets().count() == 3, "{sent:?}");
}

#[test]
fn another_route_is_told_to_the_controller() {
    let mut bench = sender(900);
    bench.read_rtcp(&remb(100 * KILO, &[MEDIA]));
    assert_eq!(bench.handle.route_change(), 1);
    bench.write(numbered(1)).run(ms(30));
    assert_eq!(bench.controller.script().route_changes, 1);
    assert_eq!(bench.target(), 900 * KILO, "the other way has other limits");
}
