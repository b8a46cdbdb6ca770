//! Whatever is written when: media passes unchanged, and each repair packet is the sum of just those packets that it names.

use interceptor_core::FecScheme;
use interceptor_core::packet::RtpPacket;
use interceptor_flexfec::Code;
use proptest::prelude::*;

use crate::kit::{MS, Sender, coded, media, span, video};
use crate::model::recover;

#[derive(Clone, Debug)]
enum Step {
    /// So many packets on, or back.
    Move(i16),
    Next(u8),
    Pass(u32),
}

fn code() -> impl Strategy<Value = Code> {
    prop_oneof![
        (1_u8..=109).prop_map(|l| Code::Rows { l }),
        (1_u8..=10, 1_u8..=10).prop_map(|(l, d)| Code::Columns { l, d }),
        (2_u8..=10, 2_u8..=10).prop_map(|(l, d)| Code::TwoD { l, d }),
        (1_u8..=109, 1_u8..=48).prop_map(|(n, f)| Code::Interleaved { n, f: f.min(n) }),
        (1_u8..=109, 1_u8..=48).prop_map(|(n, f)| Code::Dense { n, f: f.min(n) }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1_u8..40).prop_map(Step::Next),
        2 => (-8_i16..8).prop_map(Step::Move),
        1 => (-300_i16..300).prop_map(Step::Move),
        1 => (1_u32..300).prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #[test]
    fn each_repair_packet_is_the_sum_of_those_that_it_names(
        code in code(), percent in 1_u8..=100, first: u16, long: bool, per_frame: bool, steps in steps(),
    ) {
        let scheme = if long { FecScheme::FlexFec } else { FecScheme::FlexFec03 };
        let options = coded(code).with_max_overhead_percent(percent).with_per_frame(per_frame);
        let mut sender = Sender::of(options, video(scheme));
        let (mut seq, mut written) = (first, 0);
        for step in steps {
            match step {
                Step::Move(by) => seq = seq.wrapping_add_signed(by),
                Step::Next(packets) => for _ in 0..packets {
                    sender.give(media(seq));
                    (seq, written) = (seq.wrapping_add(1), written + 1);
                },
                Step::Pass(millis) => sender.pass(MS * millis),
            }
        }
        sender.unbind();
        let (out, repairs, counters) = (sender.media(), sender.repairs(), sender.counters());
        prop_assert_eq!(out.len(), written);
        prop_assert!(out.iter().all(|packet| *packet == media(packet.sequence_number())));
        prop_assert_eq!(counters.protected + counters.duplicates + counters.unprotected, written as u64);
        prop_assert_eq!(counters.repairs, repairs.len() as u64);
        for (index, repair) in (1_u16..).zip(&repairs) {
            prop_assert_eq!(repair.sequence_number(), index);
            let numbers: Vec<u16> = span(repair).numbers().collect();
            // All but one, a different one each time.
            let lost = numbers[usize::from(index) % numbers.len()];
            let others: Vec<RtpPacket> = numbers.iter().filter(|number| **number != lost).map(|number| media(*number)).collect();
            let back = recover(&others, std::slice::from_ref(repair), &[]);
            prop_assert_eq!(back.get(&lost), Some(&media(lost)));
            prop_assert!(out.contains(&media(lost)), "{} was never written", lost);
        }
        let bytes = |packets: &[RtpPacket]| packets.iter().map(RtpPacket::total_len).sum::<usize>();
        prop_assert!((bytes(&repairs) - 48 * repairs.len().min(bytes(&repairs) / 48)) * 100 <= bytes(&out) * usize::from(percent) + 100);
    }
}
