//! Once queues have their size, a running chain allocates nothing.

use interceptor_test::{rtp, stream_info};

use crate::kit::{MS, Rig, options};

#[test]
fn a_packet_costs_no_allocation_whether_in_order_or_not() {
    let mut rig = Rig::empty(options());
    [1, 2, 3].into_iter().for_each(|ssrc| rig.bind(stream_info::video(ssrc)));
    for round in 0..3000_u16 {
        let mut packets = Vec::new();
        for ssrc in 1..4 {
            // Of the second every tenth is missing, of the third every second comes behind its successor.
            let seq = if ssrc == 3 { round ^ 1 } else { round };
            if ssrc != 2 || seq % 10 != 3 {
                packets.push(rtp(ssrc).seq(seq).ts(u32::from(seq) * 900).payload_len(500).build());
            }
        }
        let shared = packets.clone();
        let end = rig.now() + 10 * MS;
        let info = allocation_counter::measure(|| {
            for packet in packets.drain(..) {
                rig.chain.read_rtp(packet, rig.clock.now());
                while rig.chain.poll_app().is_some() {}
            }
            while let Some(at) = rig.chain.next_timeout().filter(|at| *at <= end) {
                rig.clock.advance_to(at);
                rig.chain.handle_timeout(at);
                while rig.chain.poll_app().is_some() {}
            }
            while rig.chain.poll_event().is_some() {}
        });
        drop(shared);
        rig.clock.advance_to(end);
        assert!(info.count_total == 0 || round < 500, "{round}: {info:?}");
    }
    let book = rig.counters();
    assert!(book.emitted > 8500 && book.late == 0 && book.lost >= 299, "{book:?}");
}

#[test]
fn a_stream_without_packets_takes_less_than_a_kibibyte() {
    let mut rig = Rig::empty(options());
    let plain = |rig: &mut Rig, first: u32, bare: bool| {
        let info = allocation_counter::measure(|| {
            for ssrc in first..first + 1024 {
                let info =
                    if bare { interceptor_core::StreamInfo::unknown(ssrc) } else { stream_info::bare(ssrc) };
                rig.chain.bind_remote(info, rig.clock.now()).unwrap();
            }
        });
        info.bytes_current
    };
    // Without a clock it takes part in nothing: that is what the chain itself keeps.
    let chain = plain(&mut rig, 1, true);
    let both = plain(&mut rig, 10_001, false);
    let each = (both - chain) / 1024;
    assert!(each < 1024, "{each} bytes a stream");
}
