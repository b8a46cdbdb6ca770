//! Without losses a packet costs no allocation once there is room for the last ones.

use interceptor_core::FecScheme;
use interceptor_core::packet::RtpPacket;
use interceptor_flexfec::Code;

use super::rig::{Receiver, sent};

#[test]
fn a_packet_costs_no_allocation_while_nothing_is_lost() {
    let (media, repairs) = sent(FecScheme::FlexFec03, Code::Rows { l: 10 }, 0..4000);
    let mut receiver = Receiver::new(FecScheme::FlexFec03);
    let copy = |packet: &RtpPacket| RtpPacket::parse(packet.to_bytes()).unwrap();
    for (round, (media, repair)) in media.chunks(10).zip(&repairs).enumerate() {
        let mut packets: Vec<RtpPacket> = media.iter().chain([repair]).map(copy).collect();
        // As parts of a larger buffer: the first copy of a buffer of its own costs an allocation, whoever makes it.
        let shared = packets.clone();
        let info = allocation_counter::measure(|| {
            for packet in packets.drain(..) {
                receiver.chain.read_rtp(packet, receiver.clock.now());
                while receiver.chain.poll_app().is_some() {}
            }
        });
        drop(shared);
        while receiver.chain.poll_event().is_some() {}
        assert!(info.count_total == 0 || round < 100, "{round}: {info:?}");
    }
    assert_eq!(receiver.counters().useless, 400);
}
