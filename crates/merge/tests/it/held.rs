//! Packets in order.

use interceptor_merge::{MergeOptions, Order};

use crate::kit::{Rig, ms};

fn held() -> Rig {
    Rig::new(MergeOptions::default().with_order(Order::Held))
}

#[test]
fn without_a_gap_nothing_waits() {
    let mut rig = held();
    (0..100).for_each(|seq| assert_eq!((rig.bring(0, seq), rig.bring(1, seq)), (vec![seq], vec![])));
    assert_eq!((rig.counters().held, rig.chain.next_timeout()), (0, None));
}

#[test]
fn what_is_behind_a_gap_waits_until_the_other_path_fills_it() {
    let mut rig = held();
    assert_eq!(rig.bring(0, 1), [1]);
    assert_eq!((rig.bring(0, 3), rig.bring(0, 4), rig.bring(0, 6)), (vec![], vec![], vec![]));
    rig.wait(ms(150));
    assert_eq!(rig.up(), []);
    assert_eq!(rig.bring(1, 2), [2, 3, 4]);
    assert_eq!(rig.bring(1, 5), [5, 6]);
    assert_eq!((rig.counters().held, rig.counters().passed), (3, 6));
}

#[test]
fn a_gap_on_all_paths_is_given_up_after_the_skew() {
    let mut rig = held();
    rig.bring(0, 1);
    rig.bring(0, 3);
    rig.wait(ms(100));
    rig.bring(0, 5);
    rig.wait(ms(99));
    assert_eq!(rig.up(), []);
    rig.wait(ms(1));
    assert_eq!(rig.up(), [3], "the second gap is younger");
    assert_eq!(rig.bring(1, 2), [], "its turn is over");
    assert_eq!(rig.chain.next_timeout(), Some(rig.now + ms(100)));
    rig.wait(ms(100));
    assert_eq!(rig.up(), [5]);
    let counters = rig.counters();
    assert_eq!((counters.missed_turn, counters.passed, counters.held), (1, 3, 2));
}

#[test]
fn a_long_hole_does_not_emit_more_than_a_chain_takes() {
    let mut rig = held();
    rig.bring(0, 0);
    (2..1502).for_each(|seq| drop(rig.bring(0, seq)));
    let mut up = rig.bring(1, 1);
    for _ in 0..100 {
        rig.wait(ms(2));
        up.extend(rig.up());
    }
    assert_eq!(up, (1..1502).collect::<Vec<_>>());
    assert_eq!(rig.chain.counters().dropped_emissions, 0);
}

#[test]
fn a_sender_that_counts_anew_is_behind_all_that_waits() {
    let mut rig = held();
    rig.bring(0, 10);
    rig.bring(0, 12);
    let mut up = rig.bring(0, 50_000);
    up.extend(rig.bring(0, 50_001));
    rig.wait(ms(200));
    up.extend(rig.up());
    up.extend(rig.bring(0, 50_002));
    assert_eq!(up, [50_000, 12, 50_001, 50_002], "the first of it shows nothing yet");
    (50_003..50_010).for_each(|seq| assert_eq!(rig.bring(0, seq), [seq]));
}

#[test]
fn what_waits_when_the_stream_or_the_chain_ends_is_counted() {
    let mut rig = held();
    rig.bring(0, 1);
    rig.bring(0, 3);
    rig.chain.unbind_remote(crate::kit::MEDIA, rig.now).unwrap();
    assert_eq!((rig.up(), rig.counters().dropped_ended), (vec![], 1));
    rig.wait(ms(300));
    let mut rig = held();
    rig.bring(0, 1);
    rig.bring(0, 3);
    rig.chain.close(rig.now).unwrap();
    assert_eq!((rig.up(), rig.counters().dropped_ended), (vec![], 1));
}
