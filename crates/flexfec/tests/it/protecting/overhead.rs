//! What repair packets may take, and what is told of it.

use interceptor_flexfec::Code;
use interceptor_test::rtp;

use crate::kit::{MEDIA, MS, Sender, coded};

#[test]
fn repairs_take_no_more_than_their_part_of_the_media() {
    let mut sender = Sender::new(coded(Code::Interleaved { n: 10, f: 5 }).with_max_overhead_percent(20));
    sender.give_all(0..1000);
    let bytes = |packets: Vec<interceptor_core::packet::RtpPacket>, headers: usize| -> usize {
        packets.iter().map(|packet| packet.total_len() - headers).sum()
    };
    // Of the sums, without their headers.
    let (media, repairs) = (bytes(sender.media(), 0), bytes(sender.repairs(), 32));
    assert!(repairs * 5 <= media && repairs * 6 > media, "{repairs} of {media}");
    let counters = sender.counters();
    assert_eq!(counters.repairs + counters.over_budget, 500);
    assert!(counters.over_budget >= 250, "{counters:?}");
}

#[test]
fn half_of_the_media_is_enough_for_half_as_many_repairs() {
    for code in [Code::Rows { l: 2 }, Code::Interleaved { n: 40, f: 20 }, Code::Dense { n: 40, f: 20 }] {
        let mut sender = Sender::new(coded(code));
        for seq in 0..400 {
            sender.give(rtp(MEDIA).seq(seq).payload_len(1100).build());
        }
        assert_eq!((sender.counters().repairs, sender.counters().over_budget), (200, 0), "{code}");
    }
}

#[test]
fn what_is_taken_is_told_once_a_second_if_it_has_changed() {
    let mut sender = Sender::new(coded(Code::Rows { l: 10 }));
    let send = |sender: &mut Sender, seqs: std::ops::Range<u16>| {
        for seq in seqs {
            sender.give(rtp(MEDIA).seq(seq).payload_len(988).build());
            sender.pass(10 * MS);
        }
    };
    send(&mut sender, 0..1000);
    // A hundred packets of 1000 bytes a second; repair packets are 20 bytes longer.
    let told: Vec<u64> = sender.overheads.iter().map(|overhead| overhead.bits_per_second).collect();
    assert!(told.len() <= 2 && told.last() == Some(&81_600), "{told:?}");
    let state = sender.handle.protected()[0];
    assert_eq!(
        (state.ssrc, state.code, state.bits_per_second, state.residual_ppm),
        (MEDIA, Some(Code::Rows { l: 10 }), 81_600, 0)
    );
    send(&mut sender, 1000..1010);
    assert_eq!(sender.overheads.len(), told.len());
}
