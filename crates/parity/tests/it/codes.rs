//! Rows and columns against a model, and dense codes against what no code can better.

use std::collections::BTreeSet;
use std::time::Duration;

use interceptor_packet::RtpPacket;
use interceptor_packet::fec::{Mask, Pattern, Span};
use interceptor_parity::{DecoderLimits, Scope};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::kit::{decoder, give, masked, media, recovered, repair_of, stamped};

/// What a decoder may get out of equations: each a set of places, of which those that came are known.
struct Model {
    equations: Vec<BTreeSet<usize>>,
    missing: BTreeSet<usize>,
}

impl Model {
    /// One missing in an equation, again and again.
    fn peeled(&self) -> BTreeSet<usize> {
        let mut missing = self.missing.clone();
        loop {
            let alone = |equation: &BTreeSet<usize>| {
                let mut lacks = equation.intersection(&missing);
                lacks.next().filter(|_| lacks.next().is_none()).copied()
            };
            let Some(found) = self.equations.iter().find_map(alone) else { break };
            missing.remove(&found);
        }
        self.missing.difference(&missing).copied().collect()
    }

    /// All that the equations determine together: what is alone in a row of the reduced form.
    fn determined(&self) -> BTreeSet<usize> {
        let lacks = |equation: &BTreeSet<usize>| equation.intersection(&self.missing).copied().collect();
        let mut rows: Vec<BTreeSet<usize>> = self.equations.iter().map(lacks).collect();
        for pivot in 0..rows.len() {
            let row = rows[pivot].clone();
            let Some(lead) = row.first() else { continue };
            for other in (0..rows.len()).filter(|other| *other != pivot) {
                if rows[other].contains(lead) {
                    rows[other] = rows[other].symmetric_difference(&row).copied().collect();
                }
            }
        }
        rows.iter().filter(|row| row.len() == 1).flatten().copied().collect()
    }
}

enum Event {
    Media(usize),
    Repair(usize),
}

#[test]
#[expect(clippy::too_many_lines, reason = "one pattern, from its making to what the model says")]
fn grids_with_any_losses_in_any_order_give_what_a_model_gives() {
    let (mut recoveries, mut stuck) = (0, 0);
    for pattern in 0..4000 {
        let mut rng = ChaCha8Rng::seed_from_u64(pattern);
        let (columns, rows) = (rng.random_range(3..=6_u8), rng.random_range(3..=6_u8));
        let loss = [0.1, 0.2, 0.35][pattern as usize % 3];
        let base: u16 = if pattern % 4 == 0 { 65_530 } else { rng.random() };
        let (l, d) = (usize::from(columns), usize::from(rows));
        let packets: Vec<RtpPacket> =
            (0..l * d).map(|at| media(base.wrapping_add(at as u16), &mut rng)).collect();
        let row = |row: u8| Span {
            base: base.wrapping_add(u16::from(row) * u16::from(columns)),
            pattern: Pattern::Row { columns, grid: true },
        };
        let column = |column: u8| Span {
            base: base.wrapping_add(column.into()),
            pattern: Pattern::Column { columns, rows },
        };
        let spans: Vec<Span> = (0..rows).map(row).chain((0..columns).map(column)).collect();
        let places = |span: &Span| -> BTreeSet<usize> {
            span.numbers().map(|seq| usize::from(seq.wrapping_sub(base))).collect()
        };
        let came: Vec<bool> = (0..l * d).map(|_| !rng.random_bool(loss)).collect();
        let repairs: Vec<usize> = (0..spans.len()).filter(|_| !rng.random_bool(loss)).collect();
        let mut events: Vec<Event> = (0..l * d).filter(|at| came[*at]).map(Event::Media).collect();
        let media_first = pattern % 2 == 0;
        if media_first {
            events.shuffle(&mut rng);
        }
        events.extend(repairs.iter().copied().map(Event::Repair));
        if !media_first {
            events.shuffle(&mut rng);
        }

        let mut decoder = decoder(DecoderLimits::default());
        let mut back = BTreeSet::new();
        for event in events {
            match event {
                Event::Media(at) => {
                    decoder.media(&stamped(&packets[at]), Duration::ZERO);
                }
                Event::Repair(at) => {
                    let protected = places(&spans[at]);
                    let repair = repair_of(protected.iter().map(|place| &packets[*place]), Scope::Packet);
                    give(&mut decoder, repair, spans[at]);
                }
            }
            for packet in recovered(&mut decoder) {
                let at = usize::from(packet.sequence_number().wrapping_sub(base));
                assert_eq!(packet, packets[at]);
                // What came back and then came all the same was only late.
                assert!(back.insert(at), "{at} twice in {pattern}");
            }
        }
        back.retain(|at| !came[*at]);
        let model = Model {
            equations: repairs.iter().map(|at| places(&spans[*at])).collect(),
            missing: (0..l * d).filter(|at| !came[*at]).collect(),
        };
        let (peeled, determined) = (model.peeled(), model.determined());
        assert!(peeled.is_subset(&back) && back.is_subset(&determined), "{pattern}");
        if media_first {
            assert_eq!(back, determined, "{pattern}");
        }
        recoveries += back.len();
        stuck += usize::from(back.len() < model.missing.len());
    }
    assert!(recoveries > 5000 && stuck > 500, "{recoveries} {stuck}");
}

/// A rectangle of losses: rows and columns all lack two, and no sum of them lacks one.
#[test]
fn a_rectangle_of_losses_ends_with_nothing() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let packets: Vec<RtpPacket> = (0..16).map(|seq| media(seq, &mut rng)).collect();
    let mut decoder = decoder(DecoderLimits::default());
    for packet in packets.iter().filter(|packet| ![5, 6, 9, 10].contains(&packet.sequence_number())) {
        decoder.media(&stamped(packet), Duration::ZERO);
    }
    for at in 0..4_u8 {
        for span in [
            Span { base: u16::from(at) * 4, pattern: Pattern::Row { columns: 4, grid: true } },
            Span { base: at.into(), pattern: Pattern::Column { columns: 4, rows: 4 } },
        ] {
            give(
                &mut decoder,
                repair_of(span.numbers().map(|seq| &packets[usize::from(seq)]), Scope::Packet),
                span,
            );
        }
    }
    assert_eq!((recovered(&mut decoder).len(), decoder.waiting().0), (0, 4));
    // One of them, and all is there.
    decoder.media(&stamped(&packets[9]), Duration::ZERO);
    assert_eq!(recovered(&mut decoder).len(), 3);
}

/// Each repair protects a random half of the block. No code brings back more lost packets of a block than repairs came.
#[test]
fn dense_codes_are_within_three_percent_of_the_bound() {
    for (count, repairs, loss, blocks) in [(15, 7, 0.05, 600), (30, 8, 0.05, 300), (40, 14, 0.1, 200)] {
        let mut rng = ChaCha8Rng::seed_from_u64(count.into());
        let (mut bound, mut back) = (0, 0);
        let mut decoder = decoder(DecoderLimits::default());
        for block in 0..blocks {
            let base = (block * u32::from(count)) as u16;
            let packets: Vec<RtpPacket> =
                (0..count).map(|at| media(base.wrapping_add(at.into()), &mut rng)).collect();
            let mut lost = 0;
            for packet in &packets {
                if rng.random_bool(loss) {
                    lost += 1;
                } else {
                    decoder.media(&stamped(packet), Duration::ZERO);
                }
            }
            let mut came = 0;
            for _ in 0..repairs {
                let mask = Mask::from_iter((0..count).filter(|_| rng.random_bool(0.5)));
                if rng.random_bool(loss) {
                    continue;
                }
                came += 1;
                let protected = mask.offsets().map(|at| &packets[usize::from(at)]);
                let offsets: Vec<u8> = mask.offsets().collect();
                give(&mut decoder, repair_of(protected, Scope::Packet), masked(base, &offsets));
            }
            for packet in recovered(&mut decoder) {
                assert_eq!(packet, packets[usize::from(packet.sequence_number().wrapping_sub(base))]);
                back += 1;
            }
            bound += if lost <= came { lost } else { 0 };
        }
        assert!(back * 100 >= bound * 97, "{count}+{repairs}: {back} of {bound}");
    }
}
