//! Once buffers have their size, protecting allocates nothing, if repair packets have left before the next block closes.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{FecScheme, Outgoing};
use interceptor_flexfec::Code;
use interceptor_test::rtp;

use crate::kit::{MEDIA, MS, Sender, coded, video};

#[test]
fn a_packet_costs_no_allocation_whatever_the_code() {
    let codes = [
        Code::Rows { l: 10 },
        Code::TwoD { l: 5, d: 4 },
        Code::Interleaved { n: 20, f: 2 },
        Code::Dense { n: 40, f: 14 },
    ];
    for (code, scheme) in
        codes.into_iter().zip([FecScheme::FlexFec03, FecScheme::FlexFec].into_iter().cycle())
    {
        let mut sender = Sender::of(coded(code), video(scheme));
        for round in 0..40_u16 {
            let mut packets: Vec<RtpPacket> = (0..100)
                .map(|index| {
                    rtp(MEDIA)
                        .seq(round * 100 + index)
                        .ts(index.into())
                        .payload_len(1000 + usize::from(index))
                        .build()
                })
                .collect();
            let payloads = packets.clone();
            let mut repairs = 0;
            let info = allocation_counter::measure(|| {
                for packet in packets.drain(..) {
                    sender.chain.write_rtp(packet, sender.clock.now());
                    while let Some(Outgoing::Rtp(packet)) = sender.chain.poll_wire() {
                        repairs += usize::from(packet.ssrc() != MEDIA);
                    }
                    sender.clock.advance(MS);
                }
            });
            drop(payloads);
            while sender.chain.poll_event().is_some() {}
            assert!(repairs > 0);
            assert!(info.count_total == 0 || round < 20, "{code} round {round}: {info:?}");
        }
    }
}
