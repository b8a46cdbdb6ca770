//! A peer that sends nothing but nonsense, a million times, in each format.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{FecInfo, FecScheme, StreamInfo};
use interceptor_flexfec::RecoveryOptions;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::kit::{MEDIA, REPAIR};

use crate::recovering::rig::Receiver;

/// A header that nearly is one, so that most get past the first look.
fn nonsense(scheme: FecScheme, near: u16, rng: &mut ChaCha8Rng, payload: &mut [u8]) {
    rng.fill(payload);
    if rng.random_bool(0.05) {
        return;
    }
    let base = near.wrapping_add(rng.random_range(0..12)).to_be_bytes();
    let mask = (0x8000_u16 | rng.random::<u16>() & rng.random::<u16>()).to_be_bytes();
    let length = rng.random_range(0..40_u16).to_be_bytes();
    payload[0] &= if scheme == FecScheme::FlexFec { 0x40 } else { 0 };
    payload[2..4].copy_from_slice(&length);
    match scheme {
        FecScheme::FlexFec03 => {
            payload[8..12].copy_from_slice(&[1, 0, 0, 0]);
            payload[12..16].copy_from_slice(&MEDIA.to_be_bytes());
            payload[16..18].copy_from_slice(&base);
            payload[18..20].copy_from_slice(&mask);
        }
        FecScheme::FlexFec => {
            payload[8..10].copy_from_slice(&base);
            payload[10..12].copy_from_slice(&mask);
        }
        _ => {
            payload[..2].copy_from_slice(&base);
            payload[5..8].fill(0);
            payload[12] &= 0x40;
            payload[13] = if payload[12] == 0 { payload[13] % 8 } else { 1 };
            payload[14] %= 8;
        }
    }
}

/// A third of a million each.
#[test]
fn nonsense_of_draft_03_is_counted_and_kept_in_bounds() {
    feed(FecScheme::FlexFec03);
}

#[test]
fn nonsense_of_rfc_8627_is_counted_and_kept_in_bounds() {
    feed(FecScheme::FlexFec);
}

#[test]
fn nonsense_of_st_2022_1_is_counted_and_kept_in_bounds() {
    feed(FecScheme::St2022_1);
}

fn feed(scheme: FecScheme) {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let fec = FecInfo::new(scheme, 49).with_ssrc(REPAIR);
    let info = StreamInfo::new(MEDIA, 96, 90_000).with_fec(fec);
    let mut receiver = Receiver::of(RecoveryOptions::default(), info);
    let mut next: u16 = 65_000;
    let (mut given, mut written, mut payload) = (0, 0, [0; 48]);
    for round in 0..340_000_u32 {
        if rng.random_bool(0.2) {
            next = next.wrapping_add(1 + u16::from(rng.random_bool(0.3)));
            let media = RtpPacket::builder().ssrc(MEDIA).payload_type(96).sequence_number(next);
            receiver.read(&media.payload(vec![7; rng.random_range(0..30)]).build().unwrap());
            written += 1;
        }
        let len = rng.random_range(20..=payload.len());
        nonsense(scheme, next, &mut rng, &mut payload[..len]);
        let repair = RtpPacket::builder().ssrc(REPAIR).payload_type(49).csrc(MEDIA);
        receiver.read(&repair.payload(payload[..len].to_vec()).build().unwrap());
        given += 1;
        if round % 1000 == 0 {
            // What was counted of repair packets is all of them, but for those that wait.
            let counters = receiver.counters();
            let settled = counters.used + counters.discarded() + counters.repeats;
            assert_eq!(counters.repairs, given);
            assert!((given.saturating_sub(64)..=given).contains(&settled), "{counters:?}");
            let went_up = receiver.got.len() as u64;
            assert_eq!(went_up + counters.duplicates, written + counters.recovered, "{scheme:?}");
        }
    }
    let counters = receiver.counters();
    assert!(
        counters.inconsistent > 1000 && counters.expired + counters.useless > 1000,
        "{scheme:?} {counters:?}"
    );
}
