//! Any packets of any sources, switches, pauses and reports, against a model that knows true numbers and keeps them all.

use std::time::Duration;

use interceptor_packet::{NtpTime, RtpPacket};
use interceptor_rewriter::{
    Header, LeftOut, Numbers, OutgoingStream, Rewriter, RewriterOptions, SourceId, SourceNumber,
};
use proptest::prelude::*;

use crate::kit::start;
use crate::model::{FIRST_OUT, FIRST_TIMESTAMP, Model, RATE, Source, WINDOW};

const SOURCES: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    /// A packet so many numbers ahead of the newest of its source, or behind it.
    Packet {
        source: usize,
        ahead: i64,
        key: bool,
        leave: bool,
    },
    Switch(usize),
    Pause,
    /// A source's sender report: at a whole second its clock stood where the model says.
    Report {
        source: usize,
        second: i64,
    },
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let ahead =
        prop_oneof![12 => Just(1_i64), 3 => 2..6_i64, 3 => -12..=0_i64, 1 => -200..-12_i64, 1 => 6..600_i64];
    let packet = (0..SOURCES, ahead, prop::bool::weighted(0.3), prop::bool::weighted(0.25));
    prop_oneof![
        40 => packet.prop_map(|(source, ahead, key, leave)| Step::Packet { source, ahead, key, leave }),
        3 => (0..SOURCES).prop_map(Step::Switch),
        1 => Just(Step::Pause),
        2 => (0..SOURCES, 0..40_i64).prop_map(|(source, second)| Step::Report { source, second }),
        8 => prop_oneof![5 => 0..40_u64, 1 => 0..20_000_u64].prop_map(Step::Wait),
    ]
}

fn rewriter() -> Rewriter {
    let stream = OutgoingStream::new(1, RATE as u32).starting_at(FIRST_OUT as u16, FIRST_TIMESTAMP as u32);
    Rewriter::new(stream, RewriterOptions::default().with_window(WINDOW as u16)).unwrap()
}

const fn id(source: usize) -> SourceId {
    SourceId(source as u32)
}

/// Every outgoing number that is remembered is found from both sides.
fn check_feedback(rewriter: &Rewriter, model: &Model) -> Result<(), TestCaseError> {
    let past = model.past.iter().rev().take(4);
    for sent in model.current.iter().chain(past) {
        for (number, out) in &sent.numbers {
            let (known, Some(out)) = (sent.remembered(*number).is_some(), out) else { continue };
            if model.next - out >= 32_000 {
                continue;
            }
            let found = rewriter.source_of(*out as u16);
            let is_this =
                found == Some(SourceNumber { source: id(sent.source), sequence_number: *number as u16 });
            prop_assert_eq!(is_this, known, "{} is {:?}", out, found);
        }
    }
    prop_assert_eq!(rewriter.source_of(model.next as u16), None);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_model_that_keeps_everything(
        firsts in prop::collection::vec((0..65_536_i64, 0..1_i64 << 32), SOURCES),
        steps in prop::collection::vec(step(), 1..400),
    ) {
        let start = start();
        let mut rewriter = rewriter();
        let source = |&(newest, first_timestamp): &(i64, i64)| Source { newest, first_timestamp, report: None };
        let sources = firsts.iter().map(source).collect();
        let mut model = Model { sources, current: None, past: Vec::new(), pending: None, late_below: None, next: FIRST_OUT, newest: None, now: 0 };
        let (mut given, mut highest) = (0, None);
        for step in steps {
            match step {
                Step::Wait(ms) => model.now += ms,
                Step::Switch(source) => {
                    rewriter.switch_to(id(source));
                    model.switch_to(source);
                }
                Step::Pause => {
                    rewriter.pause();
                    model.past.extend(model.current.take());
                    model.pending = None;
                }
                Step::Report { source, second } => {
                    let at = &mut model.sources[source];
                    let rtp = at.timestamp(at.newest) + second;
                    at.report = Some((second, rtp));
                    rewriter.sender_report(id(source), NtpTime::from_bits((second as u64) << 32), rtp as u32);
                }
                Step::Packet { source, ahead, key, leave } => {
                    given += 1;
                    let at = &mut model.sources[source];
                    let number = at.newest + ahead;
                    at.newest = at.newest.max(number);
                    let timestamp = at.timestamp(number) as u32;
                    let expected = model.packet(source, number, key, leave);
                    let seq = number as u16;
                    if leave {
                        let expected = expected.map(|_| match model.current.as_ref().and_then(|sent| sent.remembered(number)) {
                            Some(None) => LeftOut::WithoutGap,
                            _ => LeftOut::NumberStands,
                        });
                        prop_assert_eq!(rewriter.leave_out(id(source), seq), expected);
                    } else {
                        let header = Header { sequence_number: seq, timestamp, starts_key_frame: key };
                        let now = start + Duration::from_millis(model.now);
                        let placed = rewriter.place(id(source), header, now);
                        let numbers = |sent: Option<(i64, i64)>| sent.map(|(number, timestamp)| Numbers {
                            sequence_number: number as u16, timestamp: timestamp as u32,
                        });
                        prop_assert_eq!(placed.map(Some), expected.map(numbers));
                        if let Ok(Some((number, timestamp))) = expected {
                            let again = rewriter.numbers_of(SourceNumber { source: id(source), sequence_number: seq }, header.timestamp);
                            prop_assert_eq!(again, placed.ok());
                            // Numbers and times go forward together, whatever the source.
                            if let Some((before, at)) = highest && number > before {
                                prop_assert!(timestamp > at, "{} at {} after {} at {}", number, timestamp, before, at);
                            }
                            highest = highest.max(Some((number, timestamp)));
                        }
                    }
                }
            }
            prop_assert_eq!(rewriter.next_sequence_number(), model.next as u16);
        }
        check_feedback(&rewriter, &model)?;
        prop_assert_eq!(rewriter.counters().given(), given);
        prop_assert!(rewriter.heap_bytes() < 3000);
    }

    /// Nothing panics, the outgoing number never jumps by more than a source may lose, and the book closes.
    #[test]
    fn takes_anything(
        packets in prop::collection::vec((0..4_u32, any::<u16>(), any::<u32>(), any::<bool>(), 0..10_u8), 1..500),
    ) {
        let start = start();
        let mut rewriter = rewriter();
        let mut given = 0;
        for (at, (source, sequence_number, timestamp, starts_key_frame, what)) in packets.into_iter().enumerate() {
            let before = rewriter.next_sequence_number();
            let source = SourceId(source);
            match what {
                0 => rewriter.switch_to(source),
                1 => rewriter.sender_report(source, NtpTime::from_bits(u64::from(timestamp) << 31), timestamp),
                2 if sequence_number < 9000 => rewriter.pause(),
                2 | 3 => {
                    given += 1;
                    let _ = rewriter.leave_out(source, sequence_number);
                }
                4 => {
                    given += 1;
                    let packet = RtpPacket::builder().sequence_number(sequence_number).timestamp(timestamp);
                    let mut packet = packet.payload(vec![0; usize::from(starts_key_frame)]).build().unwrap();
                    let sent = rewriter.counters().sent_packets;
                    let done = rewriter.leave_out_or_rewrite(source, &mut packet, start);
                    let is_sent = rewriter.counters().sent_packets > sent;
                    prop_assert_eq!(is_sent, done == Ok(LeftOut::NumberStands));
                }
                _ => {
                    given += 1;
                    let header = Header { sequence_number, timestamp, starts_key_frame };
                    let now = start + Duration::from_millis((at as u64 * 7919) % 1000);
                    if let Ok(numbers) = rewriter.place(source, header, now) {
                        let found = rewriter.source_of(numbers.sequence_number);
                        prop_assert_eq!(found, Some(SourceNumber { source, sequence_number }));
                    }
                }
            }
            prop_assert!(rewriter.next_sequence_number().wrapping_sub(before) <= 3000);
        }
        prop_assert_eq!(rewriter.counters().given(), given);
    }
}
