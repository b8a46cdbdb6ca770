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
fn a_connection_that_nobody_has_used_yet_has_no_timer_but_its_first() {
    for first in ["received", "sent", "told"] {
        let mut bench = receiver(RtcpInterval::default());
        bench.bind_local(0xb);
        assert!(bench.next_report().is_empty());
        assert_eq!(bench.chain.next_timeout(), None);
        bench.skip(Duration::from_secs(3600));
        match first {
            "received" => bench.receive(0xa, 1, 0),
            "sent" => bench.send(0xb, 1, 0, 100),
            _ => bench.receive_rtcp(|rtcp| {
                rtcp.receiver_report(0xc, &[]);
            }),
        }
        let wait = bench.chain.next_timeout().unwrap() - bench.now();
        assert!((millis(250)..=millis(750)).contains(&wait), "{first}: {wait:?}");
        assert_eq!(bench.next_report().len(), 1, "{first}");
        assert!(
            bench.chain.next_timeout().is_some(),
            "{first}: a round without news is an empty report from now on"
        );
    }
}

#[test]
fn the_standards_timer_runs_without_packets() {
    let mut bench = receiver(RtcpInterval::Rfc3550 { session_bandwidth: 1_000_000, reduced_minimum: false });
    for _ in 0..10 {
        assert!(bench.next_report().is_empty());
        assert!(bench.chain.next_timeout().is_some());
    }
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

/// Runs a session in which each of `members` reports as often as `interval` says, while this end, if it sends, sends a
/// packet a second; gives how many members this end sees each minute after all have been heard.
fn members_seen(mut bench: Bench, members: u32, interval: Duration, sends: bool) -> Vec<usize> {
    bench.bind_local(0x1111);
    bench.bind_remote(0xa);
    let step = Duration::from_secs(1);
    let mut next = 0;
    let mut seen = Vec::new();
    for second in 1..=3 * interval.as_secs() {
        // Their reports are spread evenly over the interval.
        while interval * next < step * second as u32 * members {
            bench.receive_rtcp(|rtcp| {
                rtcp.receiver_report(5000 + next % members, &[]).sdes_cname(5000 + next % members, "member");
            });
            next += 1;
        }
        if sends {
            bench.send(0x1111, second as u16, 0, 100);
        }
        bench.run(step);
        bench.wire_rtcp();
        if step * second as u32 > interval && second % 60 == 0 {
            seen.push(bench.report().other_members().unwrap().0);
        }
    }
    seen
}

#[test]
fn a_sender_sees_all_members_of_a_large_session() {
    // RFC 3550 §6.3.5. Receivers have 3/4 of 5 % of 8000 bytes a second, and reports of some 60 bytes: with 700 members one
    // each 140 s. The sender's own interval is 5 s; timing members out by it would leave an eighth of them.
    let interval = Duration::from_secs(140);
    for sends in [true, false] {
        let rule = RtcpInterval::Rfc3550 { session_bandwidth: 64_000, reduced_minimum: false };
        let seen = members_seen(Bench::new(options().with_interval(rule)), 700, interval, sends);
        assert!(seen.len() >= 4 && seen.iter().all(|members| *members == 700), "sends: {sends}: {seen:?}");
    }
}

#[test]
fn members_and_senders_that_fall_silent_time_out() {
    let rule = RtcpInterval::Rfc3550 { session_bandwidth: 1_000_000, reduced_minimum: false };
    let mut bench = receiver(rule);
    bench.receive(0xa, 1, 0);
    for member in 1..=3 {
        bench.receive_rtcp(|rtcp| {
            rtcp.receiver_report(member, &[]);
        });
    }
    let heard = bench.elapsed();
    let mut last = (4, 1);
    while bench.elapsed() - heard < Duration::from_secs(60) {
        bench.next_report();
        let (members, senders) = bench.report().other_members().unwrap();
        assert!(members <= last.0 && senders <= last.1, "nobody comes back");
        last = (members, senders);
        // Two intervals of 5 s without RTP and five without anything. It is looked at when the timer fires, every 2 to
        // 6 s, and RTP was noticed at the first of these.
        let silent = (bench.elapsed() - heard).as_secs();
        assert!(if silent < 10 { senders == 1 } else { silent < 22 || senders == 0 }, "{silent} s: {last:?}");
        assert!(if silent < 25 { members == 4 } else { silent < 38 || members == 0 }, "{silent} s: {last:?}");
    }
    assert_eq!(last, (0, 0));
}

#[test]
fn a_sender_that_says_goodbye_is_gone_for_good() {
    // RFC 3550 §6.3.4: from both tables at once, and what it sent before does not bring it back at the next timer.
    let rule = RtcpInterval::Rfc3550 { session_bandwidth: 300_000, reduced_minimum: false };
    let mut bench = receiver(rule);
    bench.bind_remote(0xb);
    for ssrc in [0xa, 0xb] {
        bench.receive(ssrc, 7, 0);
    }
    while bench.next_report().is_empty() {}
    for seq in 8..30 {
        bench.receive(0xa, seq, 0);
        bench.receive(0xb, seq, 0);
    }
    assert_eq!(bench.report().other_members(), Some((2, 2)));
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(0xb, &[]).sdes_cname(0xb, "leaves").bye(&[0xb], "");
    });
    let left = bench.now();
    for _ in 0..3 {
        assert_eq!(bench.report().other_members(), Some((1, 1)));
        bench.next_report();
        assert!(bench.now() - left > Duration::from_secs(2), "longer than it is remembered");
        bench.receive(0xa, 30, 0);
    }
}

#[test]
fn a_source_that_says_goodbye_is_gone_whatever_comes_late() {
    // RFC 3550 §6.3.4, §6.2.1.
    let rule = RtcpInterval::Rfc3550 { session_bandwidth: 1_000_000, reduced_minimum: false };
    let mut bench = receiver(rule);
    for seq in 1..20 {
        bench.receive(0xa, seq, 0);
    }
    bench.next_report();
    bench.receive(0xa, 20, 0);
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(0xb, &[]);
    });
    assert_eq!(bench.report().other_members(), Some((2, 1)));
    // It has sent since the timer last fired, and goes.
    bench.receive(0xa, 21, 0);
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(0xa, &[]).sdes_cname(0xa, "leaves").bye(&[0xa], "done");
    });
    assert_eq!(bench.report().other_members(), Some((1, 0)));
    // What the network held back: RTP older and newer, and RTCP.
    for (wait, seq) in [(0, 19), (700, 22), (700, 23)] {
        bench.run(millis(wait));
        bench.receive(0xa, seq, 0);
        bench.receive_rtcp(|rtcp| {
            rtcp.sender_report(0xa, interceptor_packet::NtpTime(1 << 40), 0, 0, 0, &[]);
        });
        assert_eq!(bench.report().other_members(), Some((1, 0)), "{seq}");
    }
    for _ in 0..4 {
        bench.next_report();
        assert_eq!(bench.report().other_members(), Some((1, 0)));
    }
}

#[test]
fn a_source_that_comes_back_after_its_goodbye_is_a_member_again() {
    let mut bench = receiver(RtcpInterval::rfc3550(1_000_000));
    bench.receive(0xa, 1, 0);
    bench.run(Duration::from_secs(3));
    let goodbye = |bench: &mut Bench, ssrc| {
        bench.receive_rtcp(|rtcp| {
            rtcp.receiver_report(ssrc, &[]).bye(&[ssrc], "");
        });
    };
    goodbye(&mut bench, 0xa);
    goodbye(&mut bench, 0xb);
    bench.run(millis(1999));
    bench.receive(0xa, 2, 0);
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(0xb, &[]);
    });
    bench.run(millis(1));
    assert_eq!(bench.report().other_members(), Some((0, 0)));
    bench.receive(0xa, 3, 0);
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(0xb, &[]);
    });
    bench.next_report();
    assert_eq!(bench.report().other_members(), Some((2, 1)));
}

#[test]
fn a_fixed_interval_keeps_no_members() {
    assert_eq!(receiver(RtcpInterval::default()).report().other_members(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn the_same_seed_gives_the_same_bytes(seed: u64, rfc3550: bool) {
        let run = || {
            let interval = if rfc3550 { RtcpInterval::rfc3550(500_000) } else { RtcpInterval::default() };
            let mut bench = Bench::with_config(options().with_interval(interval), |mut config| {
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
