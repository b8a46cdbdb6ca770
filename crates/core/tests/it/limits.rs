//! Nothing grows without a cap, and every cap is counted.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{
    Chain, ChainError, Context, Event, Flow, Interceptor, KeyframeNeeded, Limits, Result, Stage, StreamInfo,
};

use crate::probe::{Act, Bench, SSRC, config};

#[test]
fn streams_are_limited_in_each_direction() {
    let mut chain = Chain::new(config().with_limits(Limits::default().with_max_streams(2)));
    let now = chain.config().now;
    for ssrc in [1, 2] {
        chain.bind_local(StreamInfo::new(ssrc, 96, 90_000), now).unwrap();
        chain.bind_remote(StreamInfo::new(ssrc, 96, 90_000), now).unwrap();
    }
    let third = chain.bind_remote(StreamInfo::new(3, 96, 90_000), now);
    assert!(matches!(third, Err(ChainError::TooManyStreams { limit: 2 })), "{third:?}");
}

/// Answers each packet that it emits with another one.
struct Echo;

impl Interceptor for Echo {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, _: &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        cx.deliver_rtp(packet.clone());
        Ok(Flow::Forward)
    }
}

#[test]
fn interceptors_that_feed_each_other_come_to_an_end() {
    let limits = Limits::default().with_max_emitted_per_input(50);
    let mut bench = Bench::with_config(config().with_limits(limits), &[]);
    for (place, name) in ["a", "b", "c"].into_iter().enumerate() {
        bench.chain.insert(name, Stage(place as u16), Echo, bench.start).unwrap();
    }
    let mut bench = bench.bound();
    bench.read(1);
    // a emits to b and c, b to c: 1 + 2·(…) copies, far below the limit; nothing comes back to a.
    assert_eq!(bench.app().len(), 8);
}

/// Publishes something on every packet.
struct Chatty;

impl Interceptor for Chatty {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, _: &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        cx.publish(KeyframeNeeded { ssrc: packet.ssrc() });
        cx.raise("mine");
        Ok(Flow::Forward)
    }
}

#[test]
fn events_are_limited_and_carry_facts_and_values() {
    let limits = Limits::default().with_max_events(2);
    let mut bench = Bench::with_config(config().with_limits(limits), &[]);
    bench.chain.insert("chatty", Stage::NACK, Chatty, bench.start).unwrap();
    let mut bench = bench.bound();
    bench.write(1);
    bench.write(2);
    assert_eq!(bench.chain.counters().dropped_events, 2);
    let fact = bench.chain.poll_event();
    assert!(matches!(fact, Some(Event::Fact(f)) if f == KeyframeNeeded { ssrc: SSRC }.into()));
    let raised = bench.chain.poll_event().unwrap();
    assert_eq!(raised.raised::<&str>(), Some(&"mine"));
    assert!(bench.chain.poll_event().is_none());
}

#[test]
fn ten_thousand_streams_route_to_their_own_states() {
    let mut bench = Bench::new(&[("low", Act::Nothing), ("high", Act::Nothing)]);
    for ssrc in 0..10_000 {
        bench.chain.bind_remote(StreamInfo::new(ssrc * 7, 96, 90_000), bench.start).unwrap();
    }
    for ssrc in (0..10_000).rev() {
        bench.chain.unbind_remote(ssrc * 7, bench.start).unwrap();
    }
    assert_eq!(bench.chain.stream_counts(), (0, 0));
}
