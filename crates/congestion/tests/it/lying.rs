//! A peer that lies in every way that there is, to the controller that is used by default: nothing moves beyond limits.

use interceptor_congestion::{Congestion, CongestionFactory, CongestionOptions};
use interceptor_core::packet::rtcp::{CcfbMetric, CcfbStream};
use interceptor_core::packet::{NtpTime, RtcpPacket};
use interceptor_core::{Chain, ChainConfig, Registry, StreamInfo};
use interceptor_test::Clock;

use crate::kit::{MEDIA, PEER, ccfb_video, ms, numbered, twcc, video};
use crate::limits::{remb, tmmbr};

const LIMITS: std::ops::RangeInclusive<u64> = 100_000..=2_000_000;

/// Deterministic numbers that look like chance.
struct Noise(u64);

impl Noise {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }
}

fn chain(stream: StreamInfo) -> (Chain, std::time::Instant) {
    let options =
        CongestionOptions::default().with_min_bitrate(*LIMITS.start()).with_max_bitrate(*LIMITS.end());
    let now = Clock::new().now();
    let config = ChainConfig::new("lied-to", now, NtpTime::default(), 7).with_isolate_panics(false);
    let factory = CongestionFactory::new(options).unwrap();
    let mut chain = Registry::new().with(factory).build(config).unwrap();
    chain.bind_local(stream, now).unwrap();
    (chain, now)
}

fn lie(step: u16, noise: &mut Noise) -> RtcpPacket {
    let number = step.wrapping_sub(noise.next(50) as u16);
    match noise.next(8) {
        0 => remb([0, 1, u64::MAX, noise.next(u64::MAX)][noise.next(4) as usize], &[MEDIA]),
        1 => tmmbr(noise.next(99) as u32, MEDIA, noise.next(1 << 40), noise.next(512) as u16),
        2 => twcc(
            noise.next(65_536) as u16,
            noise.next(1 << 23) as i32,
            noise.next(256) as u8,
            &[Some(0), None],
        ),
        3 => {
            let arrivals: Vec<_> = (0..noise.next(200) + 1)
                .map(|_| (noise.next(3) > 0).then(|| noise.next(4_000_000) as i64 - 2_000_000))
                .collect();
            twcc(number, -(noise.next(1 << 23) as i32), step as u8, &arrivals)
        }
        4 => {
            let metrics: Vec<_> =
                (0..noise.next(300)).map(|_| CcfbMetric(noise.next(65_536) as u16)).collect();
            let ssrc = if noise.next(3) == 0 { 99 } else { MEDIA };
            let stream = CcfbStream { ssrc, begin_sequence: number, metrics: &metrics };
            RtcpPacket::builder().ccfb(PEER, &[stream, stream], noise.next(1 << 32) as u32).build().unwrap()
        }
        5 => {
            let block = interceptor_core::packet::ReportBlockData {
                ssrc: MEDIA,
                fraction_lost: noise.next(256) as u8,
                cumulative_lost: noise.next(1 << 24) as i32 - (1 << 23),
                extended_sequence_number: noise.next(1 << 32) as u32,
                jitter: 0,
                last_sr: noise.next(1 << 32) as u32,
                delay_since_last_sr: noise.next(1 << 32) as u32,
            };
            RtcpPacket::builder().receiver_report(PEER, &[block, block]).build().unwrap()
        }
        6 => twcc(number, i32::from(step) / 64, step as u8, &[Some(0); 30]),
        _ => twcc(number, i32::from(step) / 64, step as u8, &[None; 30]),
    }
}

#[test]
fn nothing_moves_beyond_limits_whatever_the_peer_says() {
    for (seed, stream) in [(1, video()), (2, ccfb_video(MEDIA)), (3, video().with_feedback("ack", "ccfb"))] {
        let mut noise = Noise(seed);
        let (mut chain, mut now) = chain(stream);
        let mut replayed = lie(0, &mut noise);
        for step in 0..30_000_u32 {
            chain.write_rtp(numbered(step as u16), now);
            let packet = if noise.next(4) == 0 { replayed.clone() } else { lie(step as u16, &mut noise) };
            chain.read_rtcp(packet.clone(), now);
            if noise.next(9) == 0 {
                replayed = packet;
            }
            now += ms(noise.next(12));
            while let Some(due) = chain.next_timeout().filter(|due| *due <= now) {
                chain.handle_timeout(due);
            }
            while chain.poll_wire().is_some() || chain.poll_app().is_some() {}
            while chain.poll_event().is_some() {}
            let facts = chain.facts();
            if let Some(target) = facts.target_bitrate() {
                assert!(LIMITS.contains(&target.bits_per_second), "seed {seed}, step {step}: {target:?}");
                assert!(target.stable <= target.bits_per_second);
            }
            let congestion = chain.get::<Congestion>().unwrap();
            assert!(congestion.in_flight() <= 4_200_000, "10 s of 400 packets a second");
        }
        // The peer falls silent: nothing stays on the way.
        now += ms(60_000);
        while let Some(due) = chain.next_timeout().filter(|due| *due <= now) {
            chain.handle_timeout(due);
        }
        assert_eq!(chain.get::<Congestion>().unwrap().in_flight(), 0);
    }
}
