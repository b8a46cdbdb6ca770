//! Once its buffers have their size, a running connection allocates nothing, feedback included.

use interceptor_congestion::{CongestionFactory, CongestionOptions};
use interceptor_core::packet::rtcp::{CcfbMetric, CcfbStream};
use interceptor_core::packet::{Ecn, NtpTime, RtcpPacket};
use interceptor_core::{BitrateRange, ChainConfig, Registry, StreamInfo};
use interceptor_test::Clock;

use crate::kit::{MEDIA, PEER, ccfb_video, ms, numbered, twcc, video};

/// Forty packets each 50 ms, then feedback about them.
fn allocations(stream: StreamInfo, feedback: impl Fn(u32) -> RtcpPacket) -> u64 {
    let now = Clock::new().now();
    let config = ChainConfig::new("still", now, NtpTime::default(), 7).with_isolate_panics(false);
    let factory = CongestionFactory::new(CongestionOptions::default()).unwrap();
    let mut chain = Registry::new().with(factory).build(config).unwrap();
    let mut stream = stream;
    stream.bitrate = Some(BitrateRange::new(100_000, 9_000_000));
    chain.bind_local(stream, now).unwrap();
    let mut now = now;
    let mut messages: Vec<_> = (0..400).map(feedback).collect();
    let mut packets: Vec<_> = (0..16_000).map(|number| numbered(number as u16)).collect();
    let mut round = |round: usize| {
        for packet in &mut packets[round * 40..round * 40 + 40] {
            let _passes = chain.write_rtp_in_place(packet, now);
            now += std::time::Duration::from_micros(1250);
        }
        chain.read_rtcp(messages[round].take(), now);
        while let Some(due) = chain.next_timeout().filter(|due| *due <= now) {
            chain.handle_timeout(due);
        }
        while chain.poll_wire().is_some() || chain.poll_app().is_some() {}
        while chain.poll_event().is_some() {}
    };
    (0..100).for_each(&mut round);
    allocation_counter::measure(|| (100..400).for_each(&mut round)).count_total
}

#[test]
fn neither_a_packet_nor_its_feedback_costs_an_allocation() {
    let arrivals: Vec<_> = (0..40).map(|place| (place != 7).then_some(place * 1250)).collect();
    let by_twcc = allocations(video(), |round| {
        // 50 ms in units of 64 ms: the receiver's clock is a little slow, and behind by less than a second in all.
        twcc((round * 40) as u16, (round * 50 / 64) as i32, round as u8, &arrivals)
    });
    assert_eq!(by_twcc, 0);
    let metric = |place: u64| CcfbMetric::received(Ecn::NotEct, Some(ms(50 - place * 5 / 4)));
    let metrics: Vec<_> =
        (0..40).map(|place| if place == 7 { CcfbMetric::LOST } else { metric(place) }).collect();
    let by_ccfb = allocations(ccfb_video(MEDIA), |round| {
        let stream = CcfbStream { ssrc: MEDIA, begin_sequence: (round * 40) as u16, metrics: &metrics };
        RtcpPacket::builder().ccfb(PEER, &[stream], (round + 1) * 3277).build().unwrap()
    });
    assert_eq!(by_ccfb, 0);
}
