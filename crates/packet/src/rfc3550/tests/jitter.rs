//! Jitter: vectors, and the definition beside the arithmetic.

use std::time::Duration;

use proptest::prelude::*;

use crate::rfc3550::{Jitter, JitterRule};

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
fn no_clock_no_jitter_and_a_new_clock_goes_on_with_the_same_time() {
    let mut jitter = Jitter::new(JitterRule::Rfc3550, 0);
    jitter.update(Duration::from_secs(9), 5, true);
    jitter.update(Duration::from_secs(99), 7, true);
    assert_eq!((jitter.units(), jitter.duration()), (0, Duration::ZERO));
    jitter.set_clock_rate(90_000);
    jitter.update(Duration::ZERO, 0, true);
    jitter.update(Duration::from_secs(1), 60_000, true);
    jitter.set_clock_rate(90_000);
    assert_eq!((jitter.units(), jitter.duration()), (1875, Duration::from_nanos(20_833_333)));
    // RFC 7160: as long in the units of the new clock, and the next packet is compared with none before.
    jitter.set_clock_rate(48_000);
    assert_eq!((jitter.units(), jitter.duration()), (1000, Duration::from_nanos(20_833_333)));
    jitter.update(Duration::from_secs(2), 0xdead_beef, true);
    assert_eq!(jitter.units(), 1000);
    jitter.set_clock_rate(0);
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

/// The definition of §6.4.1 in floating point, on values small enough to be exact.
fn naive_jitter(packets: &[(u32, u32)]) -> f64 {
    let transits: Vec<f64> =
        packets.iter().map(|(arrival, ts)| f64::from(*arrival) - f64::from(*ts)).collect();
    transits.windows(2).fold(0.0, |jitter, pair| jitter + ((pair[1] - pair[0]).abs() - jitter) / 16.0)
}

proptest! {
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
