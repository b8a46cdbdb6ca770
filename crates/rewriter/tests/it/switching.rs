//! From one source to another: at a key frame, once, and no way back for what comes late.

use interceptor_rewriter::{Refusal, SourceId};

use crate::kit::{A, B, Bench};

#[test]
fn nothing_is_sent_before_it_is_selected_and_a_key_frame_begins() {
    let mut bench = Bench::new();
    assert_eq!(bench.key(A, 10, 0, 0), Err(Refusal::NotSelected));
    bench.rewriter.switch_to(A);
    assert_eq!(bench.delta(A, 11, 0, 0), Err(Refusal::WaitingForKeyFrame));
    assert_eq!((bench.rewriter.selected(), bench.rewriter.waiting_for()), (None, Some(A)));
    assert_eq!(bench.key(A, 12, 0, 0).unwrap().sequence_number, 100);
    assert_eq!((bench.rewriter.selected(), bench.rewriter.waiting_for()), (Some(A), None));
}

#[test]
fn the_old_source_goes_on_until_the_new_ones_key_frame_and_no_longer() {
    let mut bench = Bench::new();
    bench.begin(10);
    bench.rewriter.switch_to(B);
    assert_eq!(bench.delta(B, 500, 0, 0), Err(Refusal::WaitingForKeyFrame));
    assert_eq!(bench.number(11), Ok(101));
    assert_eq!(bench.key(B, 501, 0, 20).unwrap().sequence_number, 102);
    assert_eq!(bench.number(12), Err(Refusal::OldSource));
    assert_eq!(bench.delta(B, 500, 0, 20), Err(Refusal::TooLate), "from before the key frame");
    assert_eq!(bench.delta(B, 502, 0, 20).unwrap().sequence_number, 103);
    let counters = bench.rewriter.counters();
    assert_eq!((counters.switches, counters.refused_old_source, counters.refused_waiting), (2, 1, 1));
    assert_eq!((counters.refused_too_late, counters.given()), (1, 7));
}

#[test]
fn the_new_source_goes_on_behind_the_highest_number_and_what_was_lost_stays_lost() {
    let mut bench = Bench::new();
    bench.begin(10);
    bench.number(15).unwrap();
    bench.leave_out(16).unwrap();
    bench.rewriter.switch_to(B);
    assert_eq!(bench.key(B, 0, 0, 20).unwrap().sequence_number, 106);
}

#[test]
fn a_switch_that_is_taken_back_or_replaced_does_not_happen() {
    let mut bench = Bench::new();
    bench.begin(10);
    bench.rewriter.switch_to(B);
    bench.rewriter.switch_to(A);
    assert_eq!(bench.key(B, 0, 0, 0), Err(Refusal::NotSelected));
    assert_eq!(bench.number(11), Ok(101));
    bench.rewriter.switch_to(B);
    bench.rewriter.switch_to(SourceId(0xc));
    assert_eq!(bench.key(B, 0, 0, 0), Err(Refusal::NotSelected));
    assert_eq!(bench.rewriter.counters().switches, 1);
}

#[test]
fn a_pause_leaves_no_gap_and_ends_at_a_key_frame() {
    let mut bench = Bench::new();
    bench.begin(10);
    bench.rewriter.pause();
    assert_eq!(bench.number(11), Err(Refusal::OldSource));
    bench.rewriter.switch_to(A);
    assert_eq!(bench.number(12), Err(Refusal::WaitingForKeyFrame));
    assert_eq!(
        bench.key(A, 13, 9000, 100).map(|numbers| (numbers.sequence_number, numbers.timestamp)),
        Ok((101, 10_000))
    );
    bench.rewriter.pause();
    bench.rewriter.pause();
    assert_eq!(bench.rewriter.next_sequence_number(), 102);
}

#[test]
fn a_key_frame_that_was_sent_already_ends_no_pause() {
    let mut bench = Bench::new();
    bench.begin(10);
    bench.delta(A, 11, 3000, 33).unwrap();
    bench.rewriter.pause();
    bench.rewriter.switch_to(A);
    assert_eq!(bench.key(A, 10, 0, 40), Err(Refusal::WaitingForKeyFrame), "it came twice");
    assert_eq!(bench.key(A, 9, 0, 40), Err(Refusal::WaitingForKeyFrame), "or late");
    assert_eq!(bench.key(A, 12, 6000, 66).map(|numbers| numbers.sequence_number), Ok(102));
    // Nor does one that is sent again after a turn of another source.
    bench.rewriter.switch_to(B);
    bench.key(B, 500, 0, 100).unwrap();
    bench.rewriter.switch_to(A);
    assert_eq!(bench.key(A, 12, 6000, 110), Err(Refusal::WaitingForKeyFrame));
    assert_eq!(bench.delta(B, 501, 3000, 133).unwrap().sequence_number, 104, "the other goes on");
    assert_eq!(bench.key(A, 13, 18_000, 200).unwrap().sequence_number, 105);
    assert_eq!((bench.rewriter.counters().refused_waiting, bench.rewriter.counters().given()), (3, 9));
}

#[test]
fn a_key_frame_restored_after_the_frames_behind_it_have_passed_is_none_to_begin_with() {
    let mut bench = Bench::new();
    bench.begin(10);
    bench.rewriter.switch_to(B);
    // Of the key frame the first packet is lost; a frame later its source sends it again.
    bench.delta(B, 65_535, 70_000, 10).unwrap_err();
    bench.delta(B, 0, 73_000, 43).unwrap_err();
    assert_eq!(bench.key(B, 65_534, 70_000, 50), Err(Refusal::WaitingForKeyFrame));
    assert_eq!(bench.rewriter.waiting_for(), Some(B));
    // Packets of one frame may come in any order: what came before its first is asked for.
    bench.delta(B, 2, 76_000, 76).unwrap_err();
    assert_eq!(bench.key(B, 1, 76_000, 76).unwrap().sequence_number, 101);
    assert_eq!(bench.source_of(102), None);
    assert_eq!(bench.delta(B, 3, 76_000, 76).unwrap().sequence_number, 103);
    assert_eq!(bench.source_of(102), Some((B, 2)));
}

#[test]
fn a_source_that_begins_anew_while_it_waits_is_not_late() {
    for timestamp in [1 << 31, 3_000_000_000, 5_000_000, 0] {
        let mut bench = Bench::new();
        bench.rewriter.switch_to(A);
        bench.key(A, 1000, 4_000_000, 0).unwrap();
        bench.rewriter.pause();
        bench.rewriter.switch_to(A);
        assert_eq!(bench.key(A, 990, timestamp, 100).unwrap().sequence_number, 101, "{timestamp}");
    }
}
