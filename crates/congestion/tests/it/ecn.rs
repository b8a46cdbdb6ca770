//! ECN marks: set where they are of use, given up where they do not get through.

use interceptor_congestion::{CongestionOptions, FeedbackFormat, Outcome};
use interceptor_core::Outgoing;
use interceptor_core::packet::rtcp::{CcfbMetric, CcfbStream};
use interceptor_core::packet::{Ecn, RtcpPacket};
use interceptor_test::rtp;

use crate::kit::{Bench, MEDIA, PEER, ccfb_video, ms, video};

fn bench(options: CongestionOptions, ecn: bool) -> Bench {
    let mut bench = Bench::new(options, |config| config.with_ecn(ecn));
    bench.controller.script().decision.ect = Ecn::Ect1;
    let both = video().with_feedback("ack", "ccfb");
    bench.chain.bind_local(both, bench.now).unwrap();
    bench.run(ms(0));
    bench
}

fn send(bench: &mut Bench, first: u16, count: u16) -> Vec<Option<Ecn>> {
    for seq in first..first + count {
        bench.write(rtp(MEDIA).seq(seq).payload_len(500).build()).run(ms(1));
    }
    let ecn = |packet| if let Outgoing::Rtp(packet) = packet { Some(packet.info().ecn) } else { None };
    bench.wire().into_iter().filter_map(ecn).collect()
}

fn ccfb(first: u16, count: usize, ecn: Ecn) -> RtcpPacket {
    let metrics = vec![CcfbMetric::received(ecn, Some(ms(1))); count];
    let stream = CcfbStream { ssrc: MEDIA, begin_sequence: first, metrics: &metrics };
    RtcpPacket::builder().ccfb(PEER, &[stream], 0x10000).build().unwrap()
}

#[test]
fn where_marks_are_of_use_rfc_8888_is_chosen_and_packets_are_marked() {
    let mut bench = bench(CongestionOptions::default(), true);
    assert_eq!(bench.interceptor().feedback_format(), Some(FeedbackFormat::Ccfb));
    assert_eq!(send(&mut bench, 0, 3), [Some(Ecn::Ect1); 3]);
    bench.read_rtcp(&ccfb(0, 2, Ecn::Ce)).read_rtcp(&ccfb(2, 1, Ecn::Ect1));
    let told = bench.told();
    let marks = told.iter().flat_map(|told| &told.packets).map(|packet| match packet.outcome {
        Outcome::Received { ecn, .. } => ecn,
        other => panic!("{other:?}"),
    });
    assert_eq!(marks.collect::<Vec<_>>(), [Ecn::Ce, Ecn::Ce, Ecn::Ect1]);
    assert_eq!((bench.counters().sent_ect, bench.counters().packets_marked), (3, 2));
    assert_eq!(bench.chain.facts().pacing().unwrap().ect, Some(Ecn::Ect1));
}

#[test]
fn where_they_are_of_none_the_cheaper_feedback_is_chosen() {
    for bench in [
        bench(CongestionOptions::default(), false),
        bench(CongestionOptions::default().with_ecn(false), true),
    ] {
        assert_eq!(bench.interceptor().feedback_format(), Some(FeedbackFormat::Twcc));
    }
}

#[test]
fn a_path_that_clears_marks_has_none_from_then_on() {
    let mut bench = bench(CongestionOptions::default(), true);
    send(&mut bench, 0, 12);
    bench.read_rtcp(&ccfb(0, 9, Ecn::NotEct));
    assert_eq!(send(&mut bench, 12, 1), [Some(Ecn::Ect1)]);
    bench.read_rtcp(&ccfb(9, 1, Ecn::NotEct));
    assert_eq!(send(&mut bench, 13, 2), [None, None]);
    assert_eq!(bench.counters().ecn_given_up, 1);
    assert_eq!(bench.chain.facts().pacing().unwrap().ect, None);
    // Another path may be better.
    bench.handle.route_change();
    send(&mut bench, 15, 1);
    assert_eq!(send(&mut bench, 16, 1), [Some(Ecn::Ect1)]);
}

#[test]
fn a_path_that_marks_everything_has_none_from_then_on() {
    let mut bench = bench(CongestionOptions::default(), true);
    send(&mut bench, 0, 60);
    bench.read_rtcp(&ccfb(0, 60, Ecn::Ce));
    assert_eq!(send(&mut bench, 60, 1), [None]);
}

#[test]
fn feedback_that_was_not_chosen_is_counted_and_used_when_the_other_is_silent() {
    let mut bench = bench(CongestionOptions::default(), true);
    bench.chain.bind_local(ccfb_video(9), bench.now).unwrap();
    bench.send(0..10).read_rtcp(&crate::kit::twcc(0, 1, 0, &[Some(0)]));
    assert_eq!((bench.told().len(), bench.counters().feedback_not_chosen), (0, 1));
    bench.run(ms(6000)).read_rtcp(&crate::kit::twcc(0, 1, 1, &[Some(0)]));
    assert_eq!(bench.interceptor().feedback_format(), Some(FeedbackFormat::Twcc));
    bench.send(20..22).read_rtcp(&crate::kit::twcc(20, 1, 2, &[Some(0), Some(500)]));
    assert_eq!(bench.told()[0].format, FeedbackFormat::Twcc);
}
