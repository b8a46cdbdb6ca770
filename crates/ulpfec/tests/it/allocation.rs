//! Once its buffers have their size, a running chain allocates nothing.

use interceptor_core::packet::RtpPacket;
use interceptor_ulpfec::UlpfecOptions;

use crate::kit::{Rig, in_red, media, sending};

#[test]
fn media_that_comes_costs_no_allocation() {
    let mut rig = Rig::new(UlpfecOptions::default());
    // A payload that is cut the first time becomes a shared one: that is the datagram's, and comes before.
    let shared = |packet: RtpPacket| {
        drop(packet.payload_bytes());
        packet
    };
    let packets: Vec<RtpPacket> = (0..6000).map(|seq| shared(in_red(media(seq)))).collect();
    for (n, packet) in packets.into_iter().enumerate() {
        let mut packet = Some(packet);
        let info = allocation_counter::measure(|| {
            rig.chain.read_rtp(packet.take().unwrap_or_default(), rig.clock.now());
            while rig.chain.poll_app().is_some() {}
        });
        assert!(info.count_total == 0 || n < 1000, "{n}: {info:?}");
    }
}

#[test]
fn media_that_leaves_protected_costs_no_allocation() {
    let mut rig = Rig::new(sending(10, 2));
    let packets: Vec<RtpPacket> = (0..10_000).map(media).collect();
    for (n, packet) in packets.into_iter().enumerate() {
        let mut packet = Some(packet);
        let info = allocation_counter::measure(|| {
            rig.chain.write_rtp(packet.take().unwrap_or_default(), rig.clock.now());
            while rig.chain.poll_wire().is_some() {}
        });
        assert!(info.count_total == 0 || n < 1000, "{n}: {info:?}");
    }
    assert_eq!(rig.sent().repairs, 2000);
}
