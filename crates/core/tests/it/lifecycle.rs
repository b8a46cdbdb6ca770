//! Streams and interceptors that come and go.

use std::sync::Arc;
use std::time::Duration;

use interceptor_core::packet::Rtcp;
use interceptor_core::{
    Chain, ChainError, Context, Interceptor, Outgoing, Registry, Result, Stage, StreamInfo,
};

use crate::probe::{Act, Bench, Log, ProbeFactory, SSRC, config, rtp};

#[test]
fn streams_bind_from_the_wire_up_and_unbind_from_the_application_down() {
    let mut bench = Bench::new(&[("low", Act::Nothing), ("high", Act::Nothing)]);
    let (start, info) = (bench.start, StreamInfo::new(5, 96, 90_000));
    bench.chain.bind_local(info.clone(), start).unwrap();
    bench.chain.unbind_local(5, start).unwrap();
    let seen = ["low bind-local 5", "high bind-local 5", "high unbind-local 5", "low unbind-local 5"];
    assert_eq!(bench.log(), seen);
    bench.chain.bind_remote(info, start).unwrap();
    bench.chain.unbind_remote(5, start).unwrap();
    assert_eq!(bench.log(), seen.map(|line| line.replace("local", "remote")));
    let rows = bench.chain.layout();
    assert!(rows.rows().iter().all(|row| (row.local_streams, row.remote_streams) == (0, 0)));
}

#[test]
fn an_ssrc_is_bound_once_a_direction_in_any_role() {
    let mut chain = Chain::new(config());
    let now = chain.config().now;
    chain.bind_local(StreamInfo::new(1, 96, 90_000).with_rtx(2, 97), now).unwrap();
    chain.bind_remote(StreamInfo::new(1, 96, 90_000), now).unwrap();
    for taken in [1, 2] {
        let again = chain.bind_local(StreamInfo::new(taken, 96, 90_000), now);
        assert!(matches!(again, Err(ChainError::SsrcInUse { ssrc }) if ssrc == taken), "{again:?}");
    }
    assert!(
        matches!(chain.unbind_local(2, now), Err(ChainError::UnknownSsrc { ssrc: 2 })),
        "2 is not a media SSRC"
    );
    chain.unbind_local(1, now).unwrap();
    chain.bind_local(StreamInfo::new(2, 96, 90_000), now).unwrap();
}

#[test]
fn an_interceptor_joins_a_running_call_and_leaves_it() {
    let mut bench = Bench::new(&[("low", Act::Nothing), ("high", Act::Nothing)]).bound();
    bench.insert("middle", Stage(15), Act::Nothing);
    assert_eq!(bench.log(), [format!("middle bind-local {SSRC}"), format!("middle bind-remote {SSRC}")]);
    bench.write(1);
    bench.read(2);
    assert_eq!(
        bench.log(),
        ["high write 1", "middle write 1", "low write 1", "low read 2", "middle read 2", "high read 2"]
    );

    assert!(bench.chain.remove("low", bench.start).unwrap());
    assert!(!bench.chain.remove("low", bench.start).unwrap());
    bench.log();
    bench.write(3);
    assert_eq!(bench.log(), ["high write 3", "middle write 3"]);
    assert_eq!(bench.wire(), [1, 3]);
}

#[test]
fn an_interceptor_that_refuses_a_running_stream_does_not_join() {
    let mut bench = Bench::new(&[("low", Act::Nothing)]).bound();
    let log = bench.log.clone();
    let strict = crate::probe::Probe { name: "strict", act: Act::Refuse, log };
    assert!(bench.chain.insert("strict", Stage::NACK, strict, bench.start).is_err());
    assert_eq!(bench.chain.layout().rows().len(), 1);
    bench.write(1);
    assert_eq!(bench.wire(), [1]);
}

#[test]
fn what_an_interceptor_says_goodbye_with_passes_those_below_it() {
    let mut bench = Bench::new(&[("low", Act::Nothing), ("polite", Act::Send(0))]).bound();
    bench.chain.close(bench.start).unwrap();
    assert_eq!(bench.log(), ["polite close", "low write-rtcp 8", "low close"]);
    let Some(Outgoing::Rtcp(bye)) = bench.chain.poll_wire() else { panic!("no BYE") };
    assert!(matches!(bye.packets().next(), Some(Rtcp::Bye(_))));
}

#[test]
fn a_closed_chain_takes_nothing_more() {
    let after = Duration::from_secs(1);
    let mut bench = Bench::new(&[("low", Act::Nothing), ("waits", Act::Wake(after))]).bound();
    bench.write(0);
    assert_eq!(bench.chain.next_timeout(), Some(bench.start + after));
    assert_eq!(bench.wire(), [0]);
    bench.chain.close(bench.start).unwrap();
    bench.log();
    bench.write(1);
    bench.read(2);
    assert_eq!(bench.chain.counters().after_close, 2);
    bench.chain.handle_timeout(bench.start + 2 * after);
    assert!(bench.log().is_empty() && bench.wire().is_empty() && bench.app().is_empty());
    let bound = bench.chain.bind_local(StreamInfo::new(9, 96, 90_000), bench.start);
    assert!(matches!(bound, Err(ChainError::Closed)));
    assert_eq!(bench.chain.next_timeout(), None, "what was waited for before is forgotten");
}

#[test]
fn a_failing_factory_closes_what_was_built_in_reverse_order_and_is_named() {
    let log = Log::default();
    let make = |name, stage, act| ProbeFactory { name, stage, act, log: log.clone() };
    let registry = Registry::new()
        .with(make("first", Stage::NACK, Act::Nothing))
        .with(make("second", Stage::CAPTURE, Act::Nothing))
        .with(make("broken", Stage::RTX, Act::Refuse))
        .with(make("never", Stage::RTX, Act::Nothing));
    let error = registry.build(config()).unwrap_err();
    assert_eq!(error.to_string(), "building interceptor `broken` failed: told to refuse");
    assert_eq!(*log.lock().unwrap(), ["second close", "first close"]);
}

#[test]
fn an_empty_registry_builds_a_chain_that_passes_everything_through() {
    let mut chain = Registry::new().build(config()).unwrap();
    let now = chain.config().now;
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    let packet = rtp(SSRC, 1);
    chain.write_rtp(packet.clone(), now);
    assert_eq!(chain.poll_wire(), Some(Outgoing::Rtp(packet)));
}

/// Its state of a stream is one more reference.
struct Holds(Arc<()>);

impl Interceptor for Holds {
    type Local = Arc<()>;
    type Remote = Arc<()>;

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<Arc<()>>> {
        Ok(Some(Arc::clone(&self.0)))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<Arc<()>>> {
        Ok(Some(Arc::clone(&self.0)))
    }
}

#[test]
fn what_a_bind_has_made_is_dropped_at_unbind_at_the_close_and_with_the_interceptor() {
    let held = Arc::new(());
    let mut chain = Chain::new(config());
    let now = chain.config().now;
    chain.insert("holds", Stage::NACK, Holds(Arc::clone(&held)), now).unwrap();
    chain.insert("twice", Stage::NACK, Holds(Arc::clone(&held)), now).unwrap();
    for ssrc in 1..=3 {
        chain.bind_local(StreamInfo::new(ssrc, 96, 90_000), now).unwrap();
        chain.bind_remote(StreamInfo::new(ssrc, 96, 90_000), now).unwrap();
    }
    let references = || Arc::strong_count(&held) - 1;
    assert_eq!(references(), 2 + 12);
    chain.unbind_local(1, now).unwrap();
    chain.unbind_remote(2, now).unwrap();
    assert_eq!(references(), 2 + 8);
    assert!(chain.remove("twice", now).unwrap());
    assert_eq!(references(), 1 + 4);
    chain.close(now).unwrap();
    assert_eq!(references(), 1, "of a closed chain only the interceptors are left");
    drop(chain);
    assert_eq!(references(), 0);
}
