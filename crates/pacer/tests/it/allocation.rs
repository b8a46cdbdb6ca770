//! Once lanes have their size, a running chain allocates nothing.

use interceptor_core::Probe;
use interceptor_core::packet::Origin;
use interceptor_test::{rtp, stream_info};

use crate::kit::{MS, Rig, at};

#[test]
fn a_packet_costs_no_allocation_whether_it_passes_or_waits() {
    let mut rig = Rig::new(at(10_000_000));
    rig.bind(stream_info::audio(5));
    [1, 2].into_iter().for_each(|ssrc| rig.bind(stream_info::video_with_rtx(ssrc, ssrc + 10)));
    // Ten packets at once in ten milliseconds: one passes, and the others wait. Beside them audio and repeats, and a probe at times.
    for round in 0..2000_u16 {
        let mut packets: Vec<_> = (0..10)
            .map(|part| {
                rtp(1 + u32::from(part % 2))
                    .seq(round * 5 + part / 2)
                    .ts(round.into())
                    .payload_len(1100)
                    .build()
            })
            .collect();
        packets.push(rtp(5).seq(round).payload_len(100).build());
        packets.push(rtp(11).seq(round).payload_len(500).origin(Origin::Retransmission).build());
        let shared = packets.clone();
        if round % 100 == 0 {
            let probe = Probe { id: 1, rate: 20_000_000, min_bytes: 10_000, min_packets: 5, min_gap: 2 * MS };
            rig.tell(probe);
        }
        let end = rig.now() + 10 * MS;
        let info = allocation_counter::measure(|| {
            for packet in packets.drain(..) {
                rig.chain.write_rtp(packet, rig.clock.now());
                while rig.chain.poll_wire().is_some() {}
            }
            while let Some(at) = rig.chain.next_timeout().filter(|at| *at <= end) {
                rig.clock.advance_to(at);
                rig.chain.handle_timeout(at);
                while rig.chain.poll_wire().is_some() {}
            }
        });
        drop(shared);
        rig.clock.advance_to(end);
        assert!(info.count_total == 0 || round < 200, "{round}: {info:?}");
    }
    let book = rig.totals().all();
    assert!(book.delayed > 10_000 && book.dropped() == 0, "{book:?}");
}
