//! Once its buffers have their size, a running chain allocates nothing, reports included.

use interceptor_core::packet::RtpPacket;
use interceptor_rfc8888::Rfc8888Options;
use interceptor_test::rtp;

use crate::kit::{Bench, MEDIA, ms};

#[test]
fn neither_a_packet_nor_its_report_costs_an_allocation() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    let payload = rtp(MEDIA).payload_len(1000).build().payload_bytes();
    let packet = |seq: u32| {
        let mut packet = RtpPacket::default();
        packet.set_ssrc(MEDIA);
        packet.set_sequence_number(seq as u16);
        packet.set_payload(payload.clone());
        packet
    };
    let mut pass = |from: u32, to: u32| {
        for step in from..to {
            // Losses, and packets that come late.
            let seq = if step % 100 == 50 { step - 40 } else { step };
            if step % 100 != 10 && step % 100 != 70 {
                bench.chain.read_rtp(packet(seq), bench.now);
            }
            bench.run(ms(1));
            while bench.chain.poll_wire().is_some() || bench.chain.poll_app().is_some() {}
        }
        bench.counters().reports_sent
    };
    let before = pass(0, 5000);
    let mut after = 0;
    let info = allocation_counter::measure(|| after = pass(5000, 80_000));
    assert_eq!(info.count_total, 0, "{info:?}");
    assert!(after - before > 1000, "reports left");
    assert!(bench.counters().arrivals_late > 300, "{:?}", bench.counters());
}
