//! Random losses against a model that is too simple to be wrong, and bytes that are nothing.

use std::collections::BTreeSet;

use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::fec::UlpFec;
use interceptor_ulpfec::UlpfecOptions;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{FEC, RED, Rig, media, sending, template};

/// Numbers that are there in the end: each repair gives its last missing one, over and over.
fn peeled(came: &[RtpPacket]) -> BTreeSet<u16> {
    let is_repair = |packet: &&RtpPacket| packet.payload()[0] == FEC;
    let mut there: BTreeSet<u16> =
        came.iter().filter(|packet| !is_repair(packet)).map(RtpPacket::sequence_number).collect();
    loop {
        let before = there.len();
        for repair in came.iter().filter(is_repair) {
            let protected = UlpFec::read(&repair.payload()[1..]).unwrap().protected();
            let missing: Vec<u16> = protected.numbers().filter(|seq| !there.contains(seq)).collect();
            there.extend(missing.first().filter(|_| missing.len() == 1));
        }
        if there.len() == before {
            return there;
        }
    }
}

proptest! {
    #[test]
    fn what_can_be_recovered_is(
        first: u16,
        packets in 1..=12_u8,
        repairs in 1..=4_u8,
        lost in vec(prop::bool::weighted(0.15), 100),
    ) {
        let (mut sender, mut receiver) = (Rig::new(sending(packets, repairs.min(packets))), Rig::new(UlpfecOptions::default()));
        let wire: Vec<RtpPacket> = (0..60).flat_map(|n| sender.write(media(first.wrapping_add(n)))).collect();
        // The first is where the receiver begins: nothing before it is missing.
        let came: Vec<RtpPacket> = wire.iter().enumerate()
            .filter(|(n, _)| *n == 0 || !lost.get(*n).copied().unwrap_or(false))
            .map(|(_, packet)| packet.clone())
            .collect();
        let mut got = BTreeSet::new();
        for packet in &came {
            for out in receiver.read(packet.clone()) {
                let sent = wire.iter().find(|it| it.sequence_number() == out.sequence_number()).unwrap();
                prop_assert_eq!(out.payload(), &sent.payload()[1..]);
                prop_assert!(got.insert(out.sequence_number()), "twice");
            }
        }
        let tally = receiver.tally();
        prop_assert_eq!((tally.inconsistent, tally.partial), (0, 0));
        prop_assert!(got.is_superset(&peeled(&came)));
    }

    #[test]
    fn the_books_close_on_any_bytes(packets in vec((0..40_u16, vec(any::<u8>(), 0..60), any::<bool>()), 0..80)) {
        let mut rig = Rig::new(UlpfecOptions::default());
        let (mut came, mut went) = (0, 0);
        for (seq, mut payload, repair) in packets {
            if let Some(first) = payload.first_mut() {
                *first = if repair { FEC } else { *first & 0xf7 | 0x60 };
            }
            came += 1;
            went += rig.read(template(seq).pt(RED).payload(payload).build()).len() as u64;
        }
        let (counted, tally) = (rig.received(), rig.tally());
        let ended = counted.malformed + counted.foreign + tally.duplicates + rig.ended().swallowed;
        prop_assert_eq!(came + counted.recovered, went + ended);
    }
}
