//! Numbers that end and begin again.

use interceptor_core::packet::RtpPacket;

use crate::kit::{Rig, media, sending};

#[test]
fn blocks_reach_over_the_wrap_both_ways() {
    let (mut sender, mut receiver) = (Rig::new(sending(4, 2)), Rig::new(sending(4, 2)));
    let seqs: Vec<u16> = (0..40).map(|n| 65_520_u16.wrapping_add(n)).collect();
    let wire: Vec<RtpPacket> = seqs.iter().flat_map(|seq| sender.write(media(*seq))).collect();
    let expected: Vec<Vec<u8>> = seqs.iter().map(|seq| media(*seq).payload().to_vec()).collect();
    // Two in a row of each block, and its numbers with the repair packets' are six.
    let came =
        wire.into_iter().enumerate().filter(|(n, _)| !matches!(n % 6, 1 | 2)).map(|(_, packet)| packet);
    let mut out: Vec<RtpPacket> = came.flat_map(|packet| receiver.read(packet)).collect();
    out.sort_by_key(|packet| packet.sequence_number().wrapping_sub(65_520));
    assert_eq!(out.iter().map(|packet| packet.payload().to_vec()).collect::<Vec<_>>(), expected);
    assert_eq!(receiver.received().recovered, 20);
}
