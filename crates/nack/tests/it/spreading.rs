//! Much that is asked for at once is not sent again at once.

use interceptor_core::packet::RtpPacket;
use interceptor_nack::NackOptions;

use crate::kit::{Bench, SSRC, ms, rtp};

/// Numbers sent again, with milliseconds since they were asked for.
fn run(bench: &mut Bench, time: u64) -> Vec<(u64, u16)> {
    let (start, mut left) = (bench.now, Vec::new());
    for _ in 0..time {
        left.extend(bench.resent().into_iter().map(|seq| ((bench.now - start).as_millis() as u64, seq)));
        bench.run(1);
    }
    left
}

/// Not limited by the ratio.
fn generous() -> NackOptions {
    NackOptions::default().with_max_resend_ratio(4.0)
}

/// After three seconds of a stream of so many packets a second, of 1000 bytes each, over a path of so many milliseconds.
fn sender(rate: u64, rtt: Option<u64>, options: NackOptions) -> Bench {
    let mut bench = Bench::sender(options);
    rtt.into_iter().for_each(|rtt| bench.set_rtt(rtt));
    for seq in 0..3 * rate {
        let mut packet = rtp(seq as u16);
        packet.set_payload(vec![0; 1000]);
        bench.write(packet).run(1000 / rate);
    }
    bench
}

/// The most that leave within `window` milliseconds.
fn most_within(window: u64, left: &[(u64, u16)]) -> usize {
    let within = |from: u64| left.iter().filter(|(at, _)| (from..from + window).contains(at)).count();
    left.iter().map(|(at, _)| within(*at)).max().unwrap_or(0)
}

#[test]
fn what_is_asked_for_at_once_leaves_over_a_round_trip() {
    for (rate, rtt, asked) in [(50, 50, 48), (50, 100, 48), (50, 30, 45), (40, 180, 36), (100, 120, 90)] {
        let mut bench = sender(rate, Some(rtt), generous());
        let newest = 3 * rate as u16;
        let numbers: Vec<u16> = (newest - asked..newest).collect();
        bench.read_nack(&numbers);
        let left = run(&mut bench, 2 * rtt);
        assert_eq!(left.iter().map(|(_, seq)| *seq).collect::<Vec<_>>(), numbers, "all, in order");
        let last = left.last().unwrap().0;
        assert!((rtt * 4 / 5..=rtt + 2).contains(&last), "the last after {last} of {rtt} ms");
        // 3000 bytes may leave at once.
        let fair = usize::from(asked) * 20 / rtt as usize + 3;
        assert!(most_within(20, &left) <= fair.min(usize::from(asked)), "{} {fair}", most_within(20, &left));
        let counters = bench.answering();
        assert_eq!((counters.packets_requested, counters.packets_resent), (asked.into(), asked.into()));
        assert_eq!(counters.bytes_resent, u64::from(asked) * 1012);
    }
}

#[test]
fn a_single_answer_and_what_little_media_takes_leave_at_once() {
    for rate in [10, 50, 200, 1000] {
        let mut bench = sender(rate, Some(100), generous());
        for number in [5, 7] {
            assert_eq!(bench.read_nack(&[3 * rate as u16 - number]).resent().len(), 1, "{rate}");
            bench.run(100);
        }
        let burst: Vec<u16> =
            (0..(rate as u16 / 35).max(3)).map(|back| 3 * rate as u16 - 1 - back).rev().collect();
        assert_eq!(bench.read_nack(&burst).resent(), burst, "{rate}");
    }
}

#[test]
fn never_slower_than_four_times_the_media() {
    let mut bench = sender(250, Some(1000), generous());
    let numbers: Vec<u16> = (600..700).collect();
    bench.read_nack(&numbers);
    let left = run(&mut bench, 1000);
    assert_eq!(left.len(), 100);
    assert!((85..=106).contains(&left[99].0), "100 packets at 1000 a second: {:?}", left[99]);
}

#[test]
fn until_a_round_trip_is_measured_it_is_100_ms() {
    let mut bench = sender(50, None, generous());
    bench.read_nack(&(110..150).collect::<Vec<_>>());
    let left = run(&mut bench, 200);
    assert!(left.len() == 40 && (80..=102).contains(&left[39].0), "{:?}", left[39]);
}

#[test]
fn what_waits_is_asked_for_once_however_often() {
    let mut bench = sender(50, Some(100), generous());
    let numbers: Vec<u16> = (110..150).collect();
    for _ in 0..4 {
        bench.read_nack(&numbers);
    }
    let left = run(&mut bench, 110);
    assert_eq!(left.iter().map(|(_, seq)| *seq).collect::<Vec<_>>(), numbers);
    let counters = bench.answering();
    assert_eq!((counters.packets_resent, counters.suppressed_by_cooldown), (40, 120));
    // A round trip after it left each may leave again.
    assert_eq!(bench.read_nack(&[110]).resent(), [110]);
    assert_eq!(bench.read_nack(&[149]).resent(), [0; 0]);
}

#[test]
fn switched_off_everything_leaves_at_once() {
    let mut bench = sender(50, Some(100), NackOptions::default().with_answer_spread(false));
    let numbers: Vec<u16> = (110..150).collect();
    assert_eq!(bench.read_nack(&numbers).resent(), numbers);
    assert_eq!(bench.answering().cancelled, 0);
}

#[test]
fn every_number_that_was_asked_for_is_accounted_for() {
    // The stream ends, the chain closes, or the history lets go of packets that wait.
    for end in 0..4 {
        let options = NackOptions::default().with_send_history_age(ms(1500)).with_max_resend_ratio(0.75);
        let mut bench = sender(50, Some(200), options);
        bench.read_nack(&(90..160).collect::<Vec<_>>()).run(60);
        let sent = bench.resent().len() as u64;
        assert!((5..30).contains(&sent), "{sent}");
        match end {
            0 => bench.chain.unbind_local(SSRC, bench.now).unwrap(),
            1 => bench.chain.close(bench.now).unwrap(),
            2 => {
                bench.write(RtpPacket::builder().ssrc(SSRC).sequence_number(30_000).build().unwrap());
                bench.run(200);
            }
            _ => {
                bench.run(200);
            }
        }
        let counters = bench.answering();
        let answered = counters.packets_resent + counters.never_sent + counters.too_old + counters.cancelled;
        assert_eq!(answered + counters.suppressed_by_ratio, counters.packets_requested, "{counters:?}");
        assert_eq!(counters.cancelled > 0, end < 2);
        assert_eq!(counters.packets_resent, sent + bench.resent().len() as u64);
    }
}

#[test]
fn what_waits_is_no_more_than_the_history_holds() {
    let options = NackOptions::default().with_send_history_packets(64).with_max_resend_ratio(100.0);
    let mut bench = Bench::sender(options);
    bench.set_rtt(500);
    for round in 0..50_u16 {
        bench.write_numbers(round * 40..(round + 1) * 40);
        bench.read_nack(&(0..2000).collect::<Vec<_>>());
    }
    bench.chain.unbind_local(SSRC, bench.now).unwrap();
    let counters = bench.answering();
    assert!(counters.cancelled > 0);
    let kept = counters.cancelled + counters.packets_resent;
    assert!(kept <= 2000, "each of 2000 packets once: {counters:?}");
}
