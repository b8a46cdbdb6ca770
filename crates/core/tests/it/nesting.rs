//! A chain is an interceptor of another chain.

use std::time::Duration;

use interceptor_core::packet::RtcpPacket;
use interceptor_core::{Nested, Registry, Stage, StreamInfo};

use crate::probe::{Act, Bench, Log, ProbeFactory, SSRC, config};

/// Outer probes below and above a nested chain of two.
fn nested(inner: [(&'static str, Act); 2]) -> Bench {
    let log = Log::default();
    let make = |name, stage, act| ProbeFactory { name, stage, act, log: log.clone() };
    let [low, high] = inner;
    let inner = Registry::new().with(make(low.0, Stage(10), low.1)).with(make(high.0, Stage(20), high.1));
    let registry = Registry::new()
        .with(make("outer-low", Stage(10), Act::Nothing))
        .with(Nested::new("inner", Stage(20), inner))
        .with(make("outer-high", Stage(30), Act::Nothing));
    let chain = registry.build(config()).unwrap();
    Bench { start: chain.config().now, chain, log }
}

#[test]
fn packets_run_through_a_nested_chain_in_order() {
    let mut bench = nested([("low", Act::Nothing), ("high", Act::Nothing)]).bound();
    bench.write(1);
    bench.read(2);
    let pli = RtcpPacket::builder().pli(1, 2).build().unwrap();
    bench.chain.read_rtcp(pli, bench.start);
    assert_eq!(
        bench.log(),
        [
            ["outer-high write 1", "high write 1", "low write 1", "outer-low write 1"],
            ["outer-low read 2", "low read 2", "high read 2", "outer-high read 2"],
            ["outer-low read-rtcp 12", "low read-rtcp 12", "high read-rtcp 12", "outer-high read-rtcp 12"],
        ]
        .concat()
    );
    assert_eq!((bench.wire(), bench.app()), (vec![1], vec![2]));
}

#[test]
fn what_a_nested_chain_emits_goes_on_in_the_outer_one() {
    let mut bench = nested([("low", Act::Nothing), ("high", Act::Send(1))]).bound();
    bench.write(1);
    assert_eq!(bench.wire(), [1, 1001]);
    assert!(bench.log().contains(&"outer-low write 1001".to_owned()));
}

#[test]
fn a_nested_chain_s_timers_run() {
    let after = Duration::from_millis(20);
    let mut bench = nested([("low", Act::Nothing), ("timer", Act::Wake(after))]).bound();
    bench.write(1);
    bench.log();
    bench.chain.handle_timeout(bench.start + after);
    assert_eq!(bench.log(), ["timer timeout"]);
    assert_eq!(bench.chain.next_timeout(), Some(bench.start + 2 * after));
}

#[test]
fn a_nested_chain_binds_unbinds_and_closes_with_the_outer_one() {
    let mut bench = nested([("low", Act::Nothing), ("high", Act::Consume)]);
    bench.chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), bench.start).unwrap();
    bench.log();
    bench.write(1);
    assert!(bench.wire().is_empty(), "consumed inside is consumed outside");
    bench.chain.unbind_local(SSRC, bench.start).unwrap();
    bench.chain.close(bench.start).unwrap();
    let log = bench.log();
    let unbound = log.iter().filter(|line| line.contains("unbind-local")).count();
    let closed = log.iter().filter(|line| line.contains("close")).count();
    assert_eq!((unbound, closed), (4, 4), "{log:?}");
}
