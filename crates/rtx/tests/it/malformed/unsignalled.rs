//! Hostile input on SSRCs that nothing announces.

use interceptor_rtx::AssociationCounters;

use crate::unsignalled::kit::{A, A_BOUND, B, B_BOUND, Finder, again, stream};

#[test]
fn a_retransmission_that_two_streams_asked_for_passes_untouched() {
    let mut finder = Finder::of_two();
    finder.ask(A, &[7]);
    finder.ask(B, &[7, 8]);
    assert_eq!(finder.given(0x77, 7), None);
    assert_eq!((finder.counters().ambiguous, finder.found(A), finder.found(B)), (1, None, None));
    assert_eq!(finder.given(0x77, 8), Some(B_BOUND));
    assert_eq!(finder.given(0x77, 7), Some(B_BOUND));
    assert_eq!((finder.counters().ambiguous, finder.counters().associated), (1, 2));
}

#[test]
fn a_retransmission_that_nobody_asked_for_passes_untouched() {
    let mut finder = Finder::of_two();
    finder.ask(A, &[7]);
    // A stranger that goes through SSRCs and numbers gets nowhere, and leaves nothing behind.
    for number in 0..2_000 {
        assert_eq!(finder.given(0x1_0000 + u32::from(number), number + 100), None);
    }
    assert_eq!((finder.counters().unasked, finder.counters().associated), (2_000, 0));
    assert_eq!(finder.given(0x77, 7), Some(A_BOUND));
}

#[test]
fn an_unknown_ssrc_without_a_whole_number_passes_untouched() {
    let mut finder = Finder::with(Default::default());
    finder.bind(stream(A, A_BOUND));
    let mut packet = again(0x77, 97, 1);
    for payload in [&b""[..], b"\x00"] {
        packet.set_payload(payload);
        assert_eq!(finder.given_to(&packet), None);
    }
    assert_eq!((finder.counters().too_short, finder.found(A)), (2, None));
    // Once the SSRC is known its padding is the stream's, for who undoes RTX to count.
    assert_eq!(finder.given(0x77, 1), Some(A_BOUND));
    assert_eq!(finder.given_to(&packet), Some(A_BOUND));
    assert_eq!(finder.counters().too_short, 2);
}

#[test]
fn another_payload_type_on_a_found_ssrc_passes_untouched() {
    let mut finder = Finder::of_two();
    finder.ask(A, &[7]);
    assert_eq!(finder.given(0x77, 7), Some(A_BOUND));
    for payload_type in [96, 99] {
        assert_eq!(finder.given_to(&again(0x77, payload_type, 7)), None);
    }
    let counters: AssociationCounters = finder.counters();
    assert_eq!((counters.other_payload_type, counters.associated), (2, 1));
}
