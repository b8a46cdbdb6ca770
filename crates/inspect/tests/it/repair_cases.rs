//! What became of lost packets, case by case.

use std::time::Duration;

use interceptor_inspect::frame::Datagram;
use interceptor_inspect::{Endpoints, Inspector, Repair};

use crate::call::{Wire, media, request, rtx, time};

/// The receiver asks at once, the original comes a little later, and then the answer: one packet too many.
#[test]
fn an_answer_to_a_request_for_what_was_overtaken_is_a_copy_too_many() {
    for by_rtx in [true, false] {
        let mut wire = Wire::default();
        for number in 0..1000 {
            let late = number > 20 && number % 50 == 0;
            wire.send(time(number) + u64::from(late) * 6000, media(65_500, number));
            if late {
                wire.ask(time(number) + 3400, &[65_500_u16.wrapping_add(number as u16)]);
                let again =
                    if by_rtx { rtx((number / 50) as u16, 65_500, number) } else { media(65_500, number) };
                wire.send(time(number) + 63_400, again);
            }
        }
        let mut expected = Repair::default();
        expected.repeats = 19;
        assert_eq!(wire.repair(), expected);
    }
}

/// The order of a capture is not always that of the network, and a packet may come behind its own copy.
#[test]
fn an_original_behind_its_retransmission_was_not_lost() {
    let mut wire = Wire::default();
    for number in 0..1000 {
        if number % 100 != 50 {
            wire.send(time(number), media(7, number));
            continue;
        }
        wire.send(time(number) + 30_000, rtx(number as u16, 7, number));
        // It comes in the end, or never.
        if number < 500 {
            wire.send(time(number) + 31_000, media(7, number));
        }
    }
    let repair = wire.repair();
    assert_eq!((repair.lost, repair.by_rtx, repair.missing, repair.repeats), (5, 5, 0, 5));
}

/// A retransmission that was lost itself was asked for again; the media stream knows nothing of the RTX stream's numbers.
#[test]
fn a_retransmission_of_what_had_been_lost_again_brings_it_back() {
    let mut wire = Wire::default();
    let mut seq = 0;
    for number in 0..600 {
        if number % 30 != 29 {
            wire.send(time(number), media(65_530, number));
            continue;
        }
        for (attempt, wait) in [(1, 40_000), (2, 90_000)] {
            seq += 1;
            wire.ask(time(number) + wait - 30_000, &[65_530_u16.wrapping_add(number as u16)]);
            if attempt == 2 {
                wire.send(time(number) + wait, rtx(seq, 65_530, number));
            }
        }
    }
    wire.send(time(600), media(65_530, 600));
    let repair = wire.repair();
    assert_eq!((repair.lost, repair.by_rtx, repair.missing, repair.repeats), (20, 20, 0, 0));
    let recovery = repair.recovery_ms.unwrap();
    assert!((recovery.p50 - 86.667).abs() < 1.5, "{recovery:?}");
}

/// Both sides of a relay, with RTCP on ports of its own that tell nothing: each request passes twice, and is one.
#[test]
fn both_sides_of_a_relay_are_counted_apart() {
    let way = |src: &str, dst: &str| Endpoints::new(src.parse().unwrap(), dst.parse().unwrap());
    let media_ways = [way("10.0.0.1:1000", "10.0.0.9:7000"), way("10.0.0.9:7000", "10.0.0.2:7002")];
    let request_ways = [way("10.0.0.2:5555", "10.0.0.9:7004"), way("10.0.0.9:7004", "10.0.0.1:7005")];
    let mut packets = Vec::new();
    for number in 0..=2000 {
        let at = time(number);
        packets.push((at, media_ways[0], media(65_000, number)));
        if number % 40 != 39 {
            // Some are overtaken behind the relay, and asked for as well: one answer too many.
            let late = if number % 40 == 20 { 5000 } else { 0 };
            packets.push((at + 1000 + late, media_ways[1], media(65_000, number)));
        }
        if number % 40 == 39 || number % 40 == 20 {
            let request = request(&[65_000_u16.wrapping_add(number as u16)]);
            packets.push((at + 5000, request_ways[0], request.clone()));
            packets.push((at + 5500, request_ways[1], request));
            packets.push((at + 55_000, media_ways[0], media(65_000, number)));
            packets.push((at + 56_000, media_ways[1], media(65_000, number)));
        }
    }
    packets.sort_by_key(|(at, ..)| *at);
    let mut inspector = Inspector::default();
    for (at, way, packet) in &packets {
        inspector.datagram(Duration::from_micros(*at), &Datagram::new(*way, packet));
    }
    let summary = inspector.summary();
    let [before, after] = [0, 1].map(|side| summary.streams[side].repair.unwrap());
    assert_eq!(summary.streams[0].dst.port(), 7000);
    assert_eq!((before.lost, before.by_repeat, before.missing, before.repeats), (0, 0, 0, 100));
    assert_eq!((after.lost, after.by_repeat, after.missing, after.repeats), (50, 50, 0, 50));
}

/// Who does not understand the retransmission asks on, until the sender repeats the packet as it was.
#[test]
fn a_repeat_of_what_was_retransmitted_and_asked_for_again_is_a_copy_too_many() {
    let mut wire = Wire::default();
    for number in 0..600 {
        if number % 30 != 29 {
            wire.send(time(number), media(100, number));
            continue;
        }
        let seq = 100 + number as u16;
        wire.ask(time(number) + 5000, &[seq]);
        wire.send(time(number) + 45_000, rtx(seq, 100, number));
        wire.ask(time(number) + 60_000, &[seq]);
        wire.send(time(number) + 100_000, media(100, number));
    }
    wire.send(time(600), media(100, 600));
    let repair = wire.repair();
    assert_eq!(
        (repair.lost, repair.by_rtx, repair.by_repeat, repair.missing, repair.repeats),
        (20, 20, 0, 0, 20)
    );
}

/// Ten seconds without packets; of the last of what was lost, some comes back.
#[test]
fn an_outage_is_lost_but_for_what_comes_back() {
    let mut wire = Wire::default();
    for number in (0..1000).chain(4000..5000) {
        wire.send(time(number), media(50_000, number));
    }
    for (seq, number) in (3900..3950).enumerate() {
        wire.ask(time(4002), &[50_000_u16.wrapping_add(number as u16)]);
        wire.send(time(4010) + seq as u64 * 100, rtx(seq as u16, 50_000, number));
    }
    // Too old to be known, and from before the call.
    wire.send(time(4990), rtx(60, 50_000, 500));
    wire.send(time(4990), rtx(61, 49_000, 0));
    let repair = wire.repair();
    assert_eq!((repair.lost, repair.by_rtx, repair.missing, repair.repeats), (3000, 50, 2950, 0));
}

/// The sums go on over a restart of the sender; numbers mean other packets then.
#[test]
fn sums_go_on_over_a_restart_of_the_sender() {
    let mut wire = Wire::default();
    let mut rtx_seq = 0;
    for (part, first) in [(0, 100), (1, 30_000)] {
        for number in part * 1000..(part + 1) * 1000 {
            if number % 50 == 25 {
                rtx_seq += 1;
                wire.ask(time(number) + 4000, &[first + number as u16]);
                // Of the first part each comes back, of the second every other.
                if part == 0 || number % 100 == 25 {
                    wire.send(time(number) + 40_000, rtx(rtx_seq, first, number));
                }
                continue;
            }
            wire.send(time(number), media(first, number));
        }
    }
    let repair = wire.repair();
    assert_eq!((repair.lost, repair.by_rtx, repair.missing, repair.repeats), (40, 30, 10, 0));
}
