//! Delay, jitter, reordering and duplication.

use std::collections::HashMap;
use std::time::Duration;

use interceptor_test::{Duplicate, Hold, Jitter, LinkOptions, Loss, Reorder};

use super::{MS, drain, link, numbers, stream};

const COUNT: u64 = 50_000;

/// The travel times of a stream with jitter, in milliseconds, in the order of sending.
fn travel_times(jitter: Jitter) -> Vec<f64> {
    let options = LinkOptions::default().with_delay(50 * MS).with_jitter(jitter).with_jitter_reorders(true);
    let mut arrivals = stream(&mut link(3, options), COUNT, 100, MS);
    arrivals.sort_by_key(|(_, number)| *number);
    arrivals.iter().map(|(at, number)| (*at - MS * *number as u32).as_secs_f64() * 1e3).collect()
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

#[test]
fn without_options_a_packet_arrives_at_once() {
    let arrivals = stream(&mut link(1, LinkOptions::default()), 3, 1200, MS);
    assert_eq!(arrivals, [(Duration::ZERO, 0), (MS, 1), (2 * MS, 2)]);
}

#[test]
fn delay_moves_every_packet_by_the_same_time() {
    let arrivals = stream(&mut link(1, LinkOptions::default().with_delay(40 * MS)), 3, 1200, MS);
    assert_eq!(arrivals, [(40 * MS, 0), (41 * MS, 1), (42 * MS, 2)]);
}

#[test]
fn uniform_jitter_keeps_the_mean_and_fills_its_spread() {
    let times = travel_times(Jitter::uniform(30 * MS));
    let (mean, deviation) = mean_and_deviation(&times);
    assert!((mean - 50.0).abs() < 0.4, "mean {mean}");
    // A uniform distribution of width 60 has standard deviation 60 / √12.
    assert!((deviation - 17.32).abs() < 0.3, "deviation {deviation}");
    let (least, greatest) = times.iter().fold((f64::MAX, 0.0_f64), |(a, b), t| (a.min(*t), b.max(*t)));
    assert!((20.0..20.1).contains(&least) && (79.9..=80.0).contains(&greatest), "{least} to {greatest}");
}

#[test]
fn normal_jitter_keeps_mean_and_deviation() {
    let (mean, deviation) = mean_and_deviation(&travel_times(Jitter::normal(8 * MS, 50 * MS)));
    assert!((mean - 50.0).abs() < 0.2, "mean {mean}");
    assert!((deviation - 8.0).abs() < 0.2, "deviation {deviation}");
}

#[test]
fn normal_jitter_ends_at_its_limit() {
    let times = travel_times(Jitter::normal(8 * MS, 10 * MS));
    assert!(times.iter().all(|time| (40.0..=60.0).contains(time)));
    assert!(times.iter().any(|time| *time > 59.5));
}

#[test]
fn jitter_reorders_only_where_it_may() {
    let jittery = LinkOptions::default().with_delay(20 * MS).with_jitter(Jitter::uniform(20 * MS));
    let mut in_order = link(1, jittery.clone());
    let arrivals = stream(&mut in_order, 500, 100, MS);
    assert!(arrivals.is_sorted());
    assert_eq!(in_order.counters().reordered, 0);

    let mut free = link(1, jittery.with_jitter_reorders(true));
    let arrivals = stream(&mut free, 500, 100, MS);
    assert!(!numbers(&arrivals).is_sorted());
    assert!(free.counters().reordered > 100);
}

#[test]
fn a_held_packet_arrives_right_behind_the_packets_that_overtake_it() {
    let options = LinkOptions::default().with_delay(10 * MS).with_reorder(Reorder::by_packets(0.05, 3));
    let mut link = link(2, options);
    let arrivals = stream(&mut link, COUNT, 100, MS);

    let mut newest = 0;
    let mut late = 0;
    for (position, (at, number)) in arrivals.iter().enumerate() {
        if *number >= newest {
            newest = *number;
            assert_eq!(*at, MS * (*number as u32 + 10));
            continue;
        }
        late += 1;
        let overtook = arrivals[..position].iter().filter(|(earlier, other)| {
            // Only packets that were not held themselves count.
            other > number && *earlier == MS * (*other as u32 + 10)
        });
        assert_eq!(overtook.count(), 3, "packet {number}");
    }
    assert_eq!(link.counters().reordered, late);
    assert!((late as f64 / (COUNT as f64 * 0.05) - 1.0).abs() < 0.1, "{late} held");
}

#[test]
fn a_held_packet_does_not_wait_for_ever() {
    let mut reorder = Reorder::by_packets(1.0, 3);
    let options = |reorder| LinkOptions::default().with_delay(10 * MS).with_reorder(reorder);
    assert_eq!(stream(&mut link(1, options(reorder)), 1, 100, MS), [(1010 * MS, 0)]);

    reorder.hold = Hold::Packets { count: 3, at_most: 40 * MS };
    assert_eq!(stream(&mut link(1, options(reorder)), 1, 100, MS), [(50 * MS, 0)]);
}

#[test]
fn a_packet_held_by_time_arrives_that_much_later() {
    let options = LinkOptions::default().with_delay(10 * MS).with_reorder(Reorder::by_time(0.1, 5 * MS));
    let arrivals = stream(&mut link(1, options), 1000, 100, MS);
    let late = arrivals.iter().filter(|(at, number)| *at == MS * (*number as u32 + 15)).count();
    let in_time = arrivals.iter().filter(|(at, number)| *at == MS * (*number as u32 + 10)).count();
    assert_eq!(late + in_time, 1000);
    assert!((60..140).contains(&late), "{late} held");
}

#[test]
fn copies_arrive_after_their_packet() {
    let options = LinkOptions::default().with_duplicate(Duplicate::new(0.1).after(3 * MS));
    let mut link = link(1, options);
    let arrivals = stream(&mut link, COUNT, 100, 10 * MS);
    let mut times: HashMap<u64, Vec<Duration>> = HashMap::new();
    for (at, number) in arrivals {
        times.entry(number).or_default().push(at);
    }
    let copied = times.values().filter(|times| times.len() == 2).count() as u64;
    assert!(times.values().all(|times| times.len() < 2 || times[1] - times[0] == 3 * MS));
    assert_eq!(link.counters().duplicated, copied);
    assert_eq!(link.counters().delivered, COUNT + copied);
    assert_eq!(link.counters().reordered, 0);
    assert!((copied as f64 / (COUNT as f64 * 0.1) - 1.0).abs() < 0.05, "{copied} copies");
}

#[test]
fn a_lost_packet_has_no_copy() {
    let options = LinkOptions::default().with_loss(Loss::packets([0])).with_duplicate(Duplicate::new(1.0));
    let mut link = link(1, options);
    assert_eq!(numbers(&stream(&mut link, 2, 100, MS)), [1, 1]);
    assert_eq!(drain(&mut link), []);
}
