//! Streams and connections come and go.

use std::sync::Arc;

use interceptor_core::{BuildContext, BuildError, Error, Factory, Rtt};
use interceptor_core::{
    Chain, Context, Event, Flow, Interceptor, Registry, Result, Stage, StreamInfo, StreamTarget,
    TargetBitrate,
};
use interceptor_packet::{RtcpPacket, RtpPacket};
use interceptor_stats::{ConnectionEnded, InterceptorErrors, Stats, StatsFactory, StatsOptions, StreamEnded};
use interceptor_test::{Clock, rtp};

use crate::support::{Bench, LOCAL, REMOTE, config, ms, video};

fn events<T: Clone + 'static>(chain: &mut Chain) -> Vec<T> {
    std::iter::from_fn(|| chain.poll_event()).filter_map(|event| event.raised::<T>().cloned()).collect()
}

#[test]
fn a_stream_goes_at_unbind_and_its_last_statistics_are_raised() {
    let mut bench = Bench::new();
    // One SSRC both ways: only the stream that ends is in the event.
    bench.bind_remote(video(REMOTE));
    bench.bind_local(video(REMOTE));
    bench.receive(rtp(REMOTE).payload_len(10).build());
    bench.chain.unbind_remote(REMOTE, bench.clock.now()).expect("bound");
    let ended: Vec<StreamEnded> = events(&mut bench.chain);
    let [ended] = &ended[..] else { panic!("{ended:?}") };
    assert_eq!(&*ended.connection, "call");
    assert_eq!(ended.stats.inbound_rtp.as_ref().map(|inbound| inbound.bytes_received), Some(10));
    assert_eq!(ended.stats.outbound_rtp, None);
    let left = bench.handle.stream("call", REMOTE).expect("the local stream stays");
    assert!(left.inbound_rtp.is_none() && left.outbound_rtp.is_some());
    bench.chain.unbind_local(REMOTE, bench.clock.now()).expect("bound");
    assert_eq!(bench.handle.stream("call", REMOTE), None);
}

#[test]
fn a_stream_that_is_bound_again_starts_at_zero() {
    let mut bench = Bench::new();
    bench.bind_remote(video(REMOTE));
    bench.receive(rtp(REMOTE).build());
    bench.chain.unbind_remote(REMOTE, bench.clock.now()).expect("bound");
    bench.bind_remote(video(REMOTE));
    assert_eq!(bench.inbound().packets_received, 0);
}

#[test]
fn a_connection_goes_at_close_and_its_last_statistics_are_raised() {
    let mut bench = Bench::with_video();
    bench.receive(rtp(REMOTE).build());
    bench.send(rtp(LOCAL).build());
    bench.chain.close(bench.clock.now()).expect("closes");
    let ended: Vec<ConnectionEnded> = events(&mut bench.chain);
    let [ended] = &ended[..] else { panic!("{ended:?}") };
    assert_eq!((ended.stats.inbound_rtp.len(), ended.stats.outbound_rtp.len()), (1, 1));
    assert_eq!(ended.stats.outbound_rtp[0].packets_sent, 1);
    assert!(bench.handle.connections().is_empty() && bench.handle.snapshot().is_empty());
    assert_eq!(bench.handle.connection("call"), None);
    bench.chain.close(bench.clock.now()).expect("closing twice is harmless");
    assert_eq!(events::<ConnectionEnded>(&mut bench.chain), []);
}

#[test]
fn a_chain_that_is_dropped_leaves_nothing() {
    let bench = Bench::with_video();
    let handle = bench.handle.clone();
    assert_eq!(handle.connections(), [Arc::from("call")]);
    drop(bench);
    assert!(handle.connections().is_empty());
}

#[test]
fn a_thousand_connections_leave_nothing() {
    let factory = StatsFactory::default();
    let handle = factory.handle();
    let registry = Registry::new().with(factory);
    let clock = Clock::new();
    let mut chains: Vec<Chain> = (0..1000)
        .map(|number| registry.build(config(&format!("call-{number:03}"), &clock)).expect("builds"))
        .collect();
    for chain in &mut chains {
        for ssrc in 1..=5 {
            chain.bind_local(video(ssrc), clock.now()).expect("new");
            chain.bind_remote(video(ssrc), clock.now()).expect("new");
            chain.write_rtp(rtp(ssrc).build(), clock.now());
        }
    }
    assert_eq!((handle.connections().len(), handle.snapshot().len()), (1000, 1000));
    assert!(handle.connections().is_sorted());
    for (number, mut chain) in chains.into_iter().enumerate() {
        if number % 2 == 0 {
            chain.close(clock.now()).expect("closes");
        }
        let left = handle.connections().len();
        drop(chain);
        assert!(left >= handle.connections().len());
    }
    assert!(handle.connections().is_empty() && handle.snapshot().is_empty());
}

#[test]
fn of_two_connections_with_one_id_the_newest_is_read() {
    let factory = StatsFactory::default();
    let handle = factory.handle();
    let registry = Registry::new().with(factory);
    let clock = Clock::new();
    let mut old = registry.build(config("call", &clock)).expect("builds");
    old.bind_local(video(1), clock.now()).expect("new");
    let mut new = registry.build(config("call", &clock)).expect("builds");
    new.bind_local(video(2), clock.now()).expect("new");
    assert!(handle.stream("call", 1).is_none() && handle.stream("call", 2).is_some());
    assert_eq!((handle.connections().len(), handle.snapshot().len()), (1, 2));
    new.close(clock.now()).expect("closes");
    assert!(handle.stream("call", 1).is_some());
    old.close(clock.now()).expect("closes");
    assert!(handle.connections().is_empty());
}

#[test]
fn statistics_can_be_attached_to_a_running_chain_and_taken_off() {
    let clock = Clock::new();
    let mut chain = Registry::new().build(config("live", &clock)).expect("builds");
    chain.bind_local(video(LOCAL), clock.now()).expect("new");
    let factory = StatsFactory::default();
    let handle = factory.handle();
    let stats = factory.attach(chain.config());
    chain.insert("stats", Stage::CAPTURE, stats, clock.now()).expect("joins");
    chain.write_rtp(rtp(LOCAL).build(), clock.now());
    let sent =
        |stream: interceptor_stats::StreamStats| stream.outbound_rtp.map(|outbound| outbound.packets_sent);
    assert_eq!(handle.stream("live", LOCAL).and_then(sent), Some(1));
    assert!(chain.remove("stats", clock.now()).expect("closes"));
    assert!(handle.connections().is_empty());
    chain.write_rtp(rtp(LOCAL).build(), clock.now());
}

/// Fails at every packet, and publishes what a controller would.
struct Failing;

impl Interceptor for Failing {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), _: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        cx.publish(TargetBitrate { bits_per_second: 300_000, stable: 300_000 });
        cx.publish(Rtt::first(ms(40)));
        Err(Error::msg("no"))
    }
}

struct FailingFactory(&'static str);

impl Factory for FailingFactory {
    type Interceptor = Failing;

    fn name(&self) -> &'static str {
        self.0
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Failing, BuildError> {
        Ok(Failing)
    }
}

fn failing_bench() -> Bench {
    Bench::with(StatsOptions::default(), |registry| {
        registry.with(FailingFactory("a")).with(FailingFactory("b"))
    })
}

#[test]
fn errors_are_told_by_interceptor() {
    let mut bench = failing_bench();
    bench.bind_local(video(LOCAL));
    bench.send(rtp(LOCAL).build());
    bench.send(rtp(LOCAL).build());
    bench.run_for(ms(1000));
    let connection = bench.connection();
    let errors = |entry: &InterceptorErrors| (entry.interceptor, entry.errors);
    assert_eq!(connection.interceptor_errors.iter().map(errors).collect::<Vec<_>>(), [("a", 2), ("b", 2)]);
    assert_eq!((connection.hook_errors, connection.panics), (4, 0));
}

#[test]
fn a_target_bitrate_is_a_streams_own_while_there_is_no_other() {
    let mut bench = failing_bench();
    bench.bind_local(video(LOCAL));
    assert_eq!(bench.outbound().target_bitrate, None);
    bench.send(rtp(LOCAL).build());
    bench.run_for(ms(1000));
    assert_eq!(bench.outbound().target_bitrate, Some(300_000));
    bench.bind_local(video(77));
    assert_eq!(bench.outbound().target_bitrate, None);
    let connection = bench.connection();
    assert_eq!(connection.available_outgoing_bitrate, Some(300_000));
    assert_eq!(connection.current_round_trip_time, Some(ms(40)));
}

#[test]
fn a_stream_that_is_told_its_share_has_that_as_its_target() {
    let mut bench = Bench::new();
    bench.bind_local(video(LOCAL));
    bench.bind_local(video(77));
    let share = |ssrc, bits_per_second| StreamTarget { ssrc, bits_per_second, paused: false };
    bench.chain.publish(TargetBitrate { bits_per_second: 500_000, stable: 500_000 }, bench.clock.now());
    bench.chain.publish(share(LOCAL, 400_000), bench.clock.now());
    bench.chain.publish(share(77, 30_000), bench.clock.now());
    bench.chain.publish(share(77, 40_000), bench.clock.now());
    let streams = bench.connection().outbound_rtp;
    let target = |ssrc| streams.iter().find(|stream| stream.ssrc == ssrc).and_then(|s| s.target_bitrate);
    assert_eq!((target(LOCAL), target(77)), (Some(400_000), Some(40_000)));
}

#[test]
fn it_stands_nearest_the_wire() {
    let bench = failing_bench();
    let layout = bench.chain.layout();
    assert_eq!((layout.rows()[0].name, layout.rows()[0].stage), ("stats", Stage::CAPTURE));
    assert!(bench.chain.get::<Stats>().is_some());
}

#[test]
fn the_goodbye_of_a_closing_interceptor_is_counted() {
    struct Leaving;
    impl Interceptor for Leaving {
        type Local = ();
        type Remote = ();

        fn close(&mut self, _: interceptor_core::Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
            cx.send_rtcp(RtcpPacket::builder().bye(&[LOCAL], "").build()?);
            Ok(())
        }
    }
    let mut bench = Bench::new();
    bench.chain.insert("leaving", Stage::REPORT, Leaving, bench.clock.now()).expect("joins");
    bench.chain.close(bench.clock.now()).expect("closes");
    let raised = std::iter::from_fn(|| bench.chain.poll_event());
    let last: Vec<Event> = raised.collect();
    let ended = last.iter().find_map(|event| event.raised::<ConnectionEnded>()).expect("raised");
    assert_eq!((ended.stats.rtcp_packets_sent, ended.stats.rtcp_bytes_sent), (1, 8));
}
