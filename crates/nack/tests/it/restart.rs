//! Jumps: loss, a new sequence, or nonsense (RFC 3550 A.1).

use interceptor_core::packet::Recovery;
use interceptor_nack::NackOptions;

use crate::kit::{Bench, SSRC, video};

#[test]
fn a_jump_over_the_window_starts_anew_and_needs_a_key_frame() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([0, 1, 1_500]).run(500);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
    assert_eq!((bench.keyframes(), bench.asking().resets), (vec![SSRC], 1));
    bench.read_numbers([1_502]);
    assert_eq!(bench.asked(), [[1_501]]);
}

#[test]
fn one_packet_far_ahead_is_ignored_and_two_in_a_row_are_a_new_sequence() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([0, 20_000, 1, 2]).run(500);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
    assert_eq!((bench.asking().resets, bench.asking().out_of_place), (0, 1));
    bench.read_numbers([20_000, 20_001, 20_003]);
    assert_eq!(bench.asked(), [[20_002]]);
    assert_eq!((bench.keyframes(), bench.asking().resets), (vec![SSRC], 1));
}

#[test]
fn a_sender_that_starts_again_further_back_is_followed() {
    for start in [5_000_u16, 100, 60_000] {
        let mut bench = Bench::receiver(NackOptions::default());
        let back = start.wrapping_sub(3_000);
        bench.read_numbers((0..10).map(|step| start.wrapping_add(step)));
        bench.read_numbers([back, back.wrapping_add(1), back.wrapping_add(3)]);
        assert_eq!(bench.asked(), [[back.wrapping_add(2)]]);
        assert_eq!(bench.keyframes(), [0; 0], "a new sequence begins with one");
    }
}

#[test]
fn packets_between_the_two_speak_against_a_new_sequence() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([0, 20_000, 1, 20_001, 2, 4]);
    assert_eq!((bench.asked(), bench.asking().resets), (vec![vec![3]], 0));
}

#[test]
fn old_answers_in_a_row_are_no_new_sequence() {
    let mut bench = Bench::receiver(NackOptions::default().with_history_packets(64));
    bench.read_numbers([0, 3]);
    bench.pass(100).read_numbers(4..=200).read_numbers([1, 2]);
    assert_eq!(bench.asking().resets, 0);
    bench.read_numbers([201, 203]);
    assert_eq!(bench.asked(), [vec![1, 2], vec![202]]);
}

#[test]
fn a_recovered_packet_far_off_changes_nothing() {
    let info = video().with_rtx(77, 97);
    let mut bench = Bench::new(NackOptions::default(), |config| config).with_remote(info);
    bench.read_numbers(5_000..5_010);
    for number in [6_100, 6_101, 7_000, 20_000, 20_001, 40_000, 40_001, 100, 101, 102] {
        bench.read_recovered(number, Recovery::Rtx);
    }
    bench.read_numbers([5_010, 5_012]).run(10);
    assert_eq!(bench.asked(), [[5_011]]);
    let counters = bench.asking();
    assert_eq!((counters.resets, counters.out_of_place), (0, 10));
}

#[test]
fn a_sender_that_falls_back_to_numbers_that_it_had_is_followed_after_a_second() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers(0..3_000);
    for number in 1_000..1_200 {
        bench.run(10).read_numbers([number]);
        assert_eq!(bench.asking().resets, u64::from(number >= 1_100), "{number}");
    }
    bench.read_numbers([1_201]);
    assert_eq!((bench.asked(), bench.keyframes()), (vec![vec![1_200]], vec![]));
}

#[test]
fn a_stray_that_is_no_step_too_far_is_left_as_soon_as_the_sequence_goes_on() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers((0..50).chain([2_000, 50, 51, 53]));
    assert_eq!(bench.asked(), [[52]]);
    assert_eq!(bench.asking().resets, 2, "there and back");
}

#[test]
fn losses_and_reordering_hide_no_sender_that_falls_back_to_numbers_that_it_had() {
    for rate in [50_u64, 250, 1_000] {
        let mut bench = Bench::receiver(NackOptions::default());
        bench.read_numbers(0..5_000);
        bench.run(2_000).asked();
        let (mut number, mut packets) = (2_000_u16, 0);
        while bench.asking().resets == 0 {
            // Every ninth is lost, and after every seventh two change places.
            match packets % 63 {
                lost if lost % 9 == 8 => {}
                swapped if swapped % 7 == 5 => drop(bench.read_numbers([number + 1, number])),
                _ => drop(bench.read_numbers([number])),
            }
            bench.run(1_000 / rate);
            (number, packets) = (number + 1, packets + 1);
            assert!(packets <= 2 * rate, "{rate} a second");
        }
        assert!(packets > rate, "not sooner than after a second");
    }
}

#[test]
fn copies_of_one_late_packet_are_no_sender_that_has_fallen_back() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers(0..5_000);
    for _ in 0..300 {
        bench.run(10).read_numbers([2_000, 1_999, 2_000]);
    }
    assert_eq!((bench.asking().resets, bench.asking().out_of_place), (0, 900));
}
