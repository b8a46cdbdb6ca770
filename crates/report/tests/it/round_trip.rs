//! Round-trip times from what the peer says it heard of us.

use std::time::Duration;

use interceptor_core::Rtt;
use interceptor_packet::ReportBlockData;
use interceptor_test::stream_info;

use crate::harness::{Bench, millis, options, sender_report};

const LOCAL: u32 = 0x1111;
/// One unit of the short format, 1/65 536 s, and its rounding at both ends.
const RESOLUTION: Duration = Duration::from_micros(31);

fn sender() -> Bench {
    let mut bench = Bench::new(options());
    bench.bind_local_stream(stream_info::video_with_rtx(LOCAL, 0x2222));
    bench.send(LOCAL, 1, 0, 10);
    bench
}

/// The middle 32 bits of the clock in the next sender report.
fn last_sr(bench: &mut Bench) -> u32 {
    let report = bench.next_report();
    sender_report(&report, LOCAL).expect("a sender report").0.middle_32()
}

fn block(ssrc: u32, last_sr: u32, delay: Duration) -> ReportBlockData {
    let delay_since_last_sr = interceptor_packet::duration_to_short(delay);
    ReportBlockData { ssrc, last_sr, delay_since_last_sr, ..Default::default() }
}

fn hear(bench: &mut Bench, blocks: &[ReportBlockData]) {
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(9, blocks);
    });
}

fn about(rtt: Duration, expected: Duration) -> bool {
    rtt.abs_diff(expected) <= RESOLUTION
}

#[test]
fn measures_from_a_block_about_us_and_publishes() {
    let mut bench = sender();
    let last_sr = last_sr(&mut bench);
    bench.skip(millis(1500));
    hear(&mut bench, &[block(LOCAL, last_sr, millis(1000))]);
    let [rtt] = bench.rtts()[..] else { panic!("one measurement") };
    assert!(about(rtt.latest, millis(500)), "{rtt:?}");
    assert_eq!(bench.chain.facts().rtt(), Some(rtt));
    // A second one, 100 ms: smoothed by an eighth.
    bench.skip(millis(100));
    hear(&mut bench, &[block(LOCAL, last_sr, millis(1500))]);
    let [second] = bench.rtts()[..] else { panic!("one measurement") };
    assert!(about(second.latest, millis(100)) && about(second.smoothed, millis(450)), "{second:?}");
    assert_eq!(second.min, second.latest);
    assert_eq!(bench.report().counters().round_trips, 2);
}

#[test]
fn the_smallest_is_that_of_the_last_ten_seconds() {
    let mut bench = sender();
    let last_sr = last_sr(&mut bench);
    let asked = bench.now();
    let mut measure = |rtt: u64| {
        bench.skip(millis(700));
        let kept = bench.now() - asked - millis(rtt);
        hear(&mut bench, &[block(LOCAL, last_sr, kept)]);
        let [measured] = bench.rtts()[..] else { panic!("one measurement") };
        assert!(about(measured.latest, millis(rtt)));
        (bench.elapsed(), measured.min)
    };
    for _ in 0..20 {
        let (_, min) = measure(35);
        assert!(about(min, millis(35)), "{min:?}");
    }
    // A route over the satellite.
    let (mut changed, mut mins) = (Duration::ZERO, Vec::new());
    for i in 0..20 {
        let (at, min) = measure(640 - i);
        changed = if i == 0 { at } else { changed };
        mins.push((at - changed, min));
    }
    let (before, after): (Vec<_>, Vec<_>) = mins.into_iter().partition(|(_, min)| about(*min, millis(35)));
    assert!(before.iter().all(|(since, _)| *since < Duration::from_secs(10)), "{before:?}");
    assert!(before.last().is_some_and(|(since, _)| *since > Duration::from_secs(7)), "{before:?}");
    assert!(after.iter().all(|(_, min)| *min > millis(620)), "{after:?}");
}

#[test]
fn measures_from_blocks_in_sender_reports_and_about_retransmissions() {
    let mut bench = sender();
    let last_sr = last_sr(&mut bench);
    bench.skip(millis(80));
    bench.receive_rtcp(|rtcp| {
        rtcp.sender_report(9, Default::default(), 0, 0, 0, &[block(0x2222, last_sr, millis(30))]);
    });
    assert!(matches!(bench.rtts()[..], [rtt] if about(rtt.latest, millis(50))));
}

#[test]
fn ignores_blocks_about_others_and_from_who_has_not_heard_us() {
    let mut bench = sender();
    let last_sr = last_sr(&mut bench);
    bench.skip(millis(10));
    hear(&mut bench, &[block(0xdead, last_sr, Duration::ZERO), block(LOCAL, 0, millis(1))]);
    assert!(bench.rtts().is_empty());
    assert_eq!(bench.report().counters().round_trips, 0);
}

#[test]
fn drops_negative_and_absurd_results() {
    let mut bench = sender();
    let last_sr = last_sr(&mut bench);
    bench.skip(millis(100));
    hear(
        &mut bench,
        &[block(LOCAL, last_sr, millis(101)), block(LOCAL, last_sr, Duration::from_secs(80_000))],
    );
    bench.skip(Duration::from_secs(61));
    hear(&mut bench, &[block(LOCAL, last_sr, Duration::ZERO)]);
    assert!(bench.rtts().is_empty());
    assert_eq!(bench.report().counters().absurd_round_trips, 3);
}

#[test]
fn one_datagram_publishes_once_with_all_its_measurements() {
    let mut bench = sender();
    let last_sr = last_sr(&mut bench);
    bench.skip(millis(100));
    hear(&mut bench, &[block(LOCAL, last_sr, millis(60)), block(0x2222, last_sr, millis(20))]);
    let [rtt] = bench.rtts()[..] else { panic!("published once") };
    assert!(
        about(rtt.latest, millis(80)) && about(rtt.min, millis(40)) && about(rtt.smoothed, millis(45)),
        "{rtt:?}"
    );
}

#[test]
fn two_ends_measure_the_delay_of_the_link() {
    use interceptor_core::Registry;
    use interceptor_report::ReportFactory;
    use interceptor_test::{LinkOptions, Pair, PairOptions, Side, rtp};

    let registry = Registry::new().with(ReportFactory::default());
    let links = LinkOptions::default().with_delay(millis(35));
    let mut pair = Pair::new(&registry, &registry, PairOptions::default().with_links(links)).unwrap();
    pair.bind(Side::A, stream_info::video(1)).unwrap();
    pair.bind(Side::B, stream_info::video(2)).unwrap();
    for (side, ssrc) in [(Side::A, 1), (Side::B, 2)] {
        pair.feed(side, rtp(ssrc).payload_len(100).stream().every(millis(20)).take(250));
    }
    pair.run_for(Duration::from_secs(5));
    for side in [Side::A, Side::B] {
        let Some(Rtt { latest, smoothed, min }) = pair.chain(side).facts().rtt() else {
            panic!("no round trip")
        };
        assert!([latest, smoothed, min].iter().all(|rtt| about(*rtt, millis(70))), "{latest:?}");
    }
}
