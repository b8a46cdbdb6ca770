//! Bits and packets a second.

use std::time::Duration;

use interceptor_stats::{StatsFactory, StatsOptions};
use interceptor_test::rtp;

use crate::support::{Bench, LOCAL, REMOTE, ms, video};

/// 50 packets a second of 250 bytes each way.
fn flow(bench: &mut Bench, packets: u16) {
    for seq in 0..packets {
        bench.receive(rtp(REMOTE).seq(seq).payload_len(250).build());
        bench.send(rtp(LOCAL).seq(seq).payload_len(250).build());
        bench.run_for(ms(20));
    }
}

fn video_bench(options: StatsOptions) -> Bench {
    let mut bench = Bench::with(options, |registry| registry);
    bench.bind_remote(video(REMOTE));
    bench.bind_local(video(LOCAL));
    bench
}

#[test]
fn rates_are_those_of_the_last_whole_window() {
    let mut bench = video_bench(StatsOptions::default());
    // Silence at the start belongs to no window.
    bench.run_for(ms(7300));
    flow(&mut bench, 49);
    assert_eq!(bench.inbound().bits_per_second, None);
    flow(&mut bench, 1);
    let (inbound, outbound) = (bench.inbound(), bench.outbound());
    assert_eq!((inbound.packets_per_second, inbound.bits_per_second), (Some(50.0), Some(100_000.0)));
    assert_eq!((outbound.packets_per_second, outbound.bits_per_second), (Some(50.0), Some(100_000.0)));
    // The next window is open: the figure stands.
    flow(&mut bench, 10);
    assert_eq!(bench.inbound().packets_per_second, Some(50.0));
}

#[test]
fn rates_go_to_zero_in_silence_and_then_no_timer_runs() {
    let mut bench = video_bench(StatsOptions::default());
    assert_eq!(bench.chain.next_timeout(), None);
    flow(&mut bench, 100);
    bench.run_for(Duration::from_secs(10));
    assert_eq!(bench.inbound().bits_per_second, Some(0.0));
    assert_eq!(bench.chain.next_timeout(), None);
    // After silence the first window is full again.
    flow(&mut bench, 50);
    assert_eq!(bench.inbound().packets_per_second, Some(50.0));
}

#[test]
fn a_timer_that_comes_late_does_not_raise_the_rate() {
    let mut bench = video_bench(StatsOptions::default());
    for seq in 0..100 {
        bench.receive(rtp(REMOTE).seq(seq).payload_len(250).build());
        bench.clock.advance(ms(20));
    }
    bench.chain.handle_timeout(bench.clock.now());
    assert_eq!(bench.inbound().packets_per_second, Some(50.0));
}

#[test]
fn a_stream_that_is_bound_in_mid_window_has_a_shorter_first_one() {
    let mut bench = video_bench(StatsOptions::default());
    flow(&mut bench, 25);
    bench.bind_remote(video(77));
    for seq in 0..25 {
        bench.receive(rtp(77).seq(seq).build());
        bench.run_for(ms(20));
    }
    let stream = bench.handle.stream("call", 77).and_then(|stream| stream.inbound_rtp).expect("bound");
    assert_eq!(stream.packets_per_second, Some(50.0));
}

#[test]
fn rates_can_be_turned_off() {
    let mut bench = video_bench(StatsOptions::default().with_rate_window(Duration::ZERO));
    flow(&mut bench, 100);
    assert_eq!((bench.inbound().bits_per_second, bench.chain.next_timeout()), (None, None));
}

#[test]
fn a_window_outside_its_range_is_refused() {
    let refused = |window| {
        StatsFactory::new(StatsOptions::default().with_rate_window(window))
            .map(drop)
            .map_err(|e| e.to_string())
    };
    let error = "StatsOptions::rate_window is 99ms, it has to be 0 or in 100ms..=1h";
    assert_eq!(refused(ms(99)), Err(error.to_owned()));
    assert!(refused(Duration::from_nanos(1)).is_err() && refused(Duration::from_secs(3601)).is_err());
    assert!(refused(ms(100)).is_ok() && refused(Duration::from_secs(3600)).is_ok());
}
