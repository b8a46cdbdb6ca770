//! Sequence numbers and unwrapping.

use interceptor_packet::{SequenceNumber, Unwrapper};
use proptest::prelude::*;

const fn seq(value: u16) -> SequenceNumber {
    SequenceNumber(value)
}

#[test]
fn compares_the_short_way_round() {
    assert!(seq(1).newer_than(seq(0)));
    assert!(seq(0).newer_than(seq(65_535)));
    assert!(seq(32_767).newer_than(seq(0)));
    assert!(!seq(0).newer_than(seq(0)));
    assert!(!seq(65_535).newer_than(seq(0)));
    assert_eq!(seq(2).distance(seq(65_534)), 4);
    assert_eq!(seq(65_534).distance(seq(2)), -4);
}

#[test]
fn opposite_numbers_are_neither_newer_nor_older() {
    assert!(!seq(32_768).newer_than(seq(0)));
    assert!(!seq(0).newer_than(seq(32_768)));
    assert_eq!(seq(32_768).distance(seq(0)), i16::MIN);
}

#[test]
fn steps_wrap() {
    assert_eq!(seq(65_535).next(), seq(0));
    assert_eq!(seq(65_530) + 10, seq(4));
    assert_eq!(seq(4) - 10, seq(65_530));
    assert_eq!(u16::from(SequenceNumber::from(7)), 7);
    assert_eq!(seq(7).to_string(), "7");
}

#[test]
fn unwraps_forwards_through_several_wraps() {
    let mut unwrapper = Unwrapper::new();
    for expected in (0..200_000).step_by(20_000) {
        assert_eq!(unwrapper.unwrap(expected as u16), expected);
    }
}

#[test]
fn unwraps_backwards_below_zero() {
    let mut unwrapper = Unwrapper::new();
    for expected in (0..200_000).step_by(20_000).map(|step| -step) {
        assert_eq!(unwrapper.unwrap(expected as u16), expected);
    }
}

#[test]
fn first_packets_out_of_order_do_not_jump() {
    let mut unwrapper = Unwrapper::new();
    assert_eq!(unwrapper.last(), None);
    assert_eq!([1, 65_535, 0, 2].map(|value| unwrapper.unwrap(value)), [1, -1, 0, 2]);
    assert_eq!(unwrapper.last(), Some(2));
}

#[test]
fn peeking_remembers_nothing() {
    let mut unwrapper = Unwrapper::new();
    assert_eq!(unwrapper.peek(65_535), 65_535);
    assert_eq!(unwrapper.last(), None);
    unwrapper.unwrap(0);
    assert_eq!(unwrapper.peek(65_535), -1);
    assert_eq!(unwrapper.last(), Some(0));
}

proptest! {
    #[test]
    fn distance_is_the_integer_nearest_to_zero_that_leads_there(a: u16, b: u16) {
        let nearest = [-65_536, 0, 65_536]
            .map(|turn| i32::from(a) - i32::from(b) + turn)
            .into_iter()
            .filter(|steps| (-32_768..32_768).contains(steps))
            .min_by_key(|steps| steps.abs());
        prop_assert_eq!(nearest, Some(i32::from(seq(a).distance(seq(b)))));
        prop_assert!(!(seq(a).newer_than(seq(b)) && seq(b).newer_than(seq(a))));
    }

    /// Any walk with steps of less than half a turn is recovered.
    #[test]
    fn unwrapping_recovers_every_walk(start: u16, steps in prop::collection::vec(-32_768_i64..32_768, 0..200)) {
        let mut unwrapper = Unwrapper::new();
        let mut position = i64::from(start);
        prop_assert_eq!(unwrapper.unwrap(start), position);
        for step in steps {
            position += step;
            prop_assert_eq!(unwrapper.peek(position as u16), position);
            prop_assert_eq!(unwrapper.unwrap(position as u16), position);
        }
    }
}
