//! Options are checked once, with an error that says what is wrong.

use std::time::Duration;

use interceptor_core::OptionsError;
use interceptor_merge::{CopyTo, DuplicateFactory, DuplicateOptions, MergeFactory, MergeOptions, Order};

use crate::kit::{Rig, ms, packet};

#[test]
fn the_defaults_are_in_range() {
    let merge = MergeFactory::new(MergeOptions::default()).unwrap();
    assert_eq!(merge.options(), MergeFactory::default().options());
    let duplicate = DuplicateFactory::new(DuplicateOptions::default()).unwrap();
    assert_eq!(duplicate.options(), DuplicateFactory::default().options());
}

#[test]
fn an_option_outside_its_range_is_named() {
    let merge = |options: MergeOptions| MergeFactory::new(options).map(drop);
    let duplicate = |options: DuplicateOptions| DuplicateFactory::new(options).map(drop);
    let defaults = MergeOptions::default;
    let copies = |copy| DuplicateOptions::default().with_copies([copy]);
    let cases: [(Result<(), OptionsError>, &str); 15] = [
        (merge(defaults().with_paths(0)), "MergeOptions::paths is 0"),
        (merge(defaults().with_paths(9)), "MergeOptions::paths is 9"),
        (merge(defaults().with_skew(Duration::ZERO)), "MergeOptions::skew is 0ns"),
        (merge(defaults().with_skew(ms(15_001))), "MergeOptions::skew is 15.001s"),
        (merge(defaults().with_window(32)), "MergeOptions::window is 32"),
        (merge(defaults().with_window(2000)), "MergeOptions::window is 2000"),
        (merge(defaults().with_window(65_536)), "MergeOptions::window is 65536"),
        (merge(defaults().with_max_held_bytes(1499)), "MergeOptions::max_held_bytes is 1499"),
        (duplicate(DuplicateOptions::default().with_copies([])), "DuplicateOptions::copies is 0"),
        (
            duplicate(DuplicateOptions::default().with_copies([CopyTo::path(1); 8])),
            "DuplicateOptions::copies is 8",
        ),
        (duplicate(copies(CopyTo::path(0))), "DuplicateOptions::copies.path is "),
        (duplicate(copies(CopyTo::path(1).with_delay(ms(5001)))), "DuplicateOptions::copies.delay is "),
        (
            duplicate(DuplicateOptions::default().with_max_waiting_packets(0)),
            "DuplicateOptions::max_waiting_packets is 0",
        ),
        (
            duplicate(DuplicateOptions::default().with_max_waiting_packets(65_537)),
            "DuplicateOptions::max_waiting_packets is 65537",
        ),
        (
            duplicate(DuplicateOptions::default().with_max_waiting_bytes(10)),
            "DuplicateOptions::max_waiting_bytes is 10",
        ),
    ];
    for (refused, expected) in cases {
        let error = refused.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_longer_skew_recognises_later_copies() {
    let copies_up = |skew| {
        let mut rig = Rig::new(MergeOptions::default().with_skew(skew));
        // 400 ms later, at a thousand packets a second.
        (0..2000_u16).for_each(|seq| {
            rig.bring(0, seq);
            if seq >= 400 {
                rig.bring(1, seq - 400);
            }
            rig.wait(ms(1));
        });
        rig.counters().copies
    };
    assert_eq!((copies_up(ms(100)), copies_up(ms(500))), (0, 1600));
}

#[test]
fn the_window_bounds_what_is_known_and_what_waits() {
    let mut rig = Rig::new(MergeOptions::default().with_window(64));
    (0..100).for_each(|seq| drop(rig.bring(0, seq)));
    assert_eq!((rig.bring(1, 35), rig.bring(1, 36)), (vec![], vec![]));
    assert_eq!((rig.counters().too_old, rig.counters().copies), (1, 1));
    let mut rig = Rig::new(MergeOptions::default().with_window(64).with_order(Order::Held));
    rig.bring(0, 0);
    let up: Vec<u16> = (2..70).flat_map(|seq| rig.bring(0, seq)).collect();
    assert_eq!(up, (2..70).collect::<Vec<_>>(), "one more than may waited, and its gap was given up");
}

#[test]
fn the_bytes_that_wait_are_bounded() {
    let mut rig = Rig::new(MergeOptions::default().with_order(Order::Held).with_max_held_bytes(1500));
    rig.bring(0, 0);
    let giant = |seq| {
        let mut giant = packet(seq);
        giant.set_payload(vec![0; 700]);
        giant
    };
    assert_eq!((rig.read(0, giant(2)), rig.read(0, giant(3))), (vec![], vec![]));
    assert_eq!(rig.read(0, giant(4)), [2, 3, 4]);
}
