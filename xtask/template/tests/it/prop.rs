//! Any order of packets against a model that is too simple to be wrong.

use interceptor_new_thing::Milestone;
use interceptor_test::rtp;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{counted, milestones, receiver};

proptest! {
    #[test]
    fn milestones_are_those_of_a_list_of_all_packets(
        every in 1..20_u32,
        packets in vec((1..4_u32, any::<u16>()), 0..200),
    ) {
        let (mut chain, now) = receiver(every, &[1, 2, 3]).unwrap();
        let mut seen: Vec<u32> = Vec::new();
        let mut expected = Vec::new();
        for (ssrc, seq) in packets {
            chain.read_rtp(rtp(ssrc).seq(seq).build(), now);
            seen.push(ssrc);
            let of_stream = seen.iter().filter(|other| **other == ssrc).count() as u64;
            if of_stream.is_multiple_of(u64::from(every)) {
                expected.push(Milestone { ssrc, packets: of_stream });
            }
        }
        prop_assert_eq!(milestones(&mut chain), expected);
        prop_assert_eq!(counted(&chain), Some(seen.len() as u64));
    }
}
