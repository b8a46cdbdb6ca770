//! Once its buffers have their size, a running chain allocates nothing.

use interceptor_core::packet::RtpPacket;
use interceptor_test::rtp;

use crate::kit::receiver;

#[test]
fn a_packet_costs_no_allocation() {
    let (mut chain, now) = receiver(100, &[1]).unwrap();
    let datagram = rtp(1).payload_len(1200).build().to_bytes();
    let mut pass = |packets: usize| {
        for _ in 0..packets {
            chain.read_rtp(RtpPacket::parse(datagram.clone()).unwrap(), now);
            assert!(chain.poll_app().is_some());
        }
    };
    // Not up to the first milestone: an event that is raised is boxed.
    pass(10);
    let info = allocation_counter::measure(|| pass(80));
    assert_eq!(info.count_total, 0, "{info:?}");
}
