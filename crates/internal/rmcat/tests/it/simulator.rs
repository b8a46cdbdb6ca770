//! What must hold in every run, whoever sends.

use std::time::Duration;

use rmcat::case::{self, Case};
use rmcat::measure::Measure;
use rmcat::plan::{Plan, Tail, TcpLoad, TcpPlan};
use rmcat::{FixedRate, Ours, Record, Schedule, run, series};

fn fixed(mbit: f64) -> FixedRate {
    FixedRate { bits_per_second: (mbit * 1e6) as u64 }
}

/// One flow over a link of 1 Mb/s for 20 s, changed by `change`.
fn over_a_megabit(sender: FixedRate, change: impl FnOnce(&mut Plan)) -> anyhow::Result<Record> {
    let case = Case::own(Schedule::constant(1.0), 20.0).with(change);
    run(&case.plan(1), &sender, 1)
}

#[test]
fn every_packet_is_received_dropped_lost_or_under_way() {
    for name in ["5.1s", "5.3", "5.6", "5.7", "r10", "5.1w"] {
        let case = case::all().into_iter().find(|case| case.name == name).unwrap();
        let case = case.with(|plan| plan.duration = 20.0);
        let record = run(&case.plan(1), &fixed(1.5), 1).unwrap();
        assert!(record.flows[0].counts().sent > 1000, "{name}");
        for flow in &record.flows {
            let counts = flow.counts();
            let told = counts.received + counts.dropped + counts.lost + counts.under_way;
            assert_eq!(counts.sent, told, "{name}: {counts:?}");
        }
    }
}

#[test]
fn half_the_rate_of_a_link_makes_no_queue() {
    let record = over_a_megabit(fixed(0.5), |_| {}).unwrap();
    // One packet behind another of its frame, at most.
    assert!(Measure::Queue95(0.0, 20.0).of(&record) < 10.0);
    let util = Measure::Util(1.0, 19.0).of(&record);
    assert!((0.47..0.53).contains(&util), "{util}");
    assert_eq!(record.flows[0].counts().dropped, 0);
}

#[test]
fn twice_the_rate_of_a_link_fills_its_queue() {
    let record = over_a_megabit(fixed(2.0), |_| {}).unwrap();
    let wait = Measure::Queue95(5.0, 20.0).of(&record);
    assert!((285.0..=300.0).contains(&wait), "{wait}");
    assert!(Measure::Util(1.0, 19.0).of(&record) > 0.995);
    let dropped = Measure::Dropped(5.0, 20.0).of(&record);
    assert!((45.0..55.0).contains(&dropped), "{dropped}");
}

#[test]
fn chance_takes_what_it_should() {
    let record = over_a_megabit(fixed(0.5), |plan| plan.forward.loss = 0.2).unwrap();
    let counts = record.flows[0].counts();
    let share = counts.lost as f64 / counts.sent as f64;
    assert!((0.17..0.23).contains(&share), "{share}");
}

#[test]
fn tcp_fills_a_link() {
    let record = over_a_megabit(fixed(0.5), |plan| {
        plan.media.clear();
        let tail = Tail::new(Duration::from_millis(50));
        plan.tcp = vec![TcpPlan { active: 0.0..20.0, tail, load: TcpLoad::Endless }];
    })
    .unwrap();
    assert!(Measure::Util(2.0, 20.0).of(&record) > 0.98);
}

#[test]
fn two_tcp_flows_share_a_link() {
    let record = over_a_megabit(fixed(0.5), |plan| {
        plan.duration = 120.0;
        plan.media.clear();
        let tail = Tail::new(Duration::from_millis(50));
        plan.tcp = vec![TcpPlan { active: 0.0..120.0, tail, load: TcpLoad::Endless }; 2];
    })
    .unwrap();
    let rates: Vec<f64> = record.flows.iter().map(|flow| flow.received(20.0, 120.0)).collect();
    let ratio = rates[0] / rates[1];
    assert!((0.5..2.0).contains(&ratio), "{rates:?}");
}

#[test]
fn small_files_come_over_tcp() {
    let record = over_a_megabit(fixed(0.1), |plan| {
        plan.duration = 100.0;
        plan.media.clear();
        let tail = Tail::new(Duration::from_millis(50));
        let load = TcpLoad::Files { bytes: 30_000..50_000, mean_pause: 5.0 };
        plan.tcp = vec![TcpPlan { active: 0.0..100.0, tail, load }];
    })
    .unwrap();
    // Some 17 files of 40 kB, in segments of 1448 bytes each.
    let received = record.flows[0].counts().received;
    assert!((200..1000).contains(&received), "{received}");
}

#[test]
fn the_same_seed_gives_the_same_run_on_any_number_of_threads() {
    let cases: Vec<Case> = case::all().into_iter().filter(|case| case.name == "5.1j").collect();
    let cases: Vec<Case> = cases.into_iter().map(|case| case.with(|plan| plan.duration = 15.0)).collect();
    let alone = series(&cases, &Ours, &[1, 2, 3], 1).unwrap();
    assert_eq!(alone, series(&cases, &Ours, &[1, 2, 3], 3).unwrap());
    let values = alone[0].values("util").unwrap();
    assert_ne!(values[0], values[1], "another seed is another run");
}

#[test]
fn a_clock_that_runs_fast_is_only_seen_by_the_controller() {
    let drift = |ppm| {
        let record = over_a_megabit(fixed(0.5), |plan| plan.media[0].drift_ppm = ppm).unwrap();
        (record.flows[0].counts(), Measure::Queue95(0.0, 20.0).of(&record))
    };
    assert_eq!(drift(0), drift(100));
}
