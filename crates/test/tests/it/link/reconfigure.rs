//! Changing a link while packets are in it.

use std::time::Duration;

use interceptor_test::{Capacity, LinkOptions, Loss};

use super::{MS, at, drain, link, numbers, probe, stream};

const MEGABIT: u64 = 1_000_000;

#[test]
fn a_new_capacity_holds_for_what_is_queued() {
    let options = LinkOptions::default().with_capacity(Capacity::constant(MEGABIT));
    let mut link = link(1, options.clone());
    for number in 0..3 {
        link.push(at(Duration::ZERO), probe(number, 1250));
    }
    // Half of packet 0 is gone; the other half takes 20 ms at a quarter of the rate.
    link.reconfigure(at(5 * MS), options.with_capacity(Capacity::constant(MEGABIT / 4))).expect("valid");
    assert_eq!(drain(&mut link), [(25 * MS, 0), (65 * MS, 1), (105 * MS, 2)]);
}

#[test]
fn lifting_the_limit_lets_the_queue_go_at_once() {
    let options = LinkOptions::default().with_capacity(Capacity::constant(MEGABIT));
    let mut link = link(1, options.clone());
    for number in 0..3 {
        link.push(at(Duration::ZERO), probe(number, 1250));
    }
    link.reconfigure(at(12 * MS), options.with_capacity(None)).expect("valid");
    assert_eq!(drain(&mut link), [(10 * MS, 0), (12 * MS, 1), (12 * MS, 2)]);
}

#[test]
fn a_stalled_link_goes_on_when_it_gets_a_rate() {
    let mut link = link(1, LinkOptions::default().with_capacity(Capacity::constant(0)));
    link.push(at(Duration::ZERO), probe(0, 1250));
    let options = LinkOptions::default().with_capacity(Capacity::constant(MEGABIT));
    link.reconfigure(at(100 * MS), options).expect("valid");
    assert_eq!(drain(&mut link), [(110 * MS, 0)]);
}

#[test]
fn a_shorter_delay_does_not_let_packets_overtake() {
    let mut link = link(1, LinkOptions::default().with_delay(100 * MS));
    link.push(at(Duration::ZERO), probe(0, 100));
    link.reconfigure(at(MS), LinkOptions::default().with_delay(10 * MS)).expect("valid");
    link.push(at(2 * MS), probe(1, 100));
    link.push(at(200 * MS), probe(2, 100));
    assert_eq!(drain(&mut link), [(100 * MS, 0), (100 * MS, 1), (210 * MS, 2)]);
}

#[test]
fn loss_goes_on_where_it_was_when_something_else_changes() {
    let lossy = LinkOptions::default().with_loss(Loss::burst(0.3, 5.0));
    let arrivals = numbers(&stream(&mut link(1, lossy.clone()), 1000, 100, MS));

    let mut changed = link(1, lossy.clone());
    for number in 0..1000 {
        changed.push(at(MS * number as u32), probe(number, 100));
        let delay = Duration::from_micros(number);
        changed.reconfigure(at(MS * number as u32), lossy.clone().with_delay(delay)).expect("valid");
    }
    assert_eq!(numbers(&drain(&mut changed)), arrivals);
}

#[test]
fn a_new_loss_model_begins_at_once() {
    let mut link = link(1, LinkOptions::default());
    link.push(at(MS), probe(0, 100));
    link.reconfigure(at(MS), LinkOptions::default().with_loss(Loss::random(1.0))).expect("valid");
    link.push(at(2 * MS), probe(1, 100));
    link.reconfigure(at(2 * MS), LinkOptions::default()).expect("valid");
    link.push(at(3 * MS), probe(2, 100));
    assert_eq!(numbers(&drain(&mut link)), [0, 2]);
}

#[test]
fn invalid_options_leave_the_link_as_it_was() {
    let mut link = link(1, LinkOptions::default().with_delay(5 * MS));
    assert!(link.reconfigure(at(MS), LinkOptions::default().with_loss(Loss::random(2.0))).is_err());
    assert_eq!(link.options(), &LinkOptions::default().with_delay(5 * MS));
    link.push(at(MS), probe(0, 100));
    assert_eq!(drain(&mut link), [(6 * MS, 0)]);
}

#[test]
fn an_instant_before_the_last_one_counts_as_the_last_one() {
    let mut link = link(1, LinkOptions::default().with_delay(5 * MS));
    link.push(at(10 * MS), probe(0, 100));
    link.push(at(3 * MS), probe(1, 100));
    assert_eq!(drain(&mut link), [(15 * MS, 0), (15 * MS, 1)]);
}
