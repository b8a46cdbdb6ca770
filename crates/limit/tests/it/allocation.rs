//! Once queues have their size, a running chain allocates nothing.

use interceptor_limit::{LimitOptions, Policy, Way};
use interceptor_test::{rtp, stream_info};

use crate::kit::{BOTH, MS, Rig, packets};

/// Packets at twice the rate, a thousand a second, of two streams.
fn run(rig: &mut Rig, packets: u16) {
    for seq in 0..packets {
        for ssrc in [1, 2] {
            let mut packet = Some(rtp(ssrc).seq(seq).build());
            let (now, way) = (rig.now(), rig.way);
            let info = allocation_counter::measure(|| {
                let Some(packet) = packet.take() else { return };
                match way {
                    Way::Outgoing => rig.chain.write_rtp(packet, now),
                    Way::Incoming => rig.chain.read_rtp(packet, now),
                }
                rig.chain.handle_timeout(now);
                while rig.chain.poll_wire().is_some() {}
                while rig.chain.poll_app().is_some() {}
            });
            // The first is the excursion's event.
            assert!(info.count_total == 0 || seq < packets / 2, "{way:?} {seq}: {info:?}");
        }
        rig.clock.advance(MS);
        rig.told();
    }
}

#[test]
fn a_packet_costs_no_allocation_whether_it_passes_waits_or_is_dropped() {
    for way in BOTH {
        for policy in [Policy::Drop, Policy::Wait { packets: 50, bytes: 1 << 16 }] {
            let stream = packets(500, 10, policy);
            let options = LimitOptions::default()
                .with_local(stream)
                .with_remote(stream)
                .with_connection(packets(900, 10, policy));
            let mut rig = Rig::new(way, options);
            for ssrc in [1, 2] {
                rig.bind(stream_info::video(ssrc)).unwrap();
            }
            run(&mut rig, 4000);
            assert!(rig.counters().dropped() > 1000 && rig.counters().passed > 1000);
        }
    }
}
