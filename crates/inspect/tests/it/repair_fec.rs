//! What can be recovered from repair packets, against a model that looks at all of them together.

use std::collections::BTreeSet;

use interceptor_inspect::{FecFormat, Repair, Summary};

use crate::call::{Chance, MEDIA, MEDIA_TYPE, RTX, Wire, media, packet, rtx, time, timestamp};
use crate::capture::{bytes, run};

pub(crate) const FEC: u32 = 0x0f0f_0f0f;
pub(crate) const FEC_TYPE: u8 = 49;
pub(crate) const FIRST: u16 = 65_000;

fn seq(number: u64) -> [u8; 2] {
    FIRST.wrapping_add(number as u16).to_be_bytes()
}

/// RFC 8627: `columns` packets in a row, or `rows` packets, a row apart, of a column.
pub(crate) fn rectangle(fec_seq: u16, base: u64, columns: u8, rows: u8) -> Vec<u8> {
    let header =
        [&MEDIA.to_be_bytes()[..], &[0x40, 0, 0, 9, 0, 0, 0, 9], &seq(base), &[columns, rows], &[7; 9]];
    let mut packet = packet(FEC_TYPE, fec_seq, timestamp(base), FEC, &header.concat());
    packet[0] |= 1;
    packet
}

/// Draft 03, of packets that are less than 46 apart.
pub(crate) fn masked(fec_seq: u16, protected: &[u64]) -> Vec<u8> {
    let base = protected[0];
    let mask = protected.iter().fold(0_u64, |mask, number| mask | 1 << (63 - (number - base)));
    let parts =
        [(mask >> 49) as u16, ((mask >> 18) as u32 >> 16) as u16 & 0x7fff | 0x8000, (mask >> 18) as u16];
    let mut payload =
        [&[0, 0x80, 0, 9, 0, 0, 0, 9, 1, 0, 0, 0][..], &MEDIA.to_be_bytes(), &seq(base)].concat();
    if mask << 15 == 0 {
        payload.extend((parts[0] | 0x8000).to_be_bytes());
    } else {
        parts.iter().for_each(|part| payload.extend(part.to_be_bytes()));
    }
    payload.extend([7; 9]);
    packet(FEC_TYPE, fec_seq, timestamp(base), FEC, &payload)
}

/// What is not there and can be recovered, when all sets are considered as often as it takes.
fn recoverable(there: &BTreeSet<u64>, sets: &[Vec<u64>]) -> BTreeSet<u64> {
    let (mut all, mut recovered) = (there.clone(), BTreeSet::new());
    loop {
        let one = sets.iter().find_map(|set| {
            let mut missing = set.iter().filter(|number| !all.contains(number));
            let one = *missing.next()?;
            missing.next().is_none().then_some(one)
        });
        let Some(one) = one else { return recovered };
        all.insert(one);
        recovered.insert(one);
    }
}

fn counts(repair: Repair) -> [u64; 6] {
    let Repair { lost, by_rtx, by_fec, by_repeat, missing, repeats, .. } = repair;
    [lost, by_rtx, by_fec, by_repeat, missing, repeats]
}

/// What each repair packet of a block protects, and the packets.
type Block = (Vec<Vec<u64>>, Vec<Vec<u8>>);

/// Media packets and the repair packets behind each block, in any order within 20 ms.
fn check(seed: u64, percent: u64, blocks: &[Block], packets: u64) {
    let (mut wire, mut chance) = (Wire::default(), Chance(seed));
    let (mut there, mut sets) = (BTreeSet::new(), Vec::new());
    for number in 0..packets {
        if (8..packets - 8).contains(&number) && chance.percent(percent) {
            continue;
        }
        there.insert(number);
        wire.send(time(number), media(FIRST, number));
    }
    for (protects, repairs) in blocks {
        for (set, repair) in protects.iter().zip(repairs) {
            if !chance.percent(percent) {
                let last = set.iter().max().unwrap();
                wire.send(time(*last) + chance.below(20_000), repair.clone());
                sets.push(set.clone());
            }
        }
    }
    let recovered = recoverable(&there, &sets).len() as u64;
    let lost = packets - there.len() as u64;
    let found = wire.repair();
    assert_eq!(counts(found), [lost, 0, recovered, 0, lost - recovered, 0], "seed {seed}, {percent} %");
    assert!(lost < 20 || recovered > 0);
}

#[test]
fn rows_and_columns_recover_what_both_together_can() {
    for (seed, (columns, rows)) in [(4, 4), (5, 3), (10, 5), (6, 6)].into_iter().enumerate() {
        for percent in [5, 15, 30] {
            let size = columns * rows;
            let mut fec_seq = 0;
            let blocks: Vec<_> = (0..3000 / size - 1)
                .map(|block| {
                    let base = block * size;
                    let in_rows = (0..rows).map(|row| (base + row * columns, 1, 1, columns));
                    let in_columns = (0..columns).map(|column| (base + column, rows, columns, rows));
                    in_rows
                        .chain(in_columns)
                        .map(|(base, depth, step, count)| {
                            fec_seq += 1;
                            let set = (0..count).map(|place| base + place * step).collect();
                            (set, rectangle(fec_seq, base, columns as u8, depth as u8))
                        })
                        .unzip()
                })
                .collect();
            check(seed as u64 * 10 + percent, percent, &blocks, 3000);
        }
    }
}

#[test]
fn masks_recover_what_all_together_can() {
    for seed in 1..=3 {
        for percent in [2, 10, 30] {
            let mut chance = Chance(seed + 77);
            let mut fec_seq = 0;
            let blocks: Vec<_> = (0..150)
                .map(|block| {
                    (0..6)
                        .map(|_| {
                            fec_seq += 1;
                            let set: Vec<u64> = (0..18)
                                .filter(|_| chance.percent(30))
                                .map(|place| block * 18 + place)
                                .collect();
                            let set = if set.is_empty() { vec![block * 18] } else { set };
                            (set.clone(), masked(fec_seq, &set))
                        })
                        .unzip()
                })
                .collect();
            check(seed * 10 + percent, percent, &blocks, 2800);
        }
    }
}

/// ULPFEC in RED has numbers among those of the media.
#[test]
fn ulpfec_in_red_recovers_one_of_those_it_protects() {
    for percent in [5, 20] {
        let (mut wire, mut chance) = (Wire::default(), Chance(percent));
        let (mut there, mut sets) = (BTreeSet::new(), Vec::new());
        for number in 0..3000_u64 {
            if (8..2990).contains(&number) && chance.percent(percent) {
                continue;
            }
            there.insert(number);
            if number % 6 != 5 {
                wire.send(time(number), media(FIRST, number));
                continue;
            }
            // The five before it, or every other of them.
            let mask: u8 = if number % 12 == 5 { 0b1111_1000 } else { 0b1010_1000 };
            sets.push(
                (0..5).filter(|bit| mask << bit & 0x80 != 0).map(|bit| number - 5 + bit).collect::<Vec<_>>(),
            );
            let header =
                [&[120, 0, 0x60][..], &seq(number - 5), &[0; 6], &[0, 30, mask, 0], &[5; 30]].concat();
            wire.send(
                time(number),
                packet(MEDIA_TYPE, FIRST.wrapping_add(number as u16), timestamp(number), MEDIA, &header),
            );
        }
        let recovered = recoverable(&there, &sets).len() as u64;
        let lost = 3000 - there.len() as u64;
        assert!(recovered > 50);
        assert_eq!(counts(wire.repair()), [lost, 0, recovered, 0, lost - recovered, 0]);
    }
}

/// Whatever comes first has brought it back; what comes later is a copy too many.
#[test]
fn a_retransmission_of_what_was_recovered_is_a_copy_too_many() {
    let mut wire = Wire::default();
    for number in 0..500 {
        let block = number / 10 * 10;
        match number % 10 {
            4 if number > 10 => {
                wire.ask(time(number) + 5000, &[u16::from_be_bytes(seq(number))]);
                // Now before, now behind the repair packet, which comes 20 ms after it was lost.
                let wait = if block % 20 == 0 { 9000 } else { 60_000 };
                wire.send(time(number) + wait, rtx(number as u16, FIRST, number));
            }
            _ => wire.send(time(number), media(FIRST, number)),
        }
        if number % 10 == 9 {
            wire.send(time(number) + 3334, rectangle((number / 10) as u16, block, 10, 0));
        }
    }
    let summary = wire.clone().inspect();
    let of = |ssrc| summary.streams.iter().find(|stream| stream.ssrc == ssrc).unwrap();
    assert_eq!((of(RTX).rtx_of, of(FEC).fec_of), (Some(MEDIA), Some(MEDIA)));
    assert_eq!((of(RTX).repair, of(FEC).repair), (None, None));
    assert_eq!((of(MEDIA).fec, of(FEC).fec), (None, Some(FecFormat::FlexFec)));
    assert_eq!(counts(wire.repair()), [49, 24, 25, 0, 0, 25]);
}

/// Its last packets are lost, and the repair packet names them: they were sent.
#[test]
fn what_was_lost_at_the_end_counts_if_it_came_back() {
    let mut wire = Wire::default();
    (0..100).for_each(|number| wire.send(time(number), media(FIRST, number)));
    wire.send(time(101), rectangle(1, 95, 5, 0));
    assert_eq!(counts(wire.clone().repair()), [0; 6]);
    wire.send(time(103), rectangle(2, 92, 9, 0));
    let found = wire.clone().repair();
    assert_eq!(counts(found), [1, 0, 1, 0, 0, 0]);
    assert_eq!(found.recovery_ms.unwrap().p95, 0.0);
    // It comes after all.
    wire.send(time(104), media(FIRST, 100));
    assert_eq!(counts(wire.clone().repair()), [0; 6]);
    wire.send(time(105), media(FIRST, 101));
    assert_eq!(counts(wire.repair()), [0; 6]);
}

/// Four packets in sequence make a stream; what came before them and repairs it has waited, and repairs it all the same.
#[test]
fn what_waits_until_it_is_known_to_be_rtp_repairs() {
    let mut wire = Wire::default();
    wire.send(time(0), media(FIRST, 0));
    wire.send(time(2), media(FIRST, 2));
    wire.send(time(3), masked(1, &[0, 1, 2]));
    wire.send(time(4), media(FIRST, 4));
    wire.send(time(4) + 1000, rtx(1, FIRST, 3));
    assert!(wire.clone().inspect().streams.is_empty());
    (5..100).for_each(|number| wire.send(time(number), media(FIRST, number)));
    assert_eq!(counts(wire.repair()), [2, 1, 1, 0, 0, 0]);
}

#[test]
fn how_repair_packets_are_written_is_named() {
    let named =
        |summary: &Summary| summary.streams.iter().filter_map(|stream| stream.fec).collect::<Vec<_>>();
    let mut wire = Wire::default();
    (0..100).for_each(|number| wire.send(time(number), media(FIRST, number)));
    assert_eq!(named(&wire.clone().inspect()), []);
    for block in 0..5 {
        wire.send(time(block * 20 + 19), rectangle(block as u16, block * 20, 20, 0));
    }
    assert_eq!(named(&wire.inspect()), [FecFormat::FlexFec]);
    let browser = named(&run(&bytes("chromium_vp8_flexfec_loss")));
    assert!(
        !browser.is_empty() && browser.iter().all(|format| *format == FecFormat::FlexFec03),
        "{browser:?}"
    );
    let mut wire = Wire::default();
    for number in 0..60 {
        if number % 6 == 5 {
            let header =
                [&[120, 0, 0x60][..], &seq(number - 5), &[0; 6], &[0, 30, 0xf8, 0], &[5; 30]].concat();
            let of_it = FIRST.wrapping_add(number as u16);
            wire.send(time(number), packet(MEDIA_TYPE, of_it, timestamp(number), MEDIA, &header));
        } else {
            wire.send(time(number), media(FIRST, number));
        }
    }
    assert_eq!(named(&wire.inspect()), [FecFormat::UlpFec], "in the stream itself");
}
