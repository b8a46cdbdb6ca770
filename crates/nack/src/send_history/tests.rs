//! The history against a sorted map.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::{Bounds, Missed, SendHistory};

const HEADER: [u8; 12] = [0x80; 12];
const WIDE: Bounds = Bounds { packets: 2048, bytes: 1 << 20, age: 1000 };

fn push(history: &mut SendHistory, seq: u16, bounds: Bounds, now: u32) {
    history.push(seq, &HEADER, &Bytes::copy_from_slice(&seq.to_be_bytes()), bounds, now);
}

fn has(history: &mut SendHistory, seq: u16, now: u32) -> Result<(), Missed> {
    history.get(seq, WIDE, now).map(|stored| assert_eq!(stored.parts().unwrap().1[..], seq.to_be_bytes()))
}

#[test]
fn nothing_was_sent_before_the_first_packet() {
    let mut history = SendHistory::default();
    for seq in [0, 1, 32_768, 65_535] {
        assert_eq!(has(&mut history, seq, 0), Err(Missed::NeverSent));
    }
}

#[test]
fn puts_late_packets_in_their_place_across_the_wrap() {
    let mut history = SendHistory::default();
    for seq in [65_534, 1, 65_535, 2, 0, 65_530] {
        push(&mut history, seq, WIDE, 0);
    }
    for seq in [65_530, 65_534, 65_535, 0, 1, 2] {
        assert_eq!(has(&mut history, seq, 0), Ok(()));
    }
    assert_eq!(has(&mut history, 65_531, 0), Err(Missed::NeverSent));
    assert_eq!(has(&mut history, 3, 0), Err(Missed::NeverSent));
    assert_eq!(has(&mut history, 65_529, 0), Err(Missed::TooOld));
}

#[test]
fn a_number_sent_twice_counts_once() {
    let mut history = SendHistory::default();
    push(&mut history, 7, WIDE, 0);
    push(&mut history, 7, WIDE, 5);
    assert_eq!(history.bytes, 2);
    assert_eq!(has(&mut history, 7, 1005), Ok(()), "as old as its last copy");
}

#[test]
fn goes_on_at_a_new_place_after_a_jump_or_two_old_numbers_in_a_row() {
    let mut history = SendHistory::default();
    (0..100).for_each(|seq| push(&mut history, seq, WIDE, 0));
    push(&mut history, 20_000, WIDE, 0);
    assert_eq!(history.slots.len(), 1, "a jump");
    push(&mut history, 500, WIDE, 0);
    assert_eq!(has(&mut history, 20_000, 0), Ok(()), "one stray packet changes nothing");
    push(&mut history, 501, WIDE, 0);
    assert_eq!(has(&mut history, 501, 0), Ok(()), "a restart");
    assert_eq!(history.slots.len(), 1);
}

#[test]
fn unused_room_is_an_eighth_and_goes_with_the_packets() {
    let mut history = SendHistory::default();
    assert_eq!(history.slots.capacity(), 0);
    for seq in 0..1500_u16 {
        push(&mut history, seq, WIDE, 0);
        let len = history.slots.len();
        assert!(history.slots.capacity() <= len + len / 8 + 16);
    }
    history.sweep(WIDE, 1000);
    assert_eq!(history.slots.len(), 1500);
    history.sweep(WIDE, 1001);
    assert!(history.is_empty());
    assert_eq!((history.slots.capacity(), history.bytes), (0, 0));
}

#[test]
fn what_is_too_old_goes_in_batches_but_is_not_given_any_more() {
    let mut history = SendHistory::default();
    for now in 0..=1062_u32 {
        push(&mut history, now as u16, WIDE, now);
    }
    assert_eq!(history.slots.len(), 1063, "none is older than the age and a sixteenth");
    assert_eq!(has(&mut history, 61, 1062), Err(Missed::TooOld));
    assert_eq!(has(&mut history, 62, 1062), Ok(()));
    push(&mut history, 1063, WIDE, 1063);
    assert_eq!(
        (history.oldest, history.slots.len()),
        (63, 1001),
        "the batch, and none that may be asked for"
    );
    history.sweep(WIDE, 1064);
    assert_eq!(history.oldest, 64, "a sweep waits for no batch");
}

#[test]
fn what_exceeds_its_bounds_goes_at_once() {
    let bounds = Bounds { packets: 10, ..WIDE };
    let mut history = SendHistory::default();
    for seq in 0..15 {
        push(&mut history, seq, bounds, 0);
    }
    assert_eq!((history.oldest, history.slots.len()), (5, 10));
}

#[test]
fn remembers_that_a_packet_was_sent_again() {
    let mut history = SendHistory::default();
    push(&mut history, 7, WIDE, 0);
    let stored = history.get(7, WIDE, 50).unwrap();
    assert!(!stored.is_cooling(10, 0), "the first sending does not count");
    for now in [50, u32::MAX] {
        stored.mark_resent(now);
        assert!(stored.is_cooling(10, now.wrapping_add(6)));
        assert!(!stored.is_cooling(10, now.wrapping_add(10)));
    }
}

#[test]
fn an_abandoned_packet_takes_its_place_but_no_memory_until_it_is_written_again() {
    let mut history = SendHistory::default();
    for seq in 65_530_u16..=65_535 {
        push(&mut history, seq, WIDE, 0);
    }
    (0..5).for_each(|seq| push(&mut history, seq, WIDE, 0));
    let before = history.bytes;
    // From before the oldest over the wrap, and beyond the newest.
    history.abandon(65_520, 15);
    history.abandon(3, 30_000);
    history.abandon(0, 0);
    for seq in [65_530, 65_534, 3, 4] {
        assert_eq!(has(&mut history, seq, 0), Err(Missed::Abandoned), "{seq}");
    }
    for seq in [65_535, 0, 1, 2] {
        assert_eq!(has(&mut history, seq, 0), Ok(()), "{seq}");
    }
    assert_eq!(history.bytes * 11, before * 4);
    push(&mut history, 3, WIDE, 0);
    assert_eq!((has(&mut history, 3, 0), history.bytes * 11), (Ok(()), before * 5));
}

/// The same rules over all packets, one by one.
#[derive(Default)]
struct Naive {
    packets: BTreeMap<i64, (usize, u32)>,
    restart: Option<i64>,
}

impl Naive {
    fn push(&mut self, at: i64, len: usize, bounds: Bounds, now: u32) {
        if self.takes(at, i64::from(bounds.packets)) {
            self.packets.insert(at, (len, now));
        }
        while self.packets.values().map(|(len, _)| len).sum::<usize>() > bounds.bytes {
            self.packets.pop_first();
        }
        if self.oldest_age(now) > bounds.age + bounds.age / 16 {
            while self.oldest_age(now) > bounds.age {
                self.packets.pop_first();
            }
        }
    }

    fn oldest_age(&self, now: u32) -> u32 {
        self.packets.first_key_value().map_or(0, |(_, (_, sent))| now - sent)
    }

    fn takes(&mut self, at: i64, most: i64) -> bool {
        if let Some((newest, _)) = self.packets.last_key_value() {
            if at <= newest - most {
                let again = self.restart == Some(at);
                self.restart = Some(at + 1);
                if !again {
                    return false;
                }
                self.packets.clear();
            }
            self.packets.retain(|seq, _| *seq > at - most);
        }
        self.restart = None;
        true
    }
}

proptest! {
    #[test]
    fn agrees_with_a_sorted_map(
        start in any::<u16>(),
        packets in 1_u32..100,
        bytes in 1500_usize..40_000,
        steps in prop::collection::vec(
            (
                prop_oneof![6 => Just(1_i64), 3 => -12_i64..12, 1 => -150_i64..150],
                1_usize..1500,
                0_u32..60,
                prop::option::weighted(0.1, (-150_i64..20, 0_u16..40)),
            ),
            1..300,
        ),
    ) {
        let bounds = Bounds { packets, bytes, age: 400 };
        let (mut history, mut naive) = (SendHistory::default(), Naive::default());
        let (mut newest, mut now) = (i64::from(start), 0);
        for (step, len, pause, abandoned) in steps {
            now += pause;
            // Numbers are placed next to the newest one that is kept.
            newest = naive.packets.last_key_value().map_or(newest, |(seq, _)| *seq);
            let at = newest + step;
            history.push(at as u16, &HEADER, &Bytes::from(vec![at as u8; len]), bounds, now);
            naive.push(at, len, bounds, now);
            if let Some((from, count)) = abandoned {
                history.abandon((at + from) as u16, count);
                for (_, (len, _)) in naive.packets.range_mut(at + from..at + from + i64::from(count)) {
                    // Nothing was sent that has no bytes.
                    *len = 0;
                }
            }

            let newest = naive.packets.last_key_value().map_or(at, |(seq, _)| *seq);
            for seq in newest - 160..newest + 20 {
                let expected = naive.packets.get(&seq).filter(|(len, sent)| *len > 0 && now - sent <= bounds.age);
                let found = history.get(seq as u16, bounds, now).ok();
                let found = found.and_then(|slot| slot.parts());
                let found = found.map(|(_, payload)| (payload.len(), payload.first().copied()));
                let expected = expected.map(|(len, _)| (*len, Some(seq as u8)));
                prop_assert_eq!(found, expected, "{} of {}", seq, at);
            }
            let total: usize = naive.packets.values().map(|(len, _)| len).sum();
            prop_assert_eq!(history.bytes, total);
            prop_assert!(history.slots.len() <= packets as usize);
        }
    }
}
