//! The rows of the table of malformed and hostile input.

use interceptor_test::{hex, rtp};

use crate::kit::{counted, receiver};

#[test]
fn a_malformed_datagram_does_not_count() {
    let (mut chain, now) = receiver(1000, &[1]).unwrap();
    chain.read_datagram(hex("80 60 0001"), now);
    assert_eq!((counted(&chain), chain.counters().malformed_datagrams), (Some(0), 1));
}

#[test]
fn a_packet_of_an_unknown_ssrc_does_not_count() {
    let (mut chain, now) = receiver(1000, &[1]).unwrap();
    chain.read_rtp(rtp(2).build(), now);
    assert_eq!((counted(&chain), chain.counters().unbound_read), (Some(0), 1));
}

#[test]
fn a_duplicate_counts_like_any_other() {
    let (mut chain, now) = receiver(1000, &[1]).unwrap();
    for seq in [1, 3, 2, 3] {
        chain.read_rtp(rtp(1).seq(seq).build(), now);
    }
    assert_eq!(counted(&chain), Some(4));
}
