//! The rate limit, its queue, capacity steps and ECN marks.

use std::time::Duration;

use interceptor_test::{Capacity, LinkOptions, Loss, QueueDepth};

use super::{MS, Probe, at, drain, link, numbers, probe, stream};

/// 1250 bytes take 10 ms.
const MEGABIT: u64 = 1_000_000;

fn limited(capacity: Capacity) -> LinkOptions {
    LinkOptions::default().with_capacity(capacity)
}

#[test]
fn packets_leave_one_transmission_time_apart() {
    let arrivals = stream(&mut link(1, limited(Capacity::constant(MEGABIT))), 3, 1250, Duration::ZERO);
    assert_eq!(arrivals, [(10 * MS, 0), (20 * MS, 1), (30 * MS, 2)]);
}

#[test]
fn an_idle_link_does_not_save_capacity_up() {
    let mut link = link(1, limited(Capacity::constant(MEGABIT)));
    link.push(at(500 * MS), probe(0, 1250));
    link.push(at(500 * MS), probe(1, 1250));
    assert_eq!(drain(&mut link), [(510 * MS, 0), (520 * MS, 1)]);
}

#[test]
fn rounding_to_nanoseconds_does_not_add_up() {
    // 1000 bytes at 3 Mbit/s take 2.666… ms; 3000 of them take 8 s to the nanosecond.
    let arrivals = stream(&mut link(1, limited(Capacity::constant(3 * MEGABIT))), 3000, 1000, Duration::ZERO);
    assert_eq!(arrivals.last(), Some(&(Duration::from_secs(8), 2999)));
}

#[test]
fn overhead_takes_capacity_too() {
    let options = limited(Capacity::constant(MEGABIT)).with_overhead_bytes(50);
    assert_eq!(stream(&mut link(1, options), 1, 1200, MS), [(10 * MS, 0)]);
}

#[test]
fn a_lost_packet_takes_capacity_too() {
    let options = limited(Capacity::constant(MEGABIT)).with_loss(Loss::packets([0]));
    assert_eq!(stream(&mut link(1, options), 2, 1250, Duration::ZERO), [(20 * MS, 1)]);
}

#[test]
fn delay_comes_on_top_of_the_transmission() {
    let options = limited(Capacity::constant(MEGABIT)).with_delay(40 * MS);
    assert_eq!(stream(&mut link(1, options), 2, 1250, Duration::ZERO), [(50 * MS, 0), (60 * MS, 1)]);
}

#[test]
fn a_capacity_step_takes_effect_within_a_packet() {
    // Half the packet is sent at 1 Mbit/s in 5 ms, the other half at 0.25 Mbit/s in 20 ms.
    let capacity = Capacity::constant(MEGABIT).then(5 * MS, MEGABIT / 4).then(100 * MS, MEGABIT);
    let mut link = link(1, limited(capacity));
    link.push(at(Duration::ZERO), probe(0, 1250));
    link.push(at(100 * MS), probe(1, 1250));
    assert_eq!(drain(&mut link), [(25 * MS, 0), (110 * MS, 1)]);
}

#[test]
fn nothing_is_sent_while_the_rate_is_zero() {
    let capacity = Capacity::constant(MEGABIT).then(15 * MS, 0).then(1000 * MS, MEGABIT);
    let arrivals = stream(&mut link(1, limited(capacity)), 3, 1250, Duration::ZERO);
    assert_eq!(arrivals, [(10 * MS, 0), (1005 * MS, 1), (1015 * MS, 2)]);
}

#[test]
fn a_link_without_rate_delivers_nothing_and_loses_nothing() {
    let mut link = link(1, limited(Capacity::constant(0)));
    assert_eq!(stream(&mut link, 5, 1250, MS), []);
    assert_eq!(link.in_flight(), 5);
    assert_eq!(link.queue_delay(at(9 * MS)), None);
}

#[test]
fn the_queue_is_bounded_in_bytes() {
    let options = limited(Capacity::constant(MEGABIT)).with_queue_limit(QueueDepth::Bytes(3000));
    let mut link = link(1, options);
    // One is sent, two wait; the fourth would make it 3750.
    assert_eq!(numbers(&stream(&mut link, 5, 1250, Duration::ZERO)), [0, 1, 2]);
    assert_eq!(link.counters().queue_dropped, 2);
}

#[test]
fn a_small_packet_still_fits_where_a_large_one_does_not() {
    let options = limited(Capacity::constant(MEGABIT)).with_queue_limit(QueueDepth::Bytes(1300));
    let mut link = link(1, options);
    for (number, len) in [(0, 1250), (1, 1250), (2, 1250), (3, 50)] {
        link.push(at(Duration::ZERO), probe(number, len));
    }
    assert_eq!(link.queued_bytes(at(Duration::ZERO)), 1300);
    assert_eq!(numbers(&drain(&mut link)), [0, 1, 3]);
}

#[test]
fn the_queue_is_bounded_in_packets() {
    let options = limited(Capacity::constant(MEGABIT)).with_queue_limit(QueueDepth::Packets(2));
    assert_eq!(numbers(&stream(&mut link(1, options), 5, 1250, Duration::ZERO)), [0, 1, 2]);
}

#[test]
fn the_queue_is_bounded_in_time_counting_what_is_being_sent() {
    let options = limited(Capacity::constant(MEGABIT)).with_queue_limit(QueueDepth::Time(20 * MS));
    let mut link = link(1, options);
    for number in 0..4 {
        link.push(at(Duration::ZERO), probe(number, 1250));
    }
    assert_eq!(link.queue_delay(at(3 * MS)), Some(27 * MS));
    link.push(at(9 * MS), probe(4, 1250));
    link.push(at(10 * MS), probe(5, 1250));
    assert_eq!(numbers(&drain(&mut link)), [0, 1, 2, 5]);
    assert_eq!(link.counters().queue_dropped, 2);
}

#[test]
fn during_an_outage_a_time_bound_is_measured_at_the_last_rate() {
    let capacity = Capacity::constant(MEGABIT).then(5 * MS, 0).then(2000 * MS, MEGABIT);
    let mut link = link(1, limited(capacity).with_queue_limit(QueueDepth::Time(15 * MS)));
    for number in 0..4 {
        link.push(at(5 * MS) + number as u32 * MS, probe(number, 1250));
    }
    // 0 ms and 10 ms wait are within the bound, 20 ms are not.
    assert_eq!(numbers(&drain(&mut link)), [0, 1]);
}

#[test]
fn an_empty_queue_takes_any_packet() {
    for limit in [QueueDepth::Bytes(0), QueueDepth::Packets(0), QueueDepth::Time(Duration::ZERO)] {
        let options = limited(Capacity::constant(MEGABIT)).with_queue_limit(limit);
        assert_eq!(numbers(&stream(&mut link(1, options), 3, 1250, 5 * MS)), [0, 2], "{limit:?}");
    }
}

#[test]
fn marks_capable_packets_that_find_the_queue_above_its_threshold() {
    for threshold in [QueueDepth::Time(20 * MS), QueueDepth::Bytes(1250), QueueDepth::Packets(1)] {
        let mut link = link(1, limited(Capacity::constant(MEGABIT)).with_mark_above(threshold));
        for number in 0..6 {
            let capable = number % 2 == 1;
            link.push(at(Duration::ZERO), Probe { capable, ..probe(number, 1250) });
        }
        let mut marked = Vec::new();
        while let Some((_, probe)) = link.pop(at(1000 * MS)) {
            marked.extend(probe.marked.then_some(probe.number));
        }
        // Packets 0 to 2 find at most 20 ms, or one waiting packet, before them.
        assert_eq!(marked, [3, 5], "{threshold:?}");
        assert_eq!(link.counters().marked, 2);
    }
}

#[test]
fn marks_nothing_on_a_link_without_a_rate_limit() {
    let mut link = link(1, LinkOptions::default().with_mark_above(QueueDepth::Packets(0)));
    for number in 0..6 {
        link.push(at(Duration::ZERO), Probe { capable: true, ..probe(number, 1250) });
    }
    assert_eq!(link.counters().marked, 0);
}
