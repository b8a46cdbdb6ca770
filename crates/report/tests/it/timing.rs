//! When reports leave.

use std::time::Duration;

use interceptor_report::RtcpInterval;
use proptest::prelude::*;

use crate::harness::{Bench, millis, options};

/// Instants of reports within `time`, of an end with one remote stream that is heard all the time.
fn report_times(bench: &mut Bench, time: Duration) -> Vec<Duration> {
    let end = bench.elapsed() + time;
    let mut times = Vec::new();
    while bench.elapsed() < end {
        bench.receive(0xa, times.len() as u16, 0);
        if !bench.next_report().is_empty() {
            times.push(bench.elapsed());
        }
    }
    times
}

fn receiver(interval: RtcpInterval) -> Bench {
    let mut bench = Bench::new(options().with_interval(interval));
    bench.bind_remote(0xa);
    bench
}

#[test]
fn a_fixed_interval_is_drawn_between_half_and_one_and_a_half() {
    let times = report_times(&mut receiver(RtcpInterval::default()), Duration::from_secs(1000));
    assert!((millis(250)..=millis(750)).contains(&times[0]), "{:?}", times[0]);
    let waits: Vec<Duration> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.iter().all(|wait| (millis(500)..=millis(1500)).contains(wait)));
    assert!((950..1050).contains(&waits.len()), "{}", waits.len());
    let early = waits.iter().filter(|wait| **wait < millis(1000)).count();
    assert!((400..600).contains(&early), "{early} of {} are shorter than the mean", waits.len());
}

#[test]
fn nothing_is_due_without_streams() {
    let mut bench = Bench::new(options());
    assert_eq!(bench.chain.next_timeout(), None);
    bench.bind_remote(0xa);
    bench.receive(0xa, 1, 0);
    assert!(bench.chain.next_timeout().is_some());
    bench.chain.unbind_remote(0xa, bench.now()).unwrap();
    assert!(bench.next_report().is_empty());
    assert_eq!(bench.chain.next_timeout(), None);
    bench.bind_remote(0xa);
    assert!(bench.chain.next_timeout().is_some());
}

#[test]
fn a_timer_that_is_a_minute_late_reports_once() {
    let mut bench = receiver(RtcpInterval::default());
    bench.receive(0xa, 1, 0);
    bench.skip(Duration::from_secs(60));
    assert_eq!(bench.next_report().len(), 1);
    let next = bench.chain.next_timeout().unwrap() - bench.now();
    assert!((millis(500)..=millis(1500)).contains(&next), "{next:?}");
}

#[test]
fn the_interval_of_rfc_3550_keeps_to_five_percent_of_the_bandwidth() {
    // One sender that is heard and 300 members that only report, on 32 kbit/s: far above the minimum of 5 s.
    let mut bench = receiver(RtcpInterval::Rfc3550 { session_bandwidth: 32_000, reduced_minimum: false });
    let mut bytes = 0;
    let mut reports = 0;
    while bench.elapsed() < Duration::from_secs(20_000) {
        for member in 0..300 {
            bench.receive_rtcp(|rtcp| {
                rtcp.receiver_report(5000 + member, &[]).sdes_cname(5000 + member, "member");
            });
        }
        bench.receive(0xa, reports, 0);
        for packet in bench.next_report() {
            bytes += packet.len() + 28;
            reports += 1;
        }
    }
    // Our share: 3/4 of 5 % of 4000 bytes a second, between 301 receivers.
    let share = 150.0 / 301.0;
    let rate = bytes as f64 / bench.elapsed().as_secs_f64();
    assert!((0.75..1.35).contains(&(rate / share)), "{rate} bytes a second of {share}");
    assert!(reports > 50, "{reports}");
}

#[test]
fn members_that_leave_bring_the_next_report_forward() {
    let mut bench = receiver(RtcpInterval::rfc3550(32_000));
    let member = |member: u32| 5000 + member;
    for i in 0..400 {
        bench.receive_rtcp(|rtcp| {
            rtcp.receiver_report(member(i), &[]);
        });
    }
    bench.receive(0xa, 1, 0);
    // Reconsidered with all members known.
    while bench.next_report().is_empty() {}
    let before = bench.chain.next_timeout().unwrap() - bench.now();
    assert!(before > Duration::from_secs(30), "{before:?}");
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(member(0), &[]);
        for chunk in (0..400).map(member).collect::<Vec<_>>().chunks(31) {
            rtcp.bye(chunk, "");
        }
    });
    let after = bench.chain.next_timeout().unwrap() - bench.now();
    assert!(after < before / 50, "{after:?} after {before:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn the_same_seed_gives_the_same_bytes(seed: u64, rfc3550: bool) {
        let run = || {
            let interval = if rfc3550 { RtcpInterval::rfc3550(500_000) } else { RtcpInterval::default() };
            let mut bench = Bench::with_config(options().with_interval(interval).with_xr(true), |mut config| {
                config.seed = seed;
                config
            });
            bench.bind_local(0x1111);
            bench.bind_remote(0xa);
            let mut sent = Vec::new();
            for i in 0..300 {
                bench.send(0x1111, i, u32::from(i) * 3000, 100);
                bench.receive(0xa, i * 3, u32::from(i) * 3000);
                bench.run(millis(33));
                let at = bench.elapsed();
                sent.extend(bench.wire_rtcp().into_iter().map(|packet| (at, packet.into_bytes())));
            }
            bench.chain.close(bench.now()).unwrap();
            sent.extend(bench.wire_rtcp().into_iter().map(|packet| (Duration::MAX, packet.into_bytes())));
            sent
        };
        let sent = run();
        prop_assert!(sent.len() > 5);
        prop_assert_eq!(run(), sent);
    }
}
