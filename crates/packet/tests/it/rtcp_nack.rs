//! Packing sequence numbers into NACK pairs.

use std::collections::BTreeSet;

use interceptor_packet::{NackPair, Rtcp, RtcpPacket, nack_pairs};
use proptest::prelude::*;

use crate::hex::hex;

type Pairs<'a> = &'a [(u16, u16)];

fn packed(sequence_numbers: &[u16]) -> Vec<(u16, u16)> {
    nack_pairs(sequence_numbers.iter().copied()).map(|pair| (pair.packet_id, pair.lost_packets)).collect()
}

#[test]
fn packs_the_known_lists() {
    let up_to = |last: u16| (1..=last).collect::<Vec<_>>();
    let cases: [(&[u16], Pairs<'_>); 13] = [
        (&[1], &[(1, 0)]),
        (&[1, 2], &[(1, 1)]),
        (&[100, 101, 116], &[(0x64, 0x8001)]),
        (&[100, 117], &[(0x64, 0), (0x75, 0)]),
        (&[100, 116, 117], &[(0x64, 0x8000), (0x75, 0)]),
        (&[65_535, 0], &[(0xffff, 1)]),
        (&[65_534, 65_535, 0, 14], &[(0xfffe, 0x8003)]),
        (&[0, 1, 3, 8, 16], &[(0, 0x8085)]),
        (&[10, 26, 27, 43], &[(0x0a, 0x8000), (0x1b, 0x8000)]),
        (&up_to(17), &[(1, 0xffff)]),
        (&up_to(18), &[(1, 0xffff), (0x12, 0)]),
        (&[65_533, 65_535, 13, 14], &[(0xfffd, 0x8002), (0x0e, 0)]),
        (
            &[0xffdc, 0xffec, 0xfffe, 0xffff, 0, 1, 3, 0x14, 0x64],
            &[(0xffdc, 0x8000), (0xfffe, 0x0017), (0x14, 0), (0x64, 0)],
        ),
    ];
    for (list, pairs) in cases {
        assert_eq!(packed(list), pairs, "{list:?}");
        let packet = RtcpPacket::builder().nack(1, 2, list).build().unwrap();
        assert_eq!(packet.len(), 12 + 4 * pairs.len());
        let Some(Rtcp::Nack(nack)) = packet.packets().next() else { panic!("{packet:?}") };
        assert!(nack.sequence_numbers().eq(list.iter().copied()), "{list:?}");
        assert!(nack.pairs().map(|pair| (pair.packet_id, pair.lost_packets)).eq(pairs.iter().copied()));
    }
}

#[test]
fn an_empty_list_has_no_pairs() {
    assert_eq!(packed(&[]), []);
}

#[test]
fn repeated_and_disordered_numbers_are_kept_in_as_many_pairs_as_it_takes() {
    assert_eq!(packed(&[5, 5, 6, 6, 5]), [(5, 1)]);
    assert_eq!(packed(&[5, 4, 6]), [(5, 0), (4, 2)]);
}

#[test]
fn pairs_can_be_split_at_the_mtu() {
    let lost: Vec<u16> = (0..100).map(|index| index * 20).collect();
    let pairs: Vec<NackPair> = nack_pairs(lost.iter().copied()).collect();
    let mut seen = Vec::new();
    for chunk in pairs.chunks(30) {
        let packet = RtcpPacket::builder().nack_from(1, 2, chunk.iter().copied()).build().unwrap();
        assert!(packet.len() <= 132);
        let Some(Rtcp::Nack(nack)) = packet.packets().next() else { panic!("{packet:?}") };
        seen.extend(nack.sequence_numbers());
    }
    assert_eq!(seen, lost);
}

#[test]
fn a_packet_takes_more_pairs_than_rtcp_017_allows() {
    let lost: Vec<u16> = (0..300).map(|index| index * 17).collect();
    let packet = RtcpPacket::builder().nack(1, 2, &lost).build().unwrap();
    assert_eq!(packet.len(), 12 + 4 * 300);
}

#[test]
fn refuses_an_empty_or_broken_list_of_pairs() {
    for text in ["81cd0002 01020304 0a0b0c0d", "81cd0001 00000000", "a1cd0003 01020304 0a0b0c0d 00010002"] {
        let packet = RtcpPacket::parse(hex(text)).unwrap();
        assert_eq!((packet.packets().count(), packet.malformed()), (0, 1), "{text}");
    }
}

proptest! {
    /// Against sets: no number is lost or made up, the order is kept, and no pairing in wrap order is shorter.
    #[test]
    fn packing_is_exact_and_minimal(start: u16, gaps in prop::collection::vec(1_u16..40, 0..60)) {
        let mut list = vec![start];
        for gap in gaps {
            list.push(list[list.len() - 1].wrapping_add(gap));
        }
        let pairs: Vec<NackPair> = nack_pairs(list.iter().copied()).collect();
        let unpacked: Vec<u16> = pairs.iter().flat_map(|pair| pair.sequence_numbers()).collect();
        prop_assert_eq!(&unpacked, &list);
        // A window of 17 that starts at an uncovered number cannot be avoided: count those.
        let mut windows = 0;
        let mut covered_to = None;
        for seq in &list {
            let offset = seq.wrapping_sub(start);
            if covered_to.is_none_or(|end| offset > end) {
                windows += 1;
                covered_to = Some(offset + 16);
            }
        }
        prop_assert_eq!(pairs.len(), windows);
    }

    #[test]
    fn arbitrary_order_loses_nothing(list in prop::collection::vec(any::<u16>(), 0..80)) {
        let unpacked: BTreeSet<u16> =
            nack_pairs(list.iter().copied()).flat_map(NackPair::sequence_numbers).collect();
        prop_assert_eq!(unpacked, list.into_iter().collect::<BTreeSet<_>>());
    }
}
