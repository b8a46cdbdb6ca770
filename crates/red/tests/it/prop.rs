//! Random streams, and bytes that are none.

use interceptor_core::packet::Recovery;
use interceptor_red::{Copies, Mode, RedSenderOptions, Redundancy};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{OPUS, RED, Rig, SSRC, STEP, opus, opus_packet, sound};

proptest! {
    /// Each packet comes when it, or one that has its copy, comes; as it was sent, once, and in order.
    #[test]
    fn what_is_lost_with_all_its_copies_is_missing_and_nothing_else(
        // Often about to begin anew.
        first in prop_oneof![any::<u16>(), 65_386..=u16::MAX],
        copies in vec(1..=8_u8, 1..=3),
        lost in vec(any::<bool>(), 1..150),
    ) {
        let copies_at = Copies::at(copies.clone()).unwrap();
        let options = RedSenderOptions::default().with_redundancy(Redundancy::Fixed(copies_at));
        let mut rig = Rig::new(Mode::Decode, options);
        rig.bind(opus(SSRC));
        let came = |n: usize| n == 0 || !lost[n - 1];
        // The clock goes on where numbers begin anew.
        let spoken = |n: usize| {
            let seq = first.wrapping_add(n as u16);
            opus_packet(seq).ts((u32::from(first) + n as u32) * STEP).payload(sound(seq)).build()
        };
        let mut got = vec![];
        for n in 0..=lost.len() {
            let sent = rig.write(spoken(n));
            if came(n) {
                got.extend(rig.read(sent));
            }
        }
        let copied = |n: usize| {
            copies.iter().map(|before| n + usize::from(*before)).any(|by| by <= lost.len() && came(by))
        };
        let expected = (0..=lost.len()).filter(|n| came(*n) || copied(*n));
        let mut expected: Vec<_> = expected.map(spoken).collect();
        let by_number = |packet: &interceptor_core::packet::RtpPacket| packet.sequence_number().wrapping_sub(first);
        got.sort_by_key(by_number);
        expected.sort_by_key(by_number);
        prop_assert_eq!(got.iter().filter(|it| it.info().recovered_by == Some(Recovery::Fec)).count() as u64, rig.received().recovered);
        prop_assert_eq!(got, expected);
    }

    /// Whatever comes has gone on or is counted, and no number is given out twice by us.
    #[test]
    fn the_books_close_on_any_bytes(
        packets in vec((0..40_u16, 0..20_u32, prop_oneof![Just(RED), Just(OPUS)], vec(any::<u8>(), 0..60)), 0..60),
    ) {
        let mut rig = Rig::both();
        let (mut came, mut went) = (0, 0);
        for (seq, ts, pt, mut payload) in packets {
            // Mostly of types that are known.
            if let Some(first) = payload.first_mut().filter(|first| **first & 1 == 0) {
                *first = *first & 0x80 | OPUS;
            }
            came += 1;
            went += rig.read(opus_packet(seq).ts(ts * 480).pt(pt).payload(payload).build()).len() as u64;
        }
        let counted = rig.received();
        let ended = counted.malformed + counted.foreign_primaries + counted.late_originals;
        prop_assert_eq!(came + counted.recovered, went + ended);
        prop_assert!(counted.blocks >= counted.recovered + counted.unneeded + counted.unplaced + counted.foreign_blocks);
    }
}
