//! What a source may send: any number, any timestamp, any report.

use interceptor_packet::{NtpTime, RtpPacket};
use interceptor_rewriter::{LeftOut, Refusal, SourceId};

use crate::kit::{A, B, Bench};

#[test]
fn jumps_back_and_forth_cost_one_number_each() {
    let mut bench = Bench::new();
    bench.begin(10);
    assert_eq!(bench.number(3010), Ok(3100), "3000 may be missing");
    assert_eq!(bench.number(6011), Ok(3102), "more begin anew");
    assert_eq!(bench.source_of(3101), None, "nobody knows what that was");
    assert_eq!(bench.source_of(3100), Some((A, 3010)));
    assert_eq!(bench.number(6012), Ok(3103));
    // Far behind: one may be late, two in a row are a sender that has begun again.
    assert_eq!(bench.number(100), Err(Refusal::TooLate));
    assert_eq!(bench.number(101), Ok(3105));
    assert_eq!(bench.number(102), Ok(3106));
    let counters = bench.rewriter.counters();
    assert_eq!((counters.restarts, counters.refused_too_late, counters.given()), (2, 1, 7));
}

#[test]
fn a_source_that_counts_anew_with_what_is_left_out_leaves_no_other_gap() {
    let mut bench = Bench::new();
    bench.begin(10);
    assert_eq!(bench.leave_out(20_000), Ok(LeftOut::WithoutGap));
    assert_eq!(bench.number(20_001), Ok(102));
}

#[test]
fn what_is_older_than_the_window_is_refused() {
    let mut bench = Bench::new();
    bench.begin(0);
    for seq in 1..2000 {
        bench.number(seq).unwrap();
    }
    assert_eq!(bench.number(2000 - 1024), Ok(100 + 2000 - 1024));
    assert_eq!(bench.number(2000 - 1025), Err(Refusal::TooLate));
    assert_eq!(bench.source_of(100 + 2000 - 1024), Some((A, 2000 - 1024)));
    assert_eq!(bench.source_of(100 + 2000 - 1025), None);
    assert_eq!(bench.rewriter.counters().refused_too_late, 1);
}

#[test]
fn what_was_left_out_has_no_number_ever_after() {
    let mut bench = Bench::new();
    bench.begin(10);
    bench.leave_out(11).unwrap();
    assert_eq!(bench.number(11), Err(Refusal::LeftOut));
    bench.number(12).unwrap();
    assert_eq!((bench.number(11), bench.numbers_of(A, 11)), (Err(Refusal::LeftOut), None));
    assert_eq!(bench.leave_out(11), Ok(LeftOut::WithoutGap));
    let counters = bench.rewriter.counters();
    assert_eq!((counters.refused_left_out, counters.left_out, counters.given()), (2, 2, 6));
}

#[test]
fn timestamps_at_random_do_not_turn_a_switch_back() {
    let mut bench = Bench::new();
    bench.begin(0);
    let mut newest = 1000_u32;
    let stamps = [7, u32::MAX, 1 << 31, (1 << 31) + 1, 3, 0x7fff_ffff, 12];
    for (switch, stamp) in stamps.into_iter().enumerate() {
        let source = SourceId(switch as u32);
        bench.rewriter.switch_to(source);
        let sent = bench.key(source, 9, stamp, switch as u64).unwrap().timestamp;
        assert!(sent.wrapping_sub(newest).cast_signed() > 0, "{stamp}");
        newest = sent;
    }
    assert_eq!(bench.rewriter.counters().switches, 8);
}

#[test]
fn reports_that_contradict_the_time_are_not_believed() {
    for (ntp, rtp) in [(0, 0), (u64::MAX, u32::MAX), (1 << 63, 1 << 31), ((1 << 63) - 1, 7), (90 << 32, 0)] {
        let mut bench = Bench::new();
        bench.rewriter.sender_report(A, NtpTime::from_bits(5 << 32), 0);
        bench.rewriter.sender_report(B, NtpTime::from_bits(ntp), rtp);
        bench.begin(0);
        bench.rewriter.switch_to(B);
        assert_eq!(bench.key(B, 0, 1 << 30, 100).unwrap().timestamp, 1000 + 9000);
        assert_eq!(bench.rewriter.counters().reports_disbelieved, 1);
    }
}

#[test]
fn reports_of_sources_without_end_are_forgotten() {
    let mut bench = Bench::new();
    let before = bench.rewriter.heap_bytes();
    bench.rewriter.sender_report(A, NtpTime::from_bits(5 << 32), 0);
    for source in 100..1100 {
        bench.rewriter.sender_report(SourceId(source), NtpTime::default(), 0);
    }
    assert_eq!(bench.rewriter.heap_bytes(), before);
    bench.rewriter.sender_report(B, NtpTime::from_bits(5 << 32), 0);
    bench.begin(0);
    bench.rewriter.switch_to(B);
    // Reports of both would say 4500.
    assert_eq!(bench.key(B, 0, 4500, 100).unwrap().timestamp, 1000 + 9000);
    let counters = bench.rewriter.counters();
    assert_eq!((counters.joined_by_time, counters.reports_disbelieved), (1, 0));
}

#[test]
fn padding_leaves_no_gap() {
    let mut bench = Bench::new();
    bench.begin(10);
    let now = bench.at(0);
    let mut padding = RtpPacket::builder().ssrc(3).sequence_number(11).padding(200).build().unwrap();
    assert_eq!(bench.rewriter.rewrite(A, &mut padding, true, now), Err(Refusal::Padding));
    assert_eq!((padding.ssrc(), padding.sequence_number()), (3, 11));
    assert_eq!(bench.number(12), Ok(101));
    assert_eq!((bench.rewriter.counters().left_out, bench.rewriter.counters().given()), (1, 3));
}
