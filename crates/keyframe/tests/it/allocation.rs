//! What packets and requests cost in memory.

use interceptor_core::KeyframeNeeded;

use crate::kit::{Bench, DELTA, KEY, SSRC, fir, options, packet, pli, video};

#[test]
fn a_packet_costs_no_allocation_in_either_direction() {
    let mut bench = Bench::receiver(options()).with_local(video());
    let mut pass = |numbers: std::ops::Range<u16>| {
        for seq in numbers {
            let payload: &[u8] = if seq % 500 == 0 { &KEY } else { &DELTA };
            for way in [true, false] {
                let packet = packet(SSRC, seq, u32::from(seq) * 3000, payload);
                if way {
                    bench.chain.read_rtp(packet, bench.now)
                } else {
                    bench.chain.write_rtp(packet, bench.now)
                }
            }
            while bench.chain.poll_app().is_some() {}
            while bench.chain.poll_wire().is_some() {}
            bench.run(1);
        }
    };
    pass(0..100);
    let info = allocation_counter::measure(|| pass(100..20_000));
    assert_eq!((info.count_total, bench.asking().keyframes), (0, 41), "{info:?}");
}

#[test]
fn requests_cost_no_allocation_once_they_are_common() {
    let mut bench = Bench::receiver(options()).with_local(video());
    let (pli, fir) = (pli(SSRC), fir(3, &[(SSRC, 1)]));
    let mut ask = |times: usize| {
        for _ in 0..times {
            bench.chain.read_rtcp(pli.clone(), bench.now);
            bench.chain.read_rtcp(fir.clone(), bench.now);
            bench.chain.publish(KeyframeNeeded { ssrc: SSRC }, bench.now);
            while bench.chain.poll_app().is_some() {}
            while bench.chain.poll_wire().is_some() {}
            while bench.chain.poll_event().is_some() {}
            bench.run(100);
        }
    };
    ask(200);
    let info = allocation_counter::measure(|| ask(1_000));
    assert_eq!(info.count_total, 0, "{info:?}");
}
