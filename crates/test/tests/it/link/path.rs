//! What simulations of congestion need: queueing times, a marking ramp, delay steps, stalls, a delay for each flow.

use std::time::Duration;

use interceptor_test::{Capacity, Jitter, LinkOptions, MarkRamp, QueueDepth, Stalls};

use super::{MS, Probe, at, drain, link, probe, stream};

/// 1250 bytes take 10 ms.
const MEGABIT: u64 = 1_000_000;

fn capable(number: u64) -> Probe {
    Probe { number, len: 1250, capable: true, marked: false }
}

#[test]
fn a_delivery_tells_how_long_the_packet_waited_for_its_turn() {
    let options = LinkOptions::default().with_capacity(Capacity::constant(MEGABIT)).with_delay(40 * MS);
    let mut link = link(1, options);
    for number in 0..3 {
        link.push(at(number as u32 * 4 * MS), probe(number, 1250));
    }
    let waited: Vec<Duration> =
        std::iter::from_fn(|| link.pop_delivery(at(200 * MS)).map(|delivery| delivery.queued)).collect();
    assert_eq!(waited, [Duration::ZERO, 6 * MS, 12 * MS]);
}

#[test]
fn a_change_of_the_rate_does_not_lose_what_was_waited_before_it() {
    let slow = LinkOptions::default().with_capacity(Capacity::constant(MEGABIT));
    let mut link = link(1, slow.clone());
    link.push(at(Duration::ZERO), probe(0, 1250));
    link.push(at(Duration::ZERO), probe(1, 1250));
    link.reconfigure(at(15 * MS), slow.with_capacity(Capacity::constant(10 * MEGABIT))).unwrap();
    let queued = |link: &mut interceptor_test::Link<Probe>| link.pop_delivery(at(90 * MS)).unwrap().queued;
    assert_eq!(queued(&mut link), Duration::ZERO);
    assert_eq!(queued(&mut link), 10 * MS);
}

#[test]
fn without_a_rate_nothing_waits() {
    let mut link = link(1, LinkOptions::default().with_delay(5 * MS));
    link.push(at(Duration::ZERO), probe(0, 1250));
    assert_eq!(link.pop_delivery(at(5 * MS)).unwrap().queued, Duration::ZERO);
}

/// Marks of packets that each find a queue of this many, of a thousand.
fn marked_behind(waiting: u64, ramp: MarkRamp) -> u64 {
    let options = LinkOptions::default().with_capacity(Capacity::constant(MEGABIT)).with_mark_ramp(ramp);
    let mut marked = 0;
    for seed in 0..1000 {
        let mut link = link(seed, options.clone());
        for number in 0..waiting {
            link.push(at(Duration::ZERO), probe(number, 1250));
        }
        link.push(at(Duration::ZERO), capable(waiting));
        marked += link.counters().marked;
    }
    marked
}

#[test]
fn marks_rise_with_the_queue() {
    // Three packets are 30 ms.
    let ramp = |from, to| MarkRamp::new(from * MS, to * MS);
    assert_eq!(marked_behind(3, ramp(30, 60)), 0);
    assert_eq!(marked_behind(3, ramp(10, 30)), 1000);
    let quarter = marked_behind(3, ramp(20, 60));
    assert!((200..300).contains(&quarter), "{quarter}");
    let three_quarters = marked_behind(3, ramp(0, 40));
    assert!((700..800).contains(&three_quarters), "{three_quarters}");
}

#[test]
fn one_packet_alone_is_no_queue() {
    let ramp = MarkRamp::new(2 * MS, 5 * MS);
    assert_eq!(marked_behind(1, ramp), 0, "though it takes 10 ms");
    assert_eq!(marked_behind(2, ramp), 1000);
    assert_eq!(marked_behind(1, ramp.with_min_packets(1)), 1000);
}

#[test]
fn a_step_marks_beside_a_ramp() {
    let options = LinkOptions::default()
        .with_capacity(Capacity::constant(MEGABIT))
        .with_mark_ramp(MarkRamp::new(500 * MS, 900 * MS))
        .with_mark_above(QueueDepth::Packets(0));
    let mut link = link(1, options);
    for number in 0..4 {
        link.push(at(Duration::ZERO), capable(number));
    }
    assert_eq!(link.counters().marked, 2, "all that find one waiting behind the first");
}

#[test]
fn delays_step_for_what_is_offered_from_then_on() {
    let options = LinkOptions::default()
        .with_delay(30 * MS)
        .with_delay_step(20 * MS, 100 * MS)
        .with_delay_step(40 * MS, 10 * MS)
        .with_jitter_reorders(true);
    let arrivals = stream(&mut link(1, options), 5, 100, 10 * MS);
    assert_eq!(arrivals, [(30 * MS, 0), (40 * MS, 1), (50 * MS, 4), (120 * MS, 2), (130 * MS, 3)]);
}

#[test]
fn a_shorter_way_does_not_let_packets_overtake_unless_asked() {
    let options = LinkOptions::default().with_delay(30 * MS).with_delay_step(10 * MS, 5 * MS);
    let arrivals = stream(&mut link(1, options), 3, 100, 10 * MS);
    assert_eq!(arrivals, [(30 * MS, 0), (30 * MS, 1), (30 * MS, 2)]);
}

#[test]
fn what_comes_during_a_stall_arrives_at_its_end() {
    let options = LinkOptions::default().with_delay(20 * MS).with_stalls(Stalls::new(50 * MS, 30 * MS));
    let arrivals = stream(&mut link(5, options), 10_000, 100, MS);
    let late: Vec<Duration> =
        arrivals.iter().map(|(at, number)| *at - MS * *number as u32 - 20 * MS).collect();
    assert!(late.iter().all(|late| *late <= 30 * MS), "no stall is longer");
    assert!(late.iter().any(|late| *late > 25 * MS), "some are nearly as long");
    let share = late.iter().filter(|late| !late.is_zero()).count() as f64 / late.len() as f64;
    // 15 ms on average, 50 ms apart.
    assert!((0.19..0.27).contains(&share), "{share}");
    assert!(arrivals.is_sorted(), "in order");
}

#[test]
fn stalls_change_nothing_else() {
    let plain = LinkOptions::default().with_delay(20 * MS).with_jitter(Jitter::uniform(5 * MS));
    let reordering = plain.with_jitter_reorders(true);
    let without = stream(&mut link(5, reordering.clone()), 500, 100, MS);
    let stalls = Stalls::new(Duration::from_secs(3600), MS);
    assert_eq!(stream(&mut link(5, reordering.with_stalls(stalls)), 500, 100, MS), without);
}

/// A delay for each flow is a link for each flow behind the one that they share.
#[test]
fn flows_share_a_bottleneck_and_have_delays_of_their_own() {
    let mut shared = link(1, LinkOptions::default().with_capacity(Capacity::constant(MEGABIT)));
    let mut ways = [10, 100].map(|ms| link(1, LinkOptions::default().with_delay(ms * MS)));
    for number in 0..4 {
        shared.push(at(Duration::ZERO), probe(number, 1250));
    }
    while let Some(next) = shared.next_delivery() {
        let (left, probe) = shared.pop(next).unwrap();
        ways[probe.number as usize % 2].push(left, probe);
    }
    let [near, far] = &mut ways;
    assert_eq!(drain(near), [(20 * MS, 0), (40 * MS, 2)]);
    assert_eq!(drain(far), [(120 * MS, 1), (140 * MS, 3)]);
}
