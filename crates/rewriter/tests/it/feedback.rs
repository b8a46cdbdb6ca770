//! What a subscriber's NACK means, and what a source's sender report is, in the other's numbers.

use interceptor_packet::{NtpTime, Rtcp, RtcpPacket};
use interceptor_rewriter::RewriterOptions;

use crate::kit::{A, B, Bench};

#[test]
fn a_nack_over_two_switches_and_what_was_left_out_names_packets_of_both_sources() {
    let mut bench = Bench::with(RewriterOptions::default(), 65_534);
    bench.begin(10); // 65 534
    bench.leave_out(11).unwrap();
    bench.number(13).unwrap(); // 0; 12 is missing
    bench.rewriter.switch_to(B);
    bench.key(B, 65_535, 0, 20).unwrap(); // 1
    bench.rewriter.switch_to(A);
    bench.key(A, 20, 0, 40).unwrap(); // 2

    let nack = RtcpPacket::builder().nack(1, 2, &[65_533, 65_534, 65_535, 0, 1, 2, 3]).build().unwrap();
    let asked = nack.packets().find_map(|view| match view {
        Rtcp::Nack(nack) => {
            Some(nack.sequence_numbers().map(|number| bench.source_of(number)).collect::<Vec<_>>())
        }
        _ => None,
    });
    let expected =
        [None, Some((A, 10)), Some((A, 12)), Some((A, 13)), Some((B, 65_535)), Some((A, 20)), None];
    assert_eq!(asked.unwrap(), expected);
    let answers = [(A, 10), (A, 11), (A, 12), (A, 13), (B, 65_535), (A, 20), (A, 21), (B, 0)];
    let answers = answers.map(|(source, seq)| bench.numbers_of(source, seq));
    assert_eq!(answers, [Some(65_534), None, Some(65_535), Some(0), Some(1), Some(2), None, None]);
}

#[test]
fn as_many_sources_are_remembered_as_the_options_say() {
    for past in [0, 1, 4] {
        let mut bench = Bench::with(RewriterOptions::default().with_past_sources(past), 0);
        for switch in 0..6_u16 {
            let source = if switch.is_multiple_of(2) { A } else { B };
            bench.rewriter.switch_to(source);
            bench.key(source, switch * 100, 0, switch.into()).unwrap();
        }
        let known = (0..6).filter(|number| bench.source_of(*number).is_some()).count();
        assert_eq!(known, usize::from(past) + 1);
    }
}

#[test]
fn a_sender_report_is_translated_for_the_source_that_is_sent() {
    let mut bench = Bench::new();
    assert_eq!(bench.rewriter.outgoing_timestamp(A, 5), None);
    bench.rewriter.switch_to(A);
    bench.key(A, 0, u32::MAX - 9, 0).unwrap();
    bench.rewriter.sender_report(A, NtpTime::default(), 90);
    assert_eq!(bench.rewriter.outgoing_timestamp(A, 90), Some(1100));
    assert_eq!(bench.rewriter.outgoing_timestamp(B, 90), None);
}
