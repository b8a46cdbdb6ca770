//! Timestamps: exact within a source, and forward at a switch, by reports or by the time that passed.

use std::time::Duration;

use interceptor_packet::NtpTime;
use interceptor_rewriter::SourceId;

use crate::kit::{A, B, Bench};

fn ntp(ms: u64) -> NtpTime {
    NtpTime::from_unix(Duration::from_secs(1_700_000_000)) + Duration::from_millis(ms)
}

#[test]
fn a_source_keeps_its_distances_whatever_the_clock_on_the_wall_says() {
    let mut bench = Bench::new();
    bench.rewriter.switch_to(A);
    let stamps = [(u32::MAX, 0), (0, 900), (3001, 1), (2999, 1)];
    let sent: Vec<u32> = stamps
        .iter()
        .enumerate()
        .map(|(at, (stamp, ms))| bench.key(A, at as u16, *stamp, *ms).unwrap().timestamp)
        .collect();
    assert_eq!(sent, [1000, 1001, 4002, 4000]);
}

#[test]
fn without_reports_a_switch_advances_by_the_time_between_the_frames() {
    // The key frame of B comes so many milliseconds after the last frame of A, whose second packet came 10 ms after its first.
    for (ms, step) in [(0, 1), (1, 90), (33, 2970), (1000, 90_000), (3_600_000, 324_000_000)] {
        let mut bench = Bench::new();
        bench.begin(0);
        let last = bench.delta(A, 1, 3000, 33).unwrap().timestamp;
        bench.delta(A, 2, 3000, 43).unwrap();
        bench.rewriter.switch_to(B);
        let key = bench.key(B, 0, 77, 33 + ms).unwrap();
        assert_eq!((last, key.timestamp), (4000, 4000 + step), "{ms} ms");
        assert_eq!(bench.delta(B, 1, 77 + 3000, 9999).unwrap().timestamp, 4000 + step + 3000);
        assert_eq!(bench.rewriter.counters().joined_by_time, 1);
    }
}

#[test]
fn with_reports_of_both_a_switch_is_exact() {
    // By the clocks B's key frame is so many units behind A's last frame, while it came 40 ms later.
    for (behind, step) in [(2970_i32, 2970), (3600, 3600), (1, 1), (0, 1), (-500, 1), (90_000, 90_000)] {
        let mut bench = Bench::new();
        bench.rewriter.sender_report(A, ntp(0), 0);
        bench.rewriter.sender_report(B, ntp(500), 1_000_000);
        bench.begin(0);
        let last = bench.delta(A, 1, 6000, 70).unwrap().timestamp;
        bench.rewriter.switch_to(B);
        // At 500 ms B's clock stood at a million, and A's at 45 000.
        let first = (1_000_000 - 45_000 + 6000_i32 + behind) as u32;
        assert_eq!(bench.key(B, 0, first, 110).unwrap().timestamp, last + step, "{behind}");
        assert_eq!(bench.rewriter.counters().joined_by_reports, 1);
    }
}

#[test]
fn a_clock_that_goes_back_does_not_take_the_stream_with_it() {
    let mut bench = Bench::new();
    bench.begin(0);
    let last = bench.delta(A, 1, 3000, 500).unwrap().timestamp;
    bench.rewriter.switch_to(B);
    assert_eq!(bench.key(B, 0, 0, 100).unwrap().timestamp, last + 1);
}

#[test]
fn a_pause_of_days_is_a_step_that_receivers_take_for_one_forward() {
    let mut bench = Bench::new();
    let last = {
        bench.begin(0);
        1000_u32
    };
    bench.rewriter.switch_to(B);
    let key = bench.key(B, 0, 0, 86_400_000 * 3).unwrap().timestamp;
    assert_eq!(key, last + i32::MAX as u32);
}

#[test]
fn a_source_that_comes_back_keeps_its_clock_if_that_went_on() {
    // What its clock says has passed in a pause of 2 s, and what the outgoing one advances by.
    for (own, step) in
        [(180_000_u32, 180_000), (185_000, 185_000), (90_001, 90_001), (80_000, 180_000), (0, 180_000)]
    {
        let mut bench = Bench::new();
        bench.begin(0);
        bench.rewriter.pause();
        bench.rewriter.switch_to(A);
        assert_eq!(bench.key(A, 50, own, 2000).unwrap().timestamp, 1000 + step, "{own}");
    }
}

#[test]
fn a_switch_goes_on_from_the_last_frame_of_a_source_that_set_its_clock() {
    let hour = 324_000_000_u32;
    // Back an hour, back a little more than ten seconds, and so far ahead that it looks like back.
    for jump in [hour.wrapping_neg(), 1_000_000_u32.wrapping_neg(), hour * 7] {
        let mut bench = Bench::new();
        bench.begin(0);
        let last = bench.delta(A, 1, jump, 33).unwrap().timestamp;
        bench.delta(A, 2, jump, 34).unwrap();
        // A late packet from before does not bring the old clock back.
        bench.key(A, 0, 0, 40).unwrap();
        bench.rewriter.switch_to(B);
        let key = bench.key(B, 0, 77, 133).unwrap().timestamp;
        assert_eq!(key.wrapping_sub(last), 9000, "{jump}");
    }
}

#[test]
fn frames_in_another_order_than_they_are_shown_are_no_clock_that_was_set() {
    let mut bench = Bench::new();
    bench.begin(0);
    let shown_last = bench.delta(A, 1, 9000, 33).unwrap().timestamp;
    bench.delta(A, 2, 3000, 66).unwrap();
    bench.rewriter.switch_to(B);
    assert_eq!(bench.key(B, 0, 77, 133).unwrap().timestamp, shown_last + 9000);
}

#[test]
fn reports_of_the_source_that_is_sent_and_of_the_one_that_waits_are_kept() {
    let mut bench = Bench::new();
    bench.rewriter.sender_report(A, ntp(0), 0);
    bench.begin(0);
    bench.rewriter.switch_to(B);
    bench.rewriter.sender_report(B, ntp(0), 500);
    (100..130).for_each(|other| bench.rewriter.sender_report(SourceId(other), ntp(0), 0));
    assert_eq!(bench.key(B, 0, 500 + 4500, 100).unwrap().timestamp, 1000 + 4500);
    assert_eq!(bench.rewriter.counters().joined_by_reports, 1);
}
