//! When feedback leaves.

use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_core::packet::ext::{FeedbackRequest, TransportSequenceNumberV2};
use interceptor_test::rtp;
use interceptor_twcc::TwccOptions;

use crate::kit::{Bench, ID, MEDIA, V2, ms};

/// Packets of so many bytes at even intervals; gives when feedback left, in milliseconds.
fn feedback_times(bench: &mut Bench, bytes: usize, every: Duration, packets: u16) -> Vec<u128> {
    let mut times = Vec::new();
    for number in 0..packets {
        bench.read_packet(rtp(MEDIA).payload_len(bytes - 20).ext(ID, &number.to_be_bytes()).build());
        let end = bench.now + every;
        while let Some(at) = bench.chain.next_timeout().filter(|at| *at <= end) {
            bench.now = at;
            bench.chain.handle_timeout(at);
            times.extend(bench.wire().iter().map(|_| bench.elapsed().as_millis()));
        }
        bench.now = end;
    }
    times
}

#[test]
fn the_first_packet_is_reported_at_once_and_the_next_after_the_first_interval() {
    let mut bench = Bench::receiver(TwccOptions::default());
    let times = feedback_times(&mut bench, 1000, ms(20), 30);
    assert_eq!(times[..3], [0, 100, 200], "{times:?}");
}

/// libwebrtc's figures: 68 bytes within a twentieth of the rate, between 50 and 250 ms.
#[test]
fn feedback_takes_a_twentieth_of_the_received_rate() {
    for (bytes, every, expected) in [(125, 100, 250), (125, 10, 109), (1000, 10, 50), (1200, 1, 50)] {
        let mut bench = Bench::receiver(TwccOptions::default());
        let times = feedback_times(&mut bench, bytes, ms(every), (10_000 / every) as u16);
        let settled: Vec<u128> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let settled = &settled[settled.len() / 2..];
        let mean = settled.iter().sum::<u128>() as f64 / settled.len() as f64;
        // A packet that comes behind a feedback waits for the next one.
        let slack = every as f64;
        assert!(
            (f64::from(expected) - 2.0..=f64::from(expected) + slack).contains(&mean),
            "{bytes} B each {every} ms: {mean}"
        );
    }
}

#[test]
fn a_packet_after_a_silence_is_reported_at_once() {
    let mut bench = Bench::receiver(TwccOptions::default());
    feedback_times(&mut bench, 1000, ms(10), 100);
    bench.run(ms(5000));
    assert_eq!(bench.chain.next_timeout(), None, "no timer in a silence");
    bench.wire();
    bench.read(100);
    bench.run(Duration::ZERO);
    assert_eq!(bench.reports().len(), 1);
    bench.read(101).run(ms(99));
    assert_eq!(bench.reports().len(), 0, "what follows it waits");
    bench.run(ms(1));
    assert_eq!(bench.reports()[0].received(), [101]);
}

#[test]
fn a_late_timer_makes_one_feedback() {
    let mut bench = Bench::receiver(TwccOptions::default());
    for number in 0..50 {
        bench.read(number).pass(ms(100));
    }
    bench.run(ms(1));
    assert_eq!(bench.reports().len(), 1);
}

#[test]
fn the_options_move_the_bounds() {
    let options = TwccOptions::default()
        .with_min_interval(ms(20))
        .with_first_interval(ms(30))
        .with_max_interval(ms(40))
        .with_bandwidth_share(0.001);
    let times = feedback_times(&mut Bench::receiver(options), 1000, ms(10), 100);
    assert_eq!(times[..2], [0, 30]);
    assert!(times.windows(2).skip(20).all(|pair| pair[1] - pair[0] == 40), "{times:?}");
}

#[test]
fn a_packet_that_asks_for_feedback_has_it_sooner_but_not_within_the_shortest_interval() {
    let mut bench = Bench::new(TwccOptions::default(), |config| config);
    let info = StreamInfo::new(MEDIA, 96, 90_000).with_feedback("transport-cc", "").with_extension(ID, V2);
    bench.chain.bind_remote(info, bench.now).unwrap();
    let packet = |sequence_number, request: bool| {
        let feedback_request = if request { FeedbackRequest::new(true, 3) } else { None };
        let value = TransportSequenceNumberV2 { sequence_number, feedback_request };
        rtp(MEDIA).ext(ID, &value.to_fixed_bytes()).build()
    };
    bench.read_packet(packet(0, false)).run(ms(1));
    assert_eq!(bench.reports().len(), 1, "two bytes and four are read alike");
    bench.read_packet(rtp(MEDIA).ext(ID, &[0, 1]).build()).run(ms(9));
    bench.read_packet(packet(2, true)).run(ms(39));
    assert_eq!(bench.reports().len(), 0);
    bench.run(ms(1));
    assert_eq!(bench.reports()[0].received(), [1, 2]);
    assert_eq!(bench.counters().feedback_requests, 1);
}
