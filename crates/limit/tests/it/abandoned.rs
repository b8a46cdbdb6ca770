//! Numbers that are told to be abandoned: all that were dropped, and none that was sent.

use std::collections::BTreeSet;
use std::time::Duration;

use interceptor_core::{Abandoned, Event, Fact};
use interceptor_limit::{Bounds, Policy, Rates, Scope, Way};
use interceptor_test::{rtp, stream_info};
use proptest::prelude::*;

use crate::kit::{MS, Rig, SECOND, packets, rate};

/// A local stream with ten packets a second, one at once.
fn rig(policy: Policy) -> Rig {
    let mut rig = Rig::of_streams(Way::Outgoing, packets(10, 1, policy));
    rig.bind(stream_info::video_with_rtx(1, 2)).unwrap();
    rig
}

fn give(rig: &mut Rig, numbers: &[u16]) {
    numbers.iter().for_each(|seq| rig.give(rtp(1).seq(*seq).build()));
}

/// First numbers and counts that were told since this was asked last.
fn told(rig: &mut Rig) -> Vec<(u16, u16)> {
    let events = std::iter::from_fn(|| rig.chain.poll_event());
    events
        .filter_map(|event| match event {
            Event::Fact(Fact::Abandoned(Abandoned { ssrc: 1, first, count })) => Some((first, count)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_second_copy_that_is_dropped_does_not_abandon_the_first() {
    let mut rig = rig(Policy::Drop);
    give(&mut rig, &[65_535, 65_535, 0, 65_535]);
    rig.pass(100 * MS);
    give(&mut rig, &[1]);
    assert_eq!((rig.numbers(), told(&mut rig)), (vec![65_535, 1], vec![(0, 1)]));
}

#[test]
fn a_number_whose_second_copy_passes_is_not_abandoned() {
    for (copy, runs) in [(5, vec![(6, 2)]), (6, vec![(5, 1), (7, 1)]), (7, vec![(5, 2)])] {
        let mut rig = rig(Policy::Drop);
        give(&mut rig, &[4, 5, 6, 7]);
        rig.pass(100 * MS);
        give(&mut rig, &[copy]);
        assert_eq!((rig.numbers(), told(&mut rig)), (vec![4, copy], runs));
    }
}

#[test]
fn a_number_that_is_dropped_twice_is_told_once() {
    let mut rig = rig(Policy::Drop);
    give(&mut rig, &[4, 5, 5, 6, 5, 6, 7]);
    rig.pass(100 * MS);
    give(&mut rig, &[8]);
    assert_eq!(told(&mut rig), [(5, 3)]);
}

#[test]
fn a_second_copy_of_what_waits_does_not_abandon_it() {
    let mut rig = rig(Policy::Wait { packets: 1, bytes: 1500 });
    give(&mut rig, &[4, 5, 5, 6]);
    rig.pass(SECOND);
    give(&mut rig, &[7]);
    assert_eq!((rig.numbers(), told(&mut rig)), (vec![4, 5, 7], vec![(6, 1)]));
}

#[test]
fn what_waited_and_is_dropped_after_all_is_told() {
    let mut ended = rig(Policy::wait());
    give(&mut ended, &[4, 5, 6]);
    ended.unbind(1);
    assert_eq!(told(&mut ended), [(5, 2)]);

    // Too large for a new burst.
    let bounds = Bounds::default().with_bytes(rate(9000, 9000)).with_policy(Policy::wait());
    let mut giant = Rig::of_streams(Way::Outgoing, bounds);
    giant.bind(stream_info::video(1)).unwrap();
    (4..6).for_each(|seq| giant.give(rtp(1).seq(seq).payload_len(8000).build()));
    giant.handle.set_rate(Scope::Local, Rates::default().with_bytes(rate(9000, 3000))).unwrap();
    giant.pass(SECOND);
    give(&mut giant, &[6]);
    assert_eq!((giant.numbers(), told(&mut giant)), (vec![4, 6], vec![(5, 1)]));
}

#[test]
fn retransmissions_have_no_numbers_to_abandon() {
    let mut rig = rig(Policy::Drop);
    give(&mut rig, &[4]);
    (5..9).for_each(|seq| rig.give(rtp(2).seq(seq).build()));
    rig.pass(100 * MS);
    give(&mut rig, &[5]);
    assert_eq!((rig.numbers(), told(&mut rig)), (vec![4, 5], vec![]));
}

proptest! {
    #[test]
    fn all_that_was_dropped_is_told_and_nothing_that_was_sent(
        steps in prop::collection::vec((0..20_u16, 0..60_u64), 1..300),
    ) {
        let mut rig = rig(Policy::Drop);
        let (mut newest, mut given) = (65_400_u16, BTreeSet::new());
        let mut abandoned = BTreeSet::new();
        for (back, millis) in steps {
            // Mostly the next number; now and then one that has been, or was left out.
            if back > 5 {
                newest = newest.wrapping_add(1 + u16::from(back == 19));
            }
            let seq = if back > 5 { newest } else { newest.wrapping_sub(back) };
            let before = rig.out.len();
            give(&mut rig, &[seq]);
            given.insert(seq);
            let sent: BTreeSet<u16> = rig.numbers().into_iter().collect();
            for (first, count) in told(&mut rig) {
                for seq in (0..count).map(|at| first.wrapping_add(at)) {
                    prop_assert!(given.contains(&seq) && !sent.contains(&seq), "{seq} is told");
                    abandoned.insert(seq);
                }
            }
            if rig.out.len() > before {
                prop_assert_eq!(&(&sent | &abandoned), &given);
            }
            rig.pass(Duration::from_millis(millis));
        }
    }
}
