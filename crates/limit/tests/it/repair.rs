//! Two ends with reports and repair: what a limit drops is no loss that anybody makes up for.

use std::time::Duration;

use interceptor_core::packet::Rtcp;
use interceptor_core::{Abandoned, Event, Fact, Registry};
use interceptor_limit::{Bounds, LimitFactory, LimitOptions, Policy, Way};
use interceptor_nack::{Nack, NackCounters, NackFactory};
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_test::{LinkOptions, Pair, PairOptions, Side, rtp, stream_info};

use crate::kit::{MS, SECOND, packets};

fn registry() -> Registry {
    Registry::new().with(ReportFactory::default()).with(RtxFactory::default()).with(NackFactory::default())
}

fn repair(pair: &mut Pair, side: Side) -> NackCounters {
    pair.with_chain(side, |chain, _| chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams)))
        .unwrap()
}

/// The most packets that any report of `side` has called lost.
fn reported_lost(pair: &Pair, side: Side) -> i32 {
    let rtcp = pair.received(side).iter().filter_map(|received| received.rtcp());
    let lost = rtcp.flat_map(|packet| {
        let blocks = packet.packets().map(|part| match part {
            Rtcp::ReceiverReport(report) => report.report_blocks().map(|block| block.cumulative_lost()).max(),
            Rtcp::SenderReport(report) => report.report_blocks().map(|block| block.cumulative_lost()).max(),
            _ => None,
        });
        blocks.flatten().max()
    });
    lost.max().unwrap_or(0)
}

/// 200 packets a second for five seconds from A to B.
fn call(sender: &Registry, receiver: &Registry, link: LinkOptions) -> Pair {
    let mut pair =
        Pair::new(sender, receiver, PairOptions::default().with_links(link.with_delay(20 * MS))).unwrap();
    pair.bind(Side::A, stream_info::video_with_rtx(1, 2)).unwrap();
    pair.feed(Side::A, rtp(1).payload_len(500).stream().every(5 * MS).take(1000));
    pair.run_for(8 * SECOND);
    pair
}

#[test]
fn what_the_sender_drops_is_reported_but_never_sent_again() {
    let limit =
        LimitFactory::new(LimitOptions::default().with_local(packets(100, 10, Policy::Drop))).unwrap();
    let handle = limit.handle();
    let mut pair = call(&registry().with(limit), &registry(), LinkOptions::default());
    let counters = handle.totals(Way::Outgoing).streams;
    // Half of it, and every packet was media: no retransmission was even tried.
    assert!((480..=500).contains(&counters.dropped_rate), "{counters:?}");
    assert_eq!((counters.passed + counters.dropped(), counters.dropped_repair), (1000, 0));
    let (asked, answered) = (repair(&mut pair, Side::B).asking, repair(&mut pair, Side::A).answering);
    assert!(asked.packets_missing >= 480, "the receiver misses them: {asked:?}");
    assert_eq!(answered.packets_resent, 0, "and the sender knows better: {answered:?}");
    let lost = reported_lost(&pair, Side::A);
    assert!((480..=500).contains(&lost), "{lost} reported lost");
    let received = pair.received_rtp(Side::B).count() as u64;
    assert_eq!(received, counters.passed);
}

#[test]
fn what_the_path_loses_of_the_rest_is_still_sent_again() {
    let limit =
        LimitFactory::new(LimitOptions::default().with_local(packets(150, 10, Policy::Drop))).unwrap();
    let handle = limit.handle();
    let link = LinkOptions::default().with_loss(interceptor_test::Loss::random(0.02));
    let mut pair = call(&registry().with(limit), &registry(), link);
    let answered = repair(&mut pair, Side::A).answering;
    assert!(answered.packets_resent > 5, "{answered:?}");
    let counters = handle.totals(Way::Outgoing).streams;
    // Retransmissions have to keep to the rate as well.
    assert!(counters.passed <= 10 + 150 * 8 && counters.dropped_rate > 200, "{counters:?}");
}

#[test]
fn what_the_receiver_drops_is_neither_reported_nor_asked_for() {
    let limit =
        LimitFactory::new(LimitOptions::default().with_remote(packets(100, 10, Policy::Drop))).unwrap();
    let handle = limit.handle();
    let mut pair = call(&registry(), &registry().with(limit.remote()), LinkOptions::default());
    let counters = handle.totals(Way::Incoming).streams;
    assert!((480..=500).contains(&counters.dropped_rate), "{counters:?}");
    assert_eq!(repair(&mut pair, Side::B).asking.packets_missing, 0);
    assert_eq!(reported_lost(&pair, Side::A), 0);
    assert_eq!(pair.received_rtp(Side::B).count() as u64, counters.passed);
}

#[test]
fn dropped_numbers_are_told_in_runs() {
    let options = LimitOptions::default().with_local(packets(10, 2, Policy::Drop));
    let mut pair =
        Pair::new(&registry().with(LimitFactory::new(options).unwrap()), &registry(), PairOptions::default())
            .unwrap();
    pair.bind(Side::A, stream_info::video(1)).unwrap();
    // Two pass, then one of ten.
    pair.feed(Side::A, rtp(1).seq(65_530).stream().every(10 * MS).take(45));
    pair.run_for(SECOND);
    let told: Vec<Abandoned> = pair
        .events(Side::A)
        .iter()
        .filter_map(
            |(_, event)| if let Event::Fact(Fact::Abandoned(run)) = event { Some(*run) } else { None },
        )
        .collect();
    let run = |first, count| Abandoned { ssrc: 1, first, count };
    assert_eq!(told, [run(65_532, 8), run(5, 9), run(15, 9), run(25, 9)]);
}

#[test]
fn what_waits_is_late_and_not_lost() {
    let bounds = Bounds::default()
        .with_packets(interceptor_limit::Rate::new(190, SECOND, 2).unwrap())
        .with_policy(Policy::Wait { packets: 512, bytes: 1 << 20 });
    let limit = LimitFactory::new(LimitOptions::default().with_local(bounds)).unwrap();
    let mut pair = call(&registry().with(limit), &registry(), LinkOptions::default());
    assert_eq!(pair.received_rtp(Side::B).count(), 1000);
    assert_eq!(repair(&mut pair, Side::B).asking.packets_missing, 0);
    assert_eq!(reported_lost(&pair, Side::A), 0);
    let last = pair.received(Side::B).iter().rfind(|received| received.rtp().is_some()).unwrap();
    assert!(last.at - interceptor_test::Clock::new().now() > Duration::from_millis(5200));
}
