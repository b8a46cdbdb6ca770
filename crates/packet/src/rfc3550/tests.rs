//! Vectors, and property tests against models that keep everything and count it naively.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn source(seqs: &[u16]) -> SourceState {
    let mut source = SourceState::default();
    for seq in seqs {
        source.update(*seq);
    }
    source
}

#[test]
fn counts_loss_reordering_and_wraps() {
    let case = |seqs: &[u16]| {
        let source = source(seqs);
        (source.extended_highest(), source.cumulative_lost(), source.since(Mark::default()).fraction())
    };
    assert_eq!(case(&[]), (0, 0, 0));
    assert_eq!(case(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), (9, 0, 0));
    assert_eq!(case(&[1, 3]), (3, 1, 85));
    assert_eq!(case(&[0xffff, 1]), (0x1_0001, 1, 85));
    assert_eq!(case(&[1, 3, 2, 4]), (4, 0, 0));
    // Before the first, so not expected, but received.
    assert_eq!(case(&[0xffff, 0, 0xfffe]), (0x1_0000, -1, 0));
    assert_eq!(case(&[5, 5, 5, 6]), (6, -2, 0));
}

#[test]
fn a_late_packet_takes_back_an_earlier_loss() {
    let mut source = source(&[10, 12]);
    let mark = source.mark();
    assert_eq!(source.since(Mark::default()), Interval { expected: 3, received: 2 });
    source.update(11);
    assert_eq!((source.cumulative_lost(), source.since(mark)), (0, Interval { expected: 0, received: 1 }));
    assert_eq!((source.since(mark).lost(), source.since(mark).fraction()), (-1, 0));
}

#[test]
fn restarts_on_two_in_sequence_far_away_and_not_on_one() {
    let mut source = source(&[100, 101]);
    assert_eq!(source.update(101 + MAX_DROPOUT), Arrival::Stray);
    assert_eq!(source.update(102), Arrival::Newest { skipped: 0 });
    assert_eq!(source.update(40_000), Arrival::Stray);
    assert_eq!((source.received(), source.expected()), (3, 3));
    let mark = source.mark();
    assert_eq!(source.update(40_001), Arrival::Restarted);
    assert_eq!(source.update(40_003), Arrival::Newest { skipped: 1 });
    assert_eq!((source.received(), source.expected(), source.restarts()), (2, 3, 1));
    assert_eq!(source.since(mark), Interval { expected: 3, received: 2 });
    assert_eq!(source.extended_highest(), 40_003);
}

#[test]
fn the_limits_of_dropout_and_misorder_are_those_of_a_1() {
    let after = |seq| source(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).update(seq);
    assert_eq!(after(9 + MAX_DROPOUT - 1), Arrival::Newest { skipped: 2998 });
    assert_eq!(after(9 + MAX_DROPOUT), Arrival::Stray);
    assert_eq!(after(9), Arrival::Late);
    assert_eq!(after(9u16.wrapping_sub(MAX_MISORDER - 1)), Arrival::Late);
    assert_eq!(after(9u16.wrapping_sub(MAX_MISORDER)), Arrival::Stray);
}

#[test]
fn probation_counts_from_the_second_in_sequence() {
    let mut source = SourceState::with_probation(MIN_SEQUENTIAL);
    assert_eq!([7, 9, 65_535].map(|seq| source.update(seq)), [Arrival::Probation; 3]);
    assert!(!source.is_valid());
    assert_eq!((source.extended_highest(), source.expected(), source.lost()), (0, 0, 0));
    assert_eq!([0, 2].map(|seq| source.update(seq)), [Arrival::First, Arrival::Newest { skipped: 1 }]);
    assert_eq!((source.received(), source.expected()), (2, 3));
    assert_eq!(SourceState::with_probation(1).update(0), Arrival::First);
}

#[test]
fn fractions_and_clamps() {
    let cases = [
        (100, 100, 0, 0),
        (100, 95, 5, 12),
        (100, 75, 25, 64),
        (256, 255, 1, 1),
        (257, 256, 1, 0),
        (100, 0, 100, 255),
        (100, 101, -1, 0),
        (0, 0, 0, 0),
        (3, 2, 1, 85),
        (10, 5, 5, 128),
    ];
    for (expected, received, lost, fraction) in cases {
        let interval = Interval { expected, received };
        assert_eq!((interval.lost(), interval.fraction()), (lost, fraction), "{interval:?}");
    }
    let clamps = [
        (1, 0x1),
        (-1, -1),
        (8_388_607, 0x7f_ffff),
        (8_388_608, 0x7f_ffff),
        (-8_388_608, -0x80_0000),
        (-8_388_609, -0x80_0000),
        (12_345, 0x3039),
        (i64::MAX, 0x7f_ffff),
        (i64::MIN, -0x80_0000),
    ];
    assert!(clamps.iter().all(|(lost, clamped)| clamp_cumulative(*lost) == *clamped));
    assert_eq!((fraction_lost(u64::MAX, i64::MAX), fraction_lost(u64::MAX, 1)), (128, 0));
}

/// Reported jitter after each (arrival, timestamp), both in units.
fn jitter(rule: JitterRule, packets: impl IntoIterator<Item = (u32, u32)>) -> Vec<u32> {
    let mut jitter = Jitter::new(rule, 8000);
    let update = |(arrival, timestamp)| {
        jitter.update_units(arrival, timestamp, true);
        jitter.units()
    };
    packets.into_iter().map(update).collect()
}

#[test]
fn jitter_vectors() {
    let rfc = |packets: &[(u32, u32)]| jitter(JitterRule::Rfc3550, packets.iter().copied());
    assert_eq!(rfc(&[(0, 0), (160, 160), (480, 320), (480, 480), (640, 640)]), [0, 0, 10, 19, 18]);
    let odd_ones_late = (0..9).map(|i| (160 * i + 80 * (i % 2), 160 * i));
    assert_eq!(jitter(JitterRule::Rfc3550, odd_ones_late), [0, 5, 9, 14, 18, 22, 25, 29, 32]);
    assert_eq!(rfc(&[(0, 0), (160, 160), (400, 480), (420, 320), (640, 640)]), [0, 0, 5, 15, 21]);
    let late = |i: u32| 3000 * i + if i == 2 { 90 } else { 0 };
    let wrapping = (0..5).map(|i| (late(i), 0xffff_f000_u32.wrapping_add(3000 * i)));
    assert_eq!(jitter(JitterRule::Rfc3550, wrapping), [0, 0, 5, 10, 10]);
    assert_eq!(jitter(JitterRule::Rfc3550, (0..5).map(|i| (1000 + 160 * i, 160 * i))), [0; 5]);
}

#[test]
fn new_timestamps_rule_counts_frames_not_packets() {
    // Three frames of three packets, 160 units apart; the packets of a frame come 10 units after one another.
    let frames = |i: u32| (160 * (i / 3) + 10 * (i % 3), 160 * (i / 3));
    let all = jitter(JitterRule::Rfc3550, (0..9).map(frames));
    assert_eq!(all, [0, 0, 1, 2, 2, 3, 4, 4, 5]);
    // Only from the last packet of a frame to the first of the next: |160 - 20 - 160| each time.
    let frames = jitter(JitterRule::NewTimestamps, (0..9).map(frames));
    assert_eq!(frames, [0, 0, 0, 1, 1, 1, 2, 2, 2]);
}

#[test]
fn new_timestamps_rule_skips_late_packets_and_jumps() {
    let mut jitter = Jitter::new(JitterRule::NewTimestamps, 90_000);
    jitter.update_units(0, 0, true);
    jitter.update_units(90_000, 3000, false);
    jitter.update_units(450_000, 100_000, true);
    assert_eq!(jitter.units(), 350_000 / 16);
    jitter.update_units(450_000, 550_000, true);
    assert_eq!(jitter.units(), 350_000 / 16);
}

#[test]
fn no_clock_no_jitter_and_a_new_clock_starts_again() {
    let mut jitter = Jitter::new(JitterRule::Rfc3550, 0);
    jitter.update(Duration::from_secs(9), 5, true);
    jitter.update(Duration::from_secs(99), 7, true);
    assert_eq!((jitter.units(), jitter.duration()), (0, Duration::ZERO));
    jitter.set_clock_rate(90_000);
    jitter.update(Duration::ZERO, 0, true);
    jitter.update(Duration::from_secs(1), 60_000, true);
    jitter.set_clock_rate(90_000);
    assert_eq!((jitter.units(), jitter.duration()), (1875, Duration::from_nanos(20_833_333)));
    jitter.set_clock_rate(48_000);
    assert_eq!(jitter.units(), 0);
}

#[test]
fn resync_keeps_the_estimate_and_skips_the_jump() {
    let mut jitter = Jitter::new(JitterRule::Rfc3550, 8000);
    jitter.update_units(0, 0, true);
    jitter.update_units(320, 160, true);
    jitter.resync();
    jitter.update_units(480, 0xdead_beef, true);
    assert_eq!(jitter.units(), 10);
}

/// Keeps every packet and works out the sums from the list.
#[derive(Default)]
struct NaiveSource {
    /// Line positions of all packets that count.
    positions: Vec<i64>,
    stray: Option<u16>,
}

impl NaiveSource {
    fn update(&mut self, seq: u16) {
        let Some(highest) = self.positions.iter().max().copied() else {
            return self.positions.push(i64::from(seq));
        };
        // Where this number can lie on the line: the place nearest to what A.1 allows around the highest.
        let near = (highest - 99..highest + 3000).find(|place| place.rem_euclid(65_536) == i64::from(seq));
        match near {
            Some(place) => self.positions.push(place),
            None if self.stray.is_some_and(|stray| stray.wrapping_add(1) == seq) => {
                *self = Self { positions: vec![i64::from(seq)], stray: None };
            }
            None => self.stray = Some(seq),
        }
    }

    fn sums(&self) -> (u64, u64) {
        let Some(first) = self.positions.first() else { return (0, 0) };
        let highest = self.positions.iter().max().unwrap_or(first);
        ((highest - first + 1) as u64, self.positions.len() as u64)
    }
}

/// Numbers that mostly go on, sometimes jump, repeat, or come late.
fn seqs() -> impl Strategy<Value = Vec<u16>> {
    let steps = prop_oneof![
        8 => 1i32..4,
        2 => -120i32..1,
        1 => 2900i32..3100,
        1 => any::<u16>().prop_map(i32::from),
    ];
    (any::<u16>(), prop::collection::vec(steps, 0..150)).prop_map(|(start, steps)| {
        let advance = |seq: &mut u16, step: i32| {
            *seq = (i32::from(*seq) + step) as u16;
            Some(*seq)
        };
        steps.into_iter().scan(start, advance).collect()
    })
}

/// The definition of §6.4.1 in floating point, on values small enough to be exact.
fn naive_jitter(packets: &[(u32, u32)]) -> f64 {
    let transits: Vec<f64> =
        packets.iter().map(|(arrival, ts)| f64::from(*arrival) - f64::from(*ts)).collect();
    transits.windows(2).fold(0.0, |jitter, pair| jitter + ((pair[1] - pair[0]).abs() - jitter) / 16.0)
}

proptest! {
    #[test]
    fn agrees_with_a_source_that_keeps_everything(seqs in seqs(), split in 0usize..150) {
        let (mut source, mut naive) = (SourceState::default(), NaiveSource::default());
        let mut mark = Mark::default();
        let mut marked = ((0, 0), 0);
        for (i, seq) in seqs.iter().enumerate() {
            source.update(*seq);
            naive.update(*seq);
            if i == split {
                mark = source.mark();
                marked = (naive.sums(), source.restarts());
            }
        }
        prop_assert_eq!((source.expected(), source.received()), naive.sums());
        if marked.1 == source.restarts() {
            let ((expected, received), _) = marked;
            let sums = naive.sums();
            let since = Interval { expected: sums.0 - expected, received: sums.1 - received };
            prop_assert_eq!(source.since(mark), since);
        }
    }

    #[test]
    fn only_the_start_of_the_circle_differs(start: u16, steps in prop::collection::vec(1u16..50, 1..100)) {
        let run = |start: u16| {
            let mut seq = start;
            let mut source = SourceState::default();
            source.update(seq);
            for step in &steps {
                seq = seq.wrapping_add(*step);
                source.update(seq);
            }
            (source.expected(), source.received(), source.extended_highest() - u32::from(start))
        };
        prop_assert_eq!(run(start), run(0));
    }

    #[test]
    fn jitter_follows_the_definition(steps in prop::collection::vec((0u32..2000, 0u32..2000), 1..200)) {
        let mut last = (0u32, 0u32);
        let mut packets = vec![last];
        for (arrival, timestamp) in steps {
            last = (last.0 + arrival, last.1 + timestamp);
            packets.push(last);
        }
        let reported = jitter(JitterRule::Rfc3550, packets.clone()).pop().unwrap_or_default();
        // A.8 rounds each step to 1/32 unit; 16 of these errors can be in the estimate.
        prop_assert!((f64::from(reported) - naive_jitter(&packets)).abs() <= 1.5);
        let moved = packets.iter().map(|(arrival, ts)| (arrival.wrapping_add(0xffff_fff0), ts.wrapping_sub(77)));
        prop_assert_eq!(jitter(JitterRule::Rfc3550, moved).pop(), Some(reported));
    }

    #[test]
    fn nothing_panics(packets: Vec<(u64, u32, u32, bool)>, rate: u32, rule: bool) {
        let rule = if rule { JitterRule::Rfc3550 } else { JitterRule::NewTimestamps };
        let mut jitter = Jitter::new(rule, rate);
        for (seconds, nanos, timestamp, newest) in packets {
            jitter.update(Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos.into())), timestamp, newest);
            prop_assert!(jitter.units() <= 1 << 31);
        }
        let _ = jitter.duration();
    }
}
