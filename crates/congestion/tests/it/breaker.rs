//! The circuit breaker (RFC 8083), above any controller.

use interceptor_congestion::{CircuitBreaker, CongestionOptions, Trip};
use interceptor_core::packet::{ReportBlockData, RtcpPacket};
use interceptor_core::{BitrateRange, Event, StreamTarget};
use interceptor_test::{rtp, stream_info};

use crate::kit::{Bench, MEDIA, PEER, ms, numbered, twcc, video};

const AUDIO: u32 = 1;

fn opened(bench: &mut Bench) -> Vec<CircuitBreaker> {
    bench.events().iter().filter_map(Event::raised).copied().collect()
}

fn bench(options: CongestionOptions) -> Bench {
    let mut bench = Bench::new(options, |config| config);
    let ranged = |mut info: interceptor_core::StreamInfo, min, max| {
        info.bitrate = Some(BitrateRange::new(min, max));
        info
    };
    bench.chain.bind_local(ranged(video(), 100_000, 2_000_000), bench.now).unwrap();
    bench.chain.bind_local(ranged(stream_info::audio(AUDIO), 16_000, 64_000), bench.now).unwrap();
    bench.run(ms(0)).events();
    bench
}

/// A packet each 20 ms, for so many seconds.
fn send(bench: &mut Bench, seconds: u64) {
    for number in 0..seconds * 50 {
        bench.write(numbered(number as u16)).run(ms(20));
    }
}

pub(crate) fn report(highest: u32, lost: i32) -> RtcpPacket {
    let block = ReportBlockData {
        ssrc: MEDIA,
        fraction_lost: 0,
        cumulative_lost: lost,
        extended_sequence_number: highest,
        jitter: 0,
        last_sr: 0,
        delay_since_last_sr: 0,
    };
    RtcpPacket::builder().receiver_report(PEER, &[block]).build().unwrap()
}

#[test]
fn a_peer_that_sends_no_rtcp_leaves_audio_only() {
    let mut bench = bench(CongestionOptions::default());
    bench.controller.script().decision.target = 1_000_000;
    send(&mut bench, 24);
    assert_eq!(opened(&mut bench), []);
    send(&mut bench, 2);
    assert_eq!(opened(&mut bench), [CircuitBreaker { open: Some(Trip::RtcpTimeout) }]);
    assert_eq!(bench.target(), 30_000);
    let target = |bench: &Bench, ssrc| bench.chain.facts().stream_target(ssrc).unwrap();
    assert_eq!(target(&bench, MEDIA), StreamTarget { ssrc: MEDIA, bits_per_second: 0, paused: true });
    assert!(!target(&bench, AUDIO).paused);
    assert_eq!(bench.handle.connections()[0].breaker, Some(Trip::RtcpTimeout));
    // Feedback says that packets come.
    bench.write(numbered(9000)).read_rtcp(&twcc(9000, 1, 0, &[Some(0)])).run(ms(100));
    assert_eq!(opened(&mut bench), [CircuitBreaker { open: None }]);
    assert!(!target(&bench, MEDIA).paused);
    assert_eq!((bench.target(), bench.counters().breaker_opened), (1_000_000, 1));
}

#[test]
fn reports_that_say_that_nothing_arrives_leave_audio_only() {
    let mut bench = bench(CongestionOptions::default());
    for second in 0..20_u32 {
        send(&mut bench, 1);
        bench.read_rtcp(&report(second.min(9) * 50, 0));
    }
    assert_eq!(opened(&mut bench), [CircuitBreaker { open: Some(Trip::MediaTimeout) }]);
    bench.handle.reset_breaker();
    send(&mut bench, 1);
    assert_eq!(opened(&mut bench), [CircuitBreaker { open: None }]);
}

#[test]
fn losses_are_told_to_the_controller_by_reports() {
    let mut bench = bench(CongestionOptions::default());
    send(&mut bench, 1);
    bench.read_rtcp(&report(100, 3));
    send(&mut bench, 1);
    bench.read_rtcp(&report(150, 13)).read_rtcp(&report(140, 13));
    let reports = bench.controller.script().reports.clone();
    let told: Vec<_> = reports.iter().map(|report| (report.packets, report.lost)).collect();
    assert_eq!(told, [(0, 0), (50, 10), (0, 0)]);
    assert_eq!((bench.counters().report_blocks, bench.counters().report_blocks_odd), (3, 1));
}

#[test]
fn it_can_be_switched_off() {
    let mut bench = bench(CongestionOptions::default().with_circuit_breaker(false));
    send(&mut bench, 60);
    assert_eq!(opened(&mut bench), []);
    bench.write(rtp(AUDIO).build());
}
