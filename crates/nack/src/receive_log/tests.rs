//! The log against a set of numbers, and against the vectors that other implementations are tested with.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Inserted, ReceiveLog};

impl ReceiveLog {
    /// Is `seq` in the window and missing?
    fn is_missing(&self, seq: i64) -> bool {
        let (word, bit) = self.place(seq);
        (self.oldest()..=self.newest).contains(&seq)
            && self.bits.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Missing numbers up to `skip` before the newest.
    fn missing(&self, skip: i64) -> Vec<i64> {
        (self.oldest()..=self.newest() - skip).filter(|seq| self.is_missing(*seq)).collect()
    }

    /// The last number before the first missing one.
    fn consecutive(&self) -> i64 {
        self.missing(0).first().map_or(self.newest(), |first| first - 1)
    }

    fn insert_wire(&mut self, seq: u16) -> Inserted {
        let Some(at) = self.unwrap(seq) else {
            self.start(i64::from(seq));
            return Inserted::Newest { gap: 0 };
        };
        self.insert(at)
    }
}

/// pion's receive-log test, at every start offset at which it runs it.
#[test]
fn agrees_with_pions_vectors_at_every_start() {
    let starts =
        [0, 1, 127, 128, 129, 511, 512, 513, 32_767, 32_768, 32_769, 65_407, 65_408, 65_409, 65_534, 65_535];
    for start in starts {
        let mut log = ReceiveLog::new(128);
        let add = |log: &mut ReceiveLog, numbers: &mut dyn Iterator<Item = u16>| {
            for number in numbers {
                log.insert_wire(number.wrapping_add(start));
            }
        };
        let missing = |log: &ReceiveLog, skip| -> Vec<i64> {
            log.missing(skip).into_iter().map(|seq| seq - i64::from(start)).collect()
        };
        let consecutive = |log: &ReceiveLog| log.consecutive() - i64::from(start);

        add(&mut log, &mut (0..=128));
        assert_eq!(missing(&log, 0), []);
        add(&mut log, &mut [130].into_iter());
        assert_eq!((missing(&log, 0), consecutive(&log)), (vec![129], 128));
        add(&mut log, &mut [333].into_iter());
        assert_eq!((missing(&log, 0), consecutive(&log)), ((206..=332).collect(), 205));
        assert_eq!(missing(&log, 10), (206..=323).collect::<Vec<_>>());
        add(&mut log, &mut [329].into_iter().chain(207..=320).chain([334]));
        assert_eq!(missing(&log, 0), (321..=328).chain(330..=332).collect::<Vec<_>>());
        assert_eq!(consecutive(&log), 320);
        add(&mut log, &mut (322..=328).chain([321]));
        assert_eq!((missing(&log, 0), consecutive(&log)), (vec![330, 331, 332], 329));
        add(&mut log, &mut (330..=332));
        assert_eq!((missing(&log, 0), consecutive(&log)), (vec![], 334));
        add(&mut log, &mut [466].into_iter());
        assert_eq!(missing(&log, 0), (339..=465).collect::<Vec<_>>(), "127 newest");
    }
}

/// pion lets a packet of at least `size` before the newest clear the bit of another.
#[test]
fn a_packet_older_than_the_window_changes_nothing() {
    let mut log = ReceiveLog::new(64);
    log.start(0);
    (1..=200).filter(|seq| *seq != 150).for_each(|seq| {
        log.insert(seq);
    });
    assert_eq!(log.insert(86), Inserted::TooOld);
    assert_eq!(log.missing(0), [150]);
}

#[test]
fn allocates_nothing_before_the_first_gap() {
    let mut log = ReceiveLog::new(1024);
    log.start(65_530);
    for seq in 65_531_u32..70_000 {
        assert!(log.insert_expected(seq as u16));
    }
    assert!(log.bits.is_empty());
    assert_eq!(log.newest(), 69_999);
}

#[test]
fn goes_below_zero_when_a_stream_starts_reordered() {
    let mut log = ReceiveLog::new(64);
    assert_eq!(log.insert_wire(0), Inserted::Newest { gap: 0 });
    assert_eq!(log.insert_wire(65_535), Inserted::Early);
    assert_eq!(log.missing(0), [], "nothing before the first is missing");
    assert_eq!(log.insert_wire(1), Inserted::Newest { gap: 0 });
    assert_eq!(log.insert_wire(65_535), Inserted::Duplicate);
    assert_eq!(log.insert_wire(65_530), Inserted::Early);
    assert_eq!(log.insert_wire(65_533), Inserted::Early, "it may still come");
    assert_eq!(log.insert_wire(65_533), Inserted::Duplicate);
}

/// All numbers seen, with what the window says about them worked out anew for each question.
struct Naive {
    window: i64,
    first: i64,
    newest: i64,
    seen: BTreeSet<i64>,
}

impl Naive {
    fn insert(&mut self, seq: i64) -> Inserted {
        if seq > self.newest {
            let gap = (seq - self.newest - 1) as u64;
            self.newest = seq;
            self.seen.insert(seq);
            return Inserted::Newest { gap };
        }
        match seq {
            _ if seq <= self.newest - self.window => Inserted::TooOld,
            _ if self.seen.insert(seq) => {
                if seq < self.first {
                    Inserted::Early
                } else {
                    Inserted::Filled
                }
            }
            _ => Inserted::Duplicate,
        }
    }

    fn missing(&self) -> Vec<i64> {
        let oldest = self.first.max(self.newest - self.window + 1);
        (oldest..self.newest).filter(|seq| !self.seen.contains(seq)).collect()
    }
}

proptest! {
    #[test]
    fn agrees_with_a_set_of_numbers(
        start in any::<u16>(),
        window in prop::sample::select(vec![64_u32, 128, 256]),
        steps in prop::collection::vec(prop_oneof![
            8 => Just(1_i64), 3 => -40_i64..40, 1 => -200_i64..200, 1 => 240_i64..300,
        ], 1..200),
    ) {
        let mut log = ReceiveLog::new(window);
        let first = i64::from(start);
        log.start(first);
        let mut naive = Naive { window: i64::from(window), first, newest: first, seen: BTreeSet::from([first]) };
        for step in steps {
            let seq = naive.newest + step;
            prop_assert_eq!(log.unwrap(seq as u16), Some(seq));
            let fast = log.insert_expected(seq as u16);
            let expected = naive.insert(seq);
            if fast {
                prop_assert_eq!(expected, Inserted::Newest { gap: 0 });
            } else {
                prop_assert_eq!(log.insert(seq), expected);
            }
            prop_assert_eq!(log.newest(), naive.newest);
            prop_assert_eq!(log.missing(0), naive.missing());
        }
    }
}
