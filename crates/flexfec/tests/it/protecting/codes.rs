//! Every code brings back what it can: against a receiver that solves all equations, and against what is known of each.

use interceptor_core::FecScheme;
use interceptor_core::packet::RtpPacket;
use interceptor_flexfec::Code;
use interceptor_test::{rtp, stream_info};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::kit::{MEDIA, Sender, coded, media, video};
use crate::model::recover;

const CODES: [Code; 8] = [
    Code::Rows { l: 1 },
    Code::Rows { l: 10 },
    Code::Columns { l: 5, d: 4 },
    Code::TwoD { l: 4, d: 5 },
    Code::Interleaved { n: 48, f: 5 },
    Code::Interleaved { n: 109, f: 48 },
    Code::Dense { n: 40, f: 14 },
    Code::Dense { n: 100, f: 20 },
];

/// A packet with something of everything: CSRCs, extensions, padding, lengths that differ.
fn varied(seq: u16, rng: &mut impl Rng) -> RtpPacket {
    let mut packet =
        rtp(MEDIA).seq(seq).ts(rng.random()).marker(rng.random_bool(0.2)).pt(rng.random_range(96..100));
    for _ in 0..rng.random_range(0..3) {
        packet = packet.csrc(rng.random());
    }
    if rng.random_bool(0.5) {
        packet = packet.ext(9, &[rng.random(); 3]);
    }
    packet.payload_len(rng.random_range(0..300)).padding(if rng.random_bool(0.2) { 7 } else { 0 }).build()
}

/// Packets of two blocks, and the repair packets of both.
fn sent(code: Code, scheme: FecScheme, seed: u64) -> (Vec<RtpPacket>, Vec<RtpPacket>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sender = Sender::of(coded(code).with_max_overhead_percent(100), video(scheme));
    let first: u16 = rng.random();
    for index in 0..2 * code.packets() as u16 {
        sender.give(varied(first.wrapping_add(index), &mut rng));
    }
    (sender.media(), sender.repairs())
}

#[test]
fn any_single_loss_comes_back_byte_for_byte() {
    for (seed, code) in (0..).zip(CODES) {
        for scheme in [FecScheme::FlexFec03, FecScheme::FlexFec] {
            let (media, repairs) = sent(code, scheme, seed);
            for lost in 0..media.len() {
                let mut left = media.clone();
                let lost = left.remove(lost);
                let back = recover(&left, &repairs, &[]);
                assert_eq!(back.get(&lost.sequence_number()), Some(&lost), "{code}");
            }
        }
    }
}

#[test]
fn whatever_comes_back_of_random_losses_is_right() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for (seed, code) in (0..40).flat_map(|round| CODES.map(|code| (round, code))) {
        let (media, repairs) = sent(code, FecScheme::FlexFec03, seed);
        let arrives = |packets: &[RtpPacket], rng: &mut ChaCha8Rng| -> Vec<RtpPacket> {
            packets.iter().filter(|_| rng.random_bool(0.9)).cloned().collect()
        };
        let (arrived, repairs) = (arrives(&media, &mut rng), arrives(&repairs, &mut rng));
        for (number, packet) in recover(&arrived, &repairs, &[]) {
            let right = media.iter().find(|packet| packet.sequence_number() == number);
            assert_eq!(Some(&packet), right, "{code}");
        }
    }
}

/// Packets of a block that come back when these places are lost, and all repair packets arrive.
fn back(code: Code, lost: &[usize]) -> usize {
    let mut sender = Sender::new(coded(code).with_max_overhead_percent(100));
    sender.give_all(0..code.packets() as u16);
    let (media, repairs) = (sender.media(), sender.repairs());
    let kept: Vec<_> = media
        .into_iter()
        .enumerate()
        .filter(|(place, _)| !lost.contains(place))
        .map(|(_, packet)| packet)
        .collect();
    recover(&kept, &repairs, &[]).len()
}

#[test]
fn columns_bring_back_a_burst_as_long_as_there_are_columns() {
    for start in 0..15 {
        let burst: Vec<usize> = (start..start + 5).collect();
        assert_eq!(back(Code::Columns { l: 5, d: 4 }, &burst), 5);
        assert_eq!(back(Code::Interleaved { n: 20, f: 5 }, &burst), 5);
    }
    assert_eq!(back(Code::Columns { l: 5, d: 4 }, &[3, 8]), 0, "two of one column");
}

#[test]
fn rows_bring_back_one_packet_and_not_two() {
    assert_eq!((back(Code::Rows { l: 10 }, &[3]), back(Code::Rows { l: 10 }, &[3, 4])), (1, 0));
}

#[test]
fn two_dimensions_bring_back_all_but_rectangles() {
    let code = Code::TwoD { l: 4, d: 4 };
    assert_eq!(back(code, &[0, 1, 2, 3]), 4, "a row");
    assert_eq!(back(code, &[0, 4, 8, 12]), 4, "a column");
    assert_eq!(back(code, &[0, 1, 4]), 3, "an angle");
    assert_eq!(back(code, &[0, 1, 4, 5]), 0, "a rectangle");
    assert_eq!(back(code, &[0, 1, 4, 5, 15]), 1, "a rectangle, and one beside");
}

/// The least that a random linear code may show: with two repair packets more than losses nearly all comes back.
#[test]
fn dense_codes_bring_back_nearly_as_many_as_there_are_repairs() {
    let code = Code::Dense { n: 40, f: 14 };
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (mut lost_all, mut back_all, mut interleaved) = (0, 0, 0);
    for _ in 0..200 {
        let mut places: Vec<usize> = (0..40).collect();
        let lost: Vec<usize> =
            (0..12).map(|_| places.swap_remove(rng.random_range(0..places.len()))).collect();
        lost_all += lost.len();
        back_all += back(code, &lost);
        interleaved += back(Code::Interleaved { n: 40, f: 14 }, &lost);
    }
    assert!(back_all * 100 > lost_all * 75, "{back_all} of {lost_all}");
    assert!(
        interleaved * 100 < lost_all * 60,
        "{interleaved} of {lost_all} with an interleaved code of the same size"
    );
}

#[test]
fn a_stream_without_flexfec_is_left_alone() {
    let mut sender = Sender::with(coded(Code::Rows { l: 2 }), Default::default(), |registry| registry);
    sender.bind(stream_info::video(MEDIA));
    (0..4).for_each(|seq| sender.give(media(seq)));
    assert_eq!((sender.repairs().len(), sender.media().len(), sender.handle.protected().len()), (0, 4, 0));
}
