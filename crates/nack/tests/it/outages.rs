//! Nothing comes for a while, and then the stream goes on.

use interceptor_core::packet::Recovery;
use interceptor_nack::NackOptions;

use crate::kit::{Bench, SSRC, ms};

/// Numbers of a stream of so many packets a second, each when it is sent.
fn receive(bench: &mut Bench, rate: u64, numbers: impl IntoIterator<Item = u64>) {
    let mut last = None;
    for number in numbers {
        let passed = number - last.unwrap_or(number);
        bench.run(passed * 1000 / rate).read_numbers([number as u16]);
        last = Some(number);
    }
}

#[test]
fn what_was_sent_longer_ago_than_max_age_is_not_asked_for() {
    // Seconds of silence at so many packets a second, at most 1000 of them; how long senders keep packets.
    for (rate, seconds, max_age) in [(50, 10, 1000), (50, 3, 1000), (200, 4, 500), (100, 9, 2000)] {
        let mut bench = Bench::receiver(NackOptions::default().with_max_age(ms(max_age)));
        let (before, lost) = (60_000 + 5 * rate, rate * seconds);
        let after = before + lost;
        receive(&mut bench, rate, (60_000..before).chain([after]));
        let asked = bench.asked().concat();
        let young = rate * max_age / 1000;
        let expected: Vec<u16> = (after - young..after).map(|number| number as u16).collect();
        assert_eq!(asked, expected, "{rate} a second, {seconds} s");
        let counters = bench.asking();
        assert_eq!((counters.packets_missing, counters.given_up), (lost, lost - young));
        assert_eq!((bench.keyframes(), counters.resets), (vec![SSRC], 0));
        // A repeat that nobody has asked for is too late, and no more than that.
        bench.read_numbers([before as u16]);
        assert_eq!(bench.asking().arrived_too_late, 1);
    }
}

#[test]
fn what_is_missing_after_a_pause_is_asked_for_whenever_it_was_sent() {
    // Ten seconds in which a stream of 50 packets a second would have sent 500: the sender was silent.
    for lost in [1, 2, 30, 200] {
        let mut bench = Bench::receiver(NackOptions::default());
        receive(&mut bench, 50, 0..250);
        bench.run(10_000).read_numbers([250 + lost]);
        assert_eq!(bench.asked().concat(), (250..250 + lost).collect::<Vec<_>>());
        assert_eq!(bench.asking().given_up, 0);
    }
}

#[test]
fn before_a_stream_has_a_rate_everything_is_asked_for() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([0]).run(20).read_numbers([1]).run(5000).read_numbers([100]);
    assert_eq!(bench.asked().concat(), (2..100).collect::<Vec<_>>());
}

#[test]
fn an_outage_of_more_than_max_missing_is_asked_for_as_far_as_it_is_young() {
    let mut bench = Bench::receiver(NackOptions::default().with_max_missing(100));
    receive(&mut bench, 50, (0..100).chain([400]));
    assert_eq!(bench.asked().concat(), (350..400).collect::<Vec<_>>());
    assert_eq!(bench.asking().resets, 0);
}

#[test]
fn an_outage_ends_with_the_first_new_packet_whatever_old_ones_come_before() {
    // RTX brings back what came long ago, as a probe of the path does; a repeat; a stray.
    for old in [Some(Recovery::Rtx), None] {
        for numbers in [vec![240_u16], vec![245, 249, 249], vec![30_000]] {
            let mut bench = Bench::receiver(NackOptions::default());
            receive(&mut bench, 50, 0..250);
            bench.run(9_900);
            for number in numbers {
                match old {
                    Some(recovery) => bench.read_recovered(number, recovery),
                    None => bench.read_numbers([number]),
                }
                .run(30);
            }
            bench.read_numbers([750]);
            let asked = bench.asked().concat();
            assert!((700..=702).contains(&asked[0]), "{}", asked[0]);
            assert_eq!(asked.last(), Some(&749));
        }
    }
}
