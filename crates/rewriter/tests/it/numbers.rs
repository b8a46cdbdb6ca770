//! Sequence numbers of one source: in order, late, twice, missing, left out.

use interceptor_packet::RtpPacket;
use interceptor_rewriter::{LeftOut, Refusal, RewriterOptions};

use crate::kit::{A, Bench, SSRC};

/// What is done with the source's numbers, the first of which is 10 and goes out as 100.
#[derive(Clone, Copy, Debug)]
enum Do {
    Send(u16),
    Leave(u16),
}
use Do::{Leave, Send};

/// What is tried, what is done, and the numbers that go out.
type Case<'a> = (&'a str, &'a [Do], &'a [Option<u16>]);

/// The numbers that go out; none for what is left out without a gap, or has no number.
fn outgoing(steps: &[Do]) -> Vec<Option<u16>> {
    let mut bench = Bench::new();
    bench.begin(10);
    let each = |step: &Do| match *step {
        Send(seq) => bench.number(seq).ok(),
        Leave(seq) => (bench.leave_out(seq) == Ok(LeftOut::NumberStands)).then_some(0),
    };
    steps.iter().map(each).collect()
}

#[test]
fn numbers_go_out_as_the_table_says() {
    let none = None;
    let cases: [Case<'_>; 10] = [
        ("in order", &[Send(11), Send(12)], &[Some(101), Some(102)]),
        ("lost", &[Send(13), Send(14)], &[Some(103), Some(104)]),
        ("late", &[Send(13), Send(11), Send(12), Send(14)], &[Some(103), Some(101), Some(102), Some(104)]),
        ("twice", &[Send(11), Send(11), Send(10)], &[Some(101), Some(101), Some(100)]),
        ("left out", &[Leave(11), Send(12), Send(13)], &[none, Some(101), Some(102)]),
        ("every second", &[Leave(11), Send(12), Leave(13), Send(14)], &[none, Some(101), none, Some(102)]),
        (
            "late behind some that were left out",
            &[Send(11), Leave(13), Send(15), Send(12), Send(14)],
            &[Some(101), none, Some(104), Some(102), Some(103)],
        ),
        ("left out too late", &[Send(12), Leave(11), Send(13)], &[Some(102), Some(0), Some(103)]),
        ("lost before one that is left out", &[Leave(12), Send(13), Send(11)], &[none, Some(102), Some(101)]),
        ("left out, then sent", &[Leave(11), Send(12), Send(11)], &[none, Some(101), none]),
    ];
    for (name, steps, expected) in cases {
        assert_eq!(outgoing(steps), expected, "{name}");
    }
}

#[test]
fn a_repeat_has_the_number_that_the_packet_had() {
    let mut bench = Bench::new();
    bench.begin(0);
    let sent: Vec<(u16, u16)> = (1..900)
        .filter_map(|seq| match seq % 3 {
            0 => bench.leave_out(seq).err().map(|_| (seq, 0)),
            _ => Some((seq, bench.number(seq).unwrap())),
        })
        .collect();
    assert_eq!(sent.len(), 600);
    for (seq, number) in sent {
        assert_eq!(bench.number(seq), Ok(number), "sent again");
        assert_eq!(bench.source_of(number), Some((A, seq)), "asked for");
        assert_eq!(bench.numbers_of(A, seq), Some(number), "answered");
    }
}

#[test]
fn only_ssrc_number_and_timestamp_of_a_packet_change() {
    let mut bench = Bench::new();
    let packet = RtpPacket::builder().ssrc(9).payload_type(96).marker(true).sequence_number(7).timestamp(70);
    let before = packet.csrc(5).extension(3, &[1, 2]).payload(&b"media"[..]).build().unwrap();
    bench.rewriter.switch_to(A);
    let mut packet = before.clone();
    let now = bench.at(0);
    bench.rewriter.rewrite(A, &mut packet, true, now).unwrap();
    assert_eq!((packet.ssrc(), packet.sequence_number(), packet.timestamp()), (SSRC, 100, 1000));
    packet.set_ssrc(9);
    packet.set_sequence_number(7);
    packet.set_timestamp(70);
    assert_eq!(packet, before);
    assert_eq!((bench.rewriter.counters().sent_packets, bench.rewriter.counters().sent_bytes), (1, 5));
    // What is refused stays as it is.
    bench.rewriter.pause();
    assert_eq!(bench.rewriter.rewrite(A, &mut packet, true, now), Err(Refusal::OldSource));
    assert_eq!(packet, before);
}

#[test]
fn what_is_not_wanted_is_left_out_or_sent_and_counted_once() {
    let media = |seq| RtpPacket::builder().sequence_number(seq).payload(&b"media"[..]).build().unwrap();
    let mut bench = Bench::new();
    bench.begin(10);
    let now = bench.at(0);
    let unwanted = |bench: &mut Bench, seq| {
        let mut packet = media(seq);
        let done = bench.rewriter.leave_out_or_rewrite(A, &mut packet, now);
        (done, packet.sequence_number())
    };
    assert_eq!(unwanted(&mut bench, 11), (Ok(LeftOut::WithoutGap), 11), "it stays as it is");
    assert_eq!(bench.number(13), Ok(102));
    assert_eq!(unwanted(&mut bench, 12), (Ok(LeftOut::NumberStands), 101), "it is to be sent");
    assert_eq!(unwanted(&mut bench, 9), (Err(Refusal::TooLate), 9));
    let counters = *bench.rewriter.counters();
    assert_eq!((counters.sent_packets, counters.left_out, counters.refused_too_late), (3, 1, 1));
    assert_eq!((counters.kept_numbers, counters.sent_bytes, counters.given()), (0, 5, 5));
    assert_eq!(bench.leave_out(12), Ok(LeftOut::NumberStands), "it is not");
    assert_eq!((bench.rewriter.counters().kept_numbers, bench.rewriter.counters().given()), (1, 6));
}

#[test]
fn padding_is_sent_where_it_is_wanted_or_its_number_stands() {
    let padding = |seq| RtpPacket::builder().sequence_number(seq).padding(8).build().unwrap();
    let mut bench = Bench::with(RewriterOptions::default().with_leave_padding_out(false), 100);
    bench.begin(10);
    let now = bench.at(0);
    let mut wanted = padding(11);
    assert_eq!(bench.rewriter.rewrite(A, &mut wanted, false, now), Ok(()));
    assert_eq!(wanted.sequence_number(), 101);

    let mut bench = Bench::new();
    bench.begin(10);
    bench.number(12).unwrap();
    let mut late = padding(11);
    assert_eq!(bench.rewriter.rewrite(A, &mut late, false, now), Ok(()), "a gap would be worse");
    assert_eq!(late.sequence_number(), 101);
}
