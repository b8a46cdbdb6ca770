//! Once its buffers have their size, a running chain allocates nothing, feedback included.

use interceptor_core::packet::RtpPacket;
use interceptor_test::rtp;
use interceptor_twcc::TwccOptions;

use crate::kit::{Bench, ID, MEDIA, ms, video};

#[test]
fn neither_a_packet_nor_its_feedback_costs_an_allocation() {
    let mut bench = Bench::receiver(TwccOptions::default());
    bench.chain.bind_local(video(), bench.now).unwrap();
    let payload = rtp(MEDIA).payload_len(1000).build().payload_bytes();
    let packet = |number: u32| {
        let mut packet = RtpPacket::default();
        packet.set_ssrc(MEDIA);
        packet.set_payload(payload.clone());
        packet.set_extension(ID, &(number as u16).to_be_bytes()).unwrap();
        packet
    };
    let mut pass = |from: u32, to: u32| {
        for step in from..to {
            // Losses, and packets that come late.
            let number = if step % 100 == 50 { step - 30 } else { step };
            if step % 20 != 0 || number != step {
                bench.chain.read_rtp(packet(number), bench.now);
            }
            bench.chain.write_rtp(packet(0), bench.now);
            bench.run(ms(1));
            while bench.chain.poll_wire().is_some() || bench.chain.poll_app().is_some() {}
        }
        bench.counters().feedback_sent
    };
    let before = pass(0, 5000);
    let mut after = 0;
    let info = allocation_counter::measure(|| after = pass(5000, 80_000));
    assert_eq!(info.count_total, 0, "{info:?}");
    assert!(after - before > 1000, "feedback left");
    assert!(bench.counters().arrivals_late == 0, "{:?}", bench.counters());
}
