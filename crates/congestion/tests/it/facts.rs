//! What is published, and when.

use std::time::Duration;

use interceptor_core::packet::Ecn;
use interceptor_core::{Fact, LinkCondition, Pacing, Probe, Rtt, TargetBitrate};

use crate::kit::{Bench, MEDIA, ms, twcc};

fn at(millis: i64) -> Option<i64> {
    Some(millis * 1000)
}

/// Feedback about one more packet gives the interceptor an occasion to ask its controller.
fn feed(bench: &mut Bench, number: u16) -> Vec<Fact> {
    bench.write(crate::kit::numbered(number)).read_rtcp(&twcc(number, 1, number as u8, &[at(0)]));
    bench.facts()
}

fn targets(facts: &[Fact]) -> Vec<u64> {
    let target = |fact: &Fact| if let Fact::TargetBitrate(t) = fact { Some(t.bits_per_second) } else { None };
    facts.iter().filter_map(target).collect()
}

fn decide(bench: &Bench, target: u64) {
    let mut script = bench.controller.script();
    (script.decision.target, script.decision.pacing) = (target, target + target / 10);
}

#[test]
fn a_stream_that_is_bound_is_told_what_it_may_send() {
    let mut bench = Bench::sender();
    let facts = bench.facts();
    let burst = ms(5);
    let pacing =
        Pacing { bits_per_second: 300_000, padding: 0, burst, window: None, in_flight: 0, ect: None };
    assert!(facts.contains(&pacing.into()), "{facts:?}");
    assert!(facts.contains(&TargetBitrate { bits_per_second: 300_000, stable: 285_000 }.into()));
    assert!(matches!(facts[1], Fact::LinkState(link) if link.state == LinkCondition::Clear));
    assert_eq!(facts.len(), 3);
}

#[test]
fn a_fall_is_told_at_once_and_a_rise_from_three_percent_on() {
    let mut bench = Bench::sender();
    bench.run(ms(1000)).facts();
    decide(&bench, 308_000);
    assert_eq!(targets(&feed(&mut bench, 0)), [], "less than three percent");
    decide(&bench, 309_000);
    assert_eq!(targets(&feed(&mut bench, 1)), [309_000]);
    decide(&bench, 400_000);
    assert_eq!(targets(&feed(&mut bench, 2)), [], "it was told just now");
    bench.run(ms(24));
    assert_eq!(targets(&bench.facts()), []);
    bench.run(ms(1));
    assert_eq!(targets(&bench.facts()), [400_000]);
    decide(&bench, 399_999);
    assert_eq!(targets(&feed(&mut bench, 3)), [399_999]);
    decide(&bench, 399_999);
    assert_eq!(targets(&feed(&mut bench, 4)), []);
}

#[test]
fn what_lasts_of_a_target_follows_within_seconds_and_falls_at_once() {
    let mut bench = Bench::sender();
    bench.run(ms(1000)).facts();
    let mut number = 0;
    let mut stable = |bench: &mut Bench, target: u64, wait: u64| {
        bench.run(ms(wait)).facts();
        decide(bench, target);
        number += 1;
        feed(bench, number);
        bench.chain.facts().target_bitrate().unwrap().stable
    };
    assert_eq!(stable(&mut bench, 1_000_000, 0), 285_000);
    let later = stable(&mut bench, 1_000_000, 2000);
    assert!((680_000..720_000).contains(&later), "{later}: 63 % of the way");
    assert!(stable(&mut bench, 1_000_000, 10_000) > 940_000);
    assert_eq!(stable(&mut bench, 200_000, 0), 200_000, "never more than the target");
}

#[test]
fn probes_are_passed_on_each_once() {
    let mut bench = Bench::sender();
    bench.facts();
    let probe =
        Probe { id: 3, rate: 900_000, min_bytes: 2000, min_packets: 5, min_gap: Duration::from_millis(2) };
    bench.controller.script().probes.push(probe);
    assert!(feed(&mut bench, 0).contains(&probe.into()));
    assert!(!feed(&mut bench, 1).contains(&probe.into()));
    assert_eq!(bench.counters().probes, 1);
}

#[test]
fn the_pacer_hears_of_a_window_and_what_it_holds() {
    let mut bench = Bench::sender();
    bench.facts();
    bench.controller.script().decision.window = Some(20_000);
    let pacing = |facts: Vec<Fact>| {
        facts.into_iter().find_map(|fact| if let Fact::Pacing(pacing) = fact { Some(pacing) } else { None })
    };
    bench.send([0, 1]);
    let told = pacing(feed(&mut bench, 2)).unwrap();
    assert_eq!((told.window, told.in_flight), (Some(20_000), 0), "all before are unknown");
    bench.send([3]);
    let told = pacing(feed(&mut bench, 4));
    assert_eq!(told, None, "nothing has changed: the one before is unknown");
    bench.send([5, 6]).read_rtcp(&twcc(5, 1, 9, &[at(0)]));
    assert_eq!(pacing(bench.facts()).unwrap().in_flight, 1048);
    assert_eq!(pacing(bench.facts()), None);
}

#[test]
fn losses_of_a_stream_are_told_with_their_runs() {
    let mut bench = Bench::sender();
    bench.facts();
    for round in 0..12_u16 {
        let first = round * 10;
        bench.send(first..first + 10);
        let mut packets = vec![at(0); 10];
        (packets[3], packets[4]) = (None, None);
        bench.read_rtcp(&twcc(first, 1, round as u8, &packets));
    }
    bench.run(ms(100));
    let loss = bench.chain.facts().loss(MEDIA).unwrap();
    assert!((190_000..=210_000).contains(&loss.ppm), "{loss:?}");
    assert_eq!((loss.burst_packets_q8, loss.burst_duration), (512, ms(2)));
}

#[test]
fn the_round_trip_time_is_published_where_nobody_else_does() {
    let mut bench = Bench::sender();
    bench.send([0]).run(ms(70)).read_rtcp(&twcc(0, 1, 0, &[at(0)]));
    assert_eq!(bench.chain.facts().rtt(), Some(Rtt::first(ms(71))));
    let mut bench = Bench::sender();
    let heard = Rtt::first(ms(20));
    bench.chain.publish(heard, bench.now);
    bench.send([0]).run(ms(70)).read_rtcp(&twcc(0, 1, 0, &[at(0)]));
    assert_eq!(bench.chain.facts().rtt(), Some(heard));
    // Whoever it was is silent by now.
    bench.run(ms(10_000)).send([1]).run(ms(30)).read_rtcp(&twcc(1, 1, 1, &[at(0)]));
    assert_eq!(bench.chain.facts().rtt().map(|rtt| rtt.latest), Some(ms(31)));
}

#[test]
fn nothing_is_marked_under_transport_wide_feedback() {
    let mut bench = Bench::new(Default::default(), |config| config.with_ecn(true));
    bench.controller.script().decision.ect = Ecn::Ect1;
    bench.chain.bind_local(crate::kit::video(), bench.now).unwrap();
    bench.run(ms(0)).send([0, 1]);
    assert!(bench.wire().iter().all(|packet| match packet {
        interceptor_core::Outgoing::Rtp(packet) => packet.info().ecn.is_none(),
        _ => true,
    }));
    assert_eq!(bench.chain.facts().pacing().unwrap().ect, None);
    assert_eq!(bench.counters().sent_ect, 0);
}
