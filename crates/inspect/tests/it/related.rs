//! Which streams repair which: found where it is so, and nowhere else.

use crate::call::{Chance, MEDIA, RTX, Wire, media, packet, padding, rtx, time, timestamp};

const OTHER: u32 = 0x7777_7777;

fn relations(wire: Wire) -> Vec<(u32, Option<u32>, Option<u32>)> {
    let summary = wire.inspect();
    summary.streams.iter().map(|stream| (stream.ssrc, stream.rtx_of, stream.fec_of)).collect()
}

/// Two media streams of one clock that begin together, with payloads of all kinds, and losses to be filled.
#[test]
fn media_streams_side_by_side_repair_nothing() {
    for seed in 0..40 {
        let mut chance = Chance(seed);
        // Numbers near each other, or payloads that begin with a number of the other stream's.
        let first = [0, 1000, 0x9080, 0x7c00, 65_500][seed as usize % 5];
        let kind = seed % 4;
        let payload_type = if seed % 3 == 0 { 96 } else { 100 };
        let mut wire = Wire::default();
        let mut numbers = 0_u16;
        for number in 0..4000 {
            if !chance.percent(5) || number < 4 {
                wire.send(time(number), media(first, number));
            }
            let payload: [u8; 4] = match kind {
                0 => [0x90, 0x80, number as u8, 1],
                1 => [0x7c, [0x85, 0x05, 0x45, 0x81, 0x01, 0x41][chance.below(6) as usize], 0, 0],
                2 => (chance.next() as u32).to_be_bytes(),
                _ => [0; 4],
            };
            numbers = numbers.wrapping_add(1);
            let other = packet(payload_type, first.wrapping_add(numbers), timestamp(number), OTHER, &payload);
            if !chance.percent(5) || number < 4 {
                wire.send(time(number) + 900, other);
            }
        }
        let found = relations(wire.clone());
        assert_eq!(found, [(MEDIA, None, None), (OTHER, None, None)], "seed {seed}");
        // Nothing brings back what only looks like it.
        let summary = wire.inspect();
        for stream in &summary.streams {
            let repair = stream.repair.unwrap();
            assert_eq!(
                (repair.lost as i64, repair.missing as i64),
                (stream.lost, stream.lost),
                "seed {seed}"
            );
        }
    }
}

/// A layer of the same video counts its packets in their payloads, from the same number on: it has its payload type.
#[test]
fn a_stream_of_the_same_payload_type_retransmits_nothing() {
    for (payload_type, rtx_of) in [(96, None), (97, Some(MEDIA))] {
        let mut wire = Wire::default();
        for number in 0..100 {
            wire.send(time(number), media(0, number));
            let counter = (number as u16).to_be_bytes();
            wire.send(
                time(number) + 99,
                packet(payload_type, number as u16, timestamp(number), OTHER, &counter),
            );
        }
        assert_eq!(relations(wire), [(MEDIA, None, None), (OTHER, rtx_of, None)]);
    }
}

/// Padding says nothing, neither in the RTX stream nor in the media stream itself.
#[test]
fn one_retransmission_among_a_hundred_packets_of_padding_is_enough() {
    let mut wire = Wire::default();
    let mut seq = 0;
    for number in 0..400 {
        match number {
            200 => wire.send(time(number) + 50_000, rtx(9, 5, number)),
            300 => wire.send(time(number), padding(96, 5 + 300, timestamp(number), MEDIA)),
            _ => wire.send(time(number), media(5, number)),
        }
        if number % 4 == 0 && number != 200 {
            seq += 1;
            wire.send(time(number) + 700, padding(97, seq + 10, timestamp(number), RTX));
        }
    }
    assert_eq!(relations(wire), [(MEDIA, None, None), (RTX, Some(MEDIA), None)]);
}

/// Most packets repeat what nobody knows of: from before the capture, or long ago.
#[test]
fn a_few_packets_that_fit_outweigh_many_that_tell_nothing() {
    let mut wire = Wire::default();
    for number in 0..2000 {
        wire.send(time(number), media(30_000, number));
        if number % 5 == 0 {
            let known = number % 40 == 0 && number > 100;
            let repeated = if known { number - 30 } else { number + 20_000 };
            wire.send(time(number) + 500, rtx((number / 5) as u16, 30_000, repeated));
        }
    }
    assert_eq!(relations(wire), [(MEDIA, None, None), (RTX, Some(MEDIA), None)]);
}
