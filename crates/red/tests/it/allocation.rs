//! Once its buffers have their size, a running chain allocates nothing.

use interceptor_core::packet::RtpPacket;
use interceptor_red::{Copies, Mode, RedSenderOptions, Redundancy};

use crate::kit::{Rig, SSRC, opus, redundant, spoken};

#[test]
fn a_packet_that_leaves_in_red_costs_no_allocation() {
    let all = Redundancy::Fixed(Copies::levels(3).unwrap());
    let mut rig = Rig::new(Mode::Decode, RedSenderOptions::default().with_redundancy(all));
    rig.bind(opus(SSRC));
    let packets: Vec<RtpPacket> = (0..1000).map(spoken).collect();
    let mut pass = |times: usize| {
        for packet in packets.iter().cycle().take(times) {
            drop(rig.write(packet.clone()));
            while rig.chain.poll_event().is_some() {}
        }
    };
    pass(3000);
    let info = allocation_counter::measure(|| pass(10_000));
    assert_eq!(info.count_total, 0, "{info:?}");
    assert!(rig.sent().blocks > 30_000);
}

#[test]
fn a_packet_that_comes_in_red_costs_no_allocation_whether_others_are_lost_or_not() {
    let mut rig = Rig::both();
    let packets: Vec<RtpPacket> = (0..5000_u16).map(|seq| redundant(seq, &[3, 2, 1])).collect();
    let mut received = 0;
    for (n, packet) in packets.into_iter().enumerate() {
        let mut packet = Some(packet);
        let info = allocation_counter::measure(|| {
            // Two of five are lost.
            let Some(packet) = packet.take().filter(|_| n % 5 > 1 || n < 2) else { return };
            rig.chain.read_rtp(packet, rig.clock.now());
            while rig.chain.poll_app().is_some() {
                received += 1;
            }
        });
        assert!(info.count_total == 0 || n < 100, "{n}: {info:?}");
    }
    assert_eq!(received, 5000);
    assert_eq!(rig.received().recovered, 2 * 999);
}
