//! Retransmissions are written into memory that is used again.

use interceptor_core::packet::RtpPacket;

use crate::kit::{Bench, media, video};

#[test]
fn neither_way_allocates_once_it_runs() {
    let mut bench = Bench::new(video(), None);
    // A retransmission of this size, and what comes of it on the other side.
    let original = media(7);
    let incoming = bench.resend(original.clone()).to_bytes();
    let mut pass = |times: usize| {
        for _ in 0..times {
            drop(bench.resend(original.clone()));
            let packet = RtpPacket::parse(incoming.clone()).unwrap();
            bench.chain.read_rtp(packet, bench.now);
            assert!(bench.chain.poll_app().is_some());
        }
    };
    pass(2_000);
    let info = allocation_counter::measure(|| pass(100_000));
    assert_eq!(info.count_total, 0, "{info:?}");
}

#[test]
fn a_payload_larger_than_the_buffer_gets_a_larger_one() {
    let mut bench = Bench::new(video(), None);
    let mut large = media(1);
    large.set_payload(vec![7; 40_000]);
    assert_eq!(bench.resend(large.clone()).payload()[2..], large.payload()[..]);
    assert_eq!(bench.resend(media(2)).payload()[2..], media(2).payload()[..]);
}
