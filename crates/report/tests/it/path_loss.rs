//! What the path loses of local streams, from what peers report.

use std::time::Duration;

use interceptor_core::{Event, Fact, LinkCondition, LinkState, Loss, Registry};
use interceptor_packet::NtpTime;
use interceptor_test::{LinkOptions, Pair, PairOptions, Side, rtp, stream_info};

use crate::harness::{Bench, millis};
use crate::receiver::{LOCAL, PEER, RTX, Receiver, SECOND, block, hear, lossless, ppms, sender};

fn publish_loss(bench: &mut Bench, ppm: u32) {
    let loss = Loss { ssrc: LOCAL, ppm, burst_packets_q8: 512, burst_duration: millis(3) };
    bench.chain.publish(loss, bench.now());
    bench.losses();
}

fn publish_link(bench: &mut Bench, state: LinkCondition) {
    let link = LinkState { rtt: millis(50), queue: millis(1), loss_ppm: 0, state };
    bench.chain.publish(link, bench.now());
}

#[test]
fn losses_between_blocks_are_published_with_runs_of_one() {
    let (mut bench, mut peer) = (sender(), Receiver::new(PEER));
    peer.lost = 5000;
    peer.report(&mut bench, 0);
    peer.highest += 100;
    peer.lost += 5;
    bench.skip(SECOND);
    hear(&mut bench, PEER, &[peer.block()]);
    let expected = Loss { ssrc: LOCAL, ppm: 50_000, burst_packets_q8: 256, burst_duration: Duration::ZERO };
    assert_eq!(bench.losses(), [expected]);
    assert_eq!(bench.chain.facts().loss(LOCAL), Some(expected));
    assert_eq!(bench.report().counters().losses_told, 1);
}

#[test]
fn blocks_in_sender_reports_count_and_those_about_retransmissions_do_not() {
    let (mut bench, peer) = lossless();
    for i in 1..5 {
        bench.skip(SECOND);
        hear(&mut bench, PEER, &[block(RTX, 100 * i, 50 * i as i32)]);
    }
    assert!(bench.losses().is_empty());
    bench.receive_rtcp(|rtcp| {
        let block = block(LOCAL, peer.highest + 100, 50);
        rtcp.sender_report(PEER, NtpTime(1 << 32), 0, 0, 0, &[block]);
    });
    assert!(ppms(&mut bench)[0] > 300_000);
}

#[test]
fn losses_fade_and_their_end_is_told() {
    let (mut bench, mut peer) = lossless();
    let first = peer.report(&mut bench, 30)[0];
    assert!((150_000..180_000).contains(&first), "{first}");
    let mut told = vec![first];
    for _ in 0..60 {
        told.extend(peer.report(&mut bench, 0));
    }
    assert!(told.is_sorted_by(|a, b| a > b), "{told:?}");
    assert_eq!(told.last(), Some(&0));
    assert!((10..40).contains(&told.len()), "{told:?}");
}

#[test]
fn what_has_hardly_changed_is_told_each_five_seconds_while_something_is_lost() {
    let (mut bench, mut peer) = lossless();
    for _ in 0..30 {
        peer.report(&mut bench, 10);
    }
    let told: Vec<_> = (0..20).flat_map(|_| peer.report(&mut bench, 10)).collect();
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|ppm| ppm.abs_diff(100_000) < 1000), "{told:?}");
    let (mut bench, mut peer) = lossless();
    assert!((0..30).all(|_| peer.report(&mut bench, 0).is_empty()), "zero is zero");
}

#[test]
fn no_more_than_two_a_second_are_told() {
    let (mut bench, mut peer) = lossless();
    let mut times = vec![];
    for i in 0..100 {
        bench.skip(millis(70));
        (peer.highest, peer.lost) = (peer.highest + 100, peer.lost + if i % 14 < 7 { 100 } else { 0 });
        hear(&mut bench, PEER, &[peer.block(), peer.block()]);
        times.extend(bench.losses().iter().map(|_| bench.now()));
    }
    assert!(times.len() > 8, "{}", times.len());
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= millis(500)));
}

#[test]
fn the_worst_receiver_counts_until_it_falls_silent() {
    let mut bench = sender();
    let (mut good, mut bad) = (Receiver::new(PEER), Receiver::new(PEER + 1));
    for _ in 0..20 {
        good.report(&mut bench, 0);
        bad.report(&mut bench, 20);
    }
    let worst = bench.chain.facts().loss(LOCAL).unwrap().ppm;
    assert!(worst.abs_diff(200_000) < 1000, "{worst}");
    for _ in 0..9 {
        good.report(&mut bench, 0);
    }
    assert_eq!(bench.chain.facts().loss(LOCAL).unwrap().ppm, worst);
    good.report(&mut bench, 0);
    good.report(&mut bench, 0);
    assert_eq!(bench.chain.facts().loss(LOCAL).unwrap().ppm, 0);
}

#[test]
fn is_silent_for_ten_seconds_after_somebody_else_has_told() {
    let (mut bench, mut peer) = lossless();
    publish_loss(&mut bench, 30_000);
    for _ in 0..9 {
        assert!(peer.report(&mut bench, 50).is_empty());
    }
    publish_loss(&mut bench, 40_000);
    for _ in 0..9 {
        assert!(peer.report(&mut bench, 50).is_empty());
    }
    assert_eq!(peer.report(&mut bench, 50).len(), 1);
    publish_loss(&mut bench, 50_000);
    assert!(peer.report(&mut bench, 0).is_empty());
}

#[test]
fn is_silent_while_who_has_told_still_sees_the_path() {
    let (mut bench, mut peer) = lossless();
    publish_loss(&mut bench, 30_000);
    for _ in 0..60 {
        publish_link(&mut bench, LinkCondition::Clear);
        assert!(peer.report(&mut bench, 50).is_empty());
    }
    // It sees nothing any more.
    let told: Vec<_> = (0..10)
        .map(|_| {
            publish_link(&mut bench, LinkCondition::Silent);
            peer.report(&mut bench, 50).len()
        })
        .collect();
    assert_eq!(told, [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    // What it sees after that need not be this stream.
    publish_link(&mut bench, LinkCondition::Clear);
    (0..9).for_each(|_| drop(peer.report(&mut bench, 0)));
    assert!(bench.chain.facts().loss(LOCAL).unwrap().ppm < 200_000);
}

#[test]
fn congestion_control_without_feedback_leaves_it_to_the_reports() {
    let (mut bench, mut peer) = lossless();
    publish_link(&mut bench, LinkCondition::Clear);
    assert_eq!(peer.report(&mut bench, 50).len(), 1);
}

#[test]
fn what_was_known_before_the_first_block_is_somebody_elses() {
    let (mut bench, mut peer) = (sender(), Receiver::new(PEER));
    publish_loss(&mut bench, 30_000);
    for _ in 0..9 {
        assert!(peer.report(&mut bench, 50).is_empty());
    }
    assert_eq!(peer.report(&mut bench, 50).len(), 1);
}

/// A call of a minute over a path that loses 5 %: what was told of it, as (seconds, runs, ppm).
fn call(registry: &Registry) -> (Vec<(f64, u32, u32)>, Pair) {
    let back = LinkOptions::default().with_delay(millis(20));
    let there = back.clone().with_loss(interceptor_test::Loss::random(0.05));
    let options = PairOptions::default().with_seed(3).with_link(Side::A, there).with_link(Side::B, back);
    let mut pair = Pair::new(registry, registry, options).unwrap();
    pair.bind(Side::A, stream_info::video(LOCAL)).unwrap();
    let start = pair.now();
    pair.feed(Side::A, rtp(LOCAL).payload_len(500).stream().every(millis(5)).take(12_000));
    pair.run_for(Duration::from_secs(60));
    let told = pair.events(Side::A).iter().filter_map(|(at, event)| match event {
        Event::Fact(Fact::Loss(loss)) => Some(((*at - start).as_secs_f64(), loss.burst_packets_q8, loss.ppm)),
        _ => None,
    });
    (told.collect(), pair)
}

#[test]
fn a_sender_without_congestion_control_learns_what_the_path_loses() {
    let registry = Registry::new().with(interceptor_report::ReportFactory::default());
    let (told, _) = call(&registry);
    let late: Vec<_> = told.iter().filter(|(at, ..)| *at > 5.0).map(|(.., ppm)| *ppm).collect();
    assert!(late.iter().all(|ppm| (25_000..80_000).contains(ppm)), "{told:?}");
    let mean = late.iter().sum::<u32>() / late.len() as u32;
    assert!(mean.abs_diff(50_000) < 8000, "{mean}");
    let times: Vec<_> = told.iter().map(|(at, ..)| *at).collect();
    assert!(times[0] < 4.0 && times.windows(2).all(|pair| pair[1] - pair[0] < 7.0), "{told:?}");
}

#[test]
fn beside_congestion_control_there_is_one_voice() {
    let registry = Registry::new()
        .with(interceptor_report::ReportFactory::default())
        .with(interceptor_twcc::TwccFactory::default())
        .with(interceptor_congestion::CongestionFactory::default());
    let (told, pair) = call(&registry);
    assert!(told.len() > 5, "{told:?}");
    let report = pair.chain(Side::A).get::<interceptor_report::Report>().unwrap();
    assert_eq!(report.counters().losses_told, 0, "{told:?}");
}
