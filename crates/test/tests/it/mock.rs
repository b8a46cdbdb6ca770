//! The scripted interceptor.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use interceptor_core::packet::NtpTime;
use interceptor_core::{
    Chain, ChainConfig, Error, Event, Flow, Incoming, KeyframeNeeded, Outgoing, Registry, Stage,
};
use interceptor_test::{Clock, Hook, MockFactory, hex, rtp, stream_info};

fn chain(mock: MockFactory) -> Chain {
    let config = ChainConfig::new("a", Clock::new().now(), NtpTime::default(), 1);
    Registry::new().with(mock).build(config).expect("a mock builds")
}

#[test]
fn an_empty_script_passes_everything_on() {
    let now = Clock::new().now();
    let mut chain = chain(MockFactory::new("mock"));
    chain.bind_local(stream_info::video(1), now).expect("free");
    chain.write_rtp(rtp(1).build(), now);
    assert_eq!(chain.poll_wire(), Some(Outgoing::Rtp(rtp(1).build())));
    assert_eq!(chain.layout().rows()[0].local_streams, 1);
}

#[test]
fn plays_all_hooks_in_the_order_of_the_script() {
    let now = Clock::new().now();
    let mock = MockFactory::new("mock").at(Stage::NACK);
    let script = mock.script();
    for name in ["bind_local", "bind_remote"] {
        script.add(name, Arc::new(|_, _| Ok(Flow::Forward)));
    }
    script.add(
        "write_rtp",
        Arc::new(|hook, cx| {
            let Hook::WriteRtp(packet) = hook else { panic!("another hook") };
            packet.set_sequence_number(77);
            cx.wake_at(cx.now());
            Ok(Flow::Forward)
        }),
    );
    script.add("handle_timeout", Arc::new(|_, _| Ok(Flow::Forward)));
    script.add("read_rtp", Arc::new(|_, _| Ok(Flow::Consumed)));
    script.add("read_unbound_rtp", Arc::new(|_, _| Err(Error::msg("scripted"))));
    script.add("handle_error", Arc::new(|_, _| Ok(Flow::Forward)));
    script.add("write_rtcp", Arc::new(|_, _| Ok(Flow::Consumed)));
    script.add("read_rtcp", Arc::new(|_, _| Ok(Flow::Consumed)));
    script.add("write_unbound_rtp", Arc::new(|_, _| Ok(Flow::Consumed)));
    script.add("handle_fact", Arc::new(|_, _| Ok(Flow::Forward)));
    script.add("amend_local", Arc::new(|_, _| Ok(Flow::Forward)));
    script.add("amend_remote", Arc::new(|_, _| Ok(Flow::Consumed)));
    // Who leaves a stream at its amendment is unbound from it at once.
    for name in ["unbind_remote", "unbind_local", "close"] {
        script.add(name, Arc::new(|_, _| Ok(Flow::Forward)));
    }

    let mut chain = chain(mock);
    chain.bind_local(stream_info::video(1), now).expect("free");
    chain.bind_remote(stream_info::video(2), now).expect("free");
    chain.write_rtp(rtp(1).build(), now);
    chain.handle_timeout(now);
    for datagram in [rtp(2).build().to_bytes(), rtp(3).build().to_bytes()] {
        chain.read_datagram(datagram, now);
    }
    let report = hex("80 c9 0001 00000001");
    chain.write_rtcp(interceptor_core::packet::RtcpPacket::parse(report.clone()).expect("well formed"), now);
    chain.read_datagram(report, now);
    chain.write_rtp(rtp(9).build(), now);
    chain.publish(KeyframeNeeded { ssrc: 2 }, now);
    chain.amend_local(stream_info::bare(1), now).expect("bound");
    chain.amend_remote(stream_info::bare(2), now).expect("bound");
    chain.unbind_local(1, now).expect("bound");
    chain.unbind_remote(2, now).expect("bound");
    chain.close(now).expect("closes");

    assert!(!script.has_more());
    assert_eq!(chain.poll_wire(), Some(Outgoing::Rtp(rtp(1).seq(77).build())));
    assert_eq!(chain.poll_wire(), None);
    assert_eq!(chain.poll_app(), Some(Incoming::UnboundRtp(rtp(3).build())));
    assert_eq!(chain.poll_app(), None);
}

#[test]
fn a_bind_that_is_consumed_takes_no_part() {
    let now = Clock::new().now();
    let mock = MockFactory::new("mock");
    let calls = Arc::new(AtomicU32::new(0));
    let script = mock.script();
    script.set("bind_local", Arc::new(|_, _| Ok(Flow::Consumed)));
    let counted = Arc::clone(&calls);
    script.set(
        "write_rtp",
        Arc::new(move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(Flow::Forward)
        }),
    );
    let mut chain = chain(mock);
    chain.bind_local(stream_info::video(1), now).expect("free");
    chain.write_rtp(rtp(1).build(), now);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[test]
fn a_call_out_of_order_fails_even_if_the_chain_catches_the_panic() {
    let now = Clock::new().now();
    let mock = MockFactory::new("mock");
    let script = mock.script();
    script.add("read_rtp", Arc::new(|_, _| Ok(Flow::Forward)));
    script.add("write_rtp", Arc::new(|_, _| Ok(Flow::Forward)));
    let mut chain = chain(mock);
    chain.bind_local(stream_info::video(1), now).expect("free");
    chain.write_rtp(rtp(1).build(), now);
    assert!(matches!(chain.poll_event(), Some(Event::Bypassed { interceptor: "mock", .. })));

    drop(chain);
    let panic = catch_unwind(AssertUnwindSafe(|| drop(script))).expect_err("the last owner complains");
    let message = panic.downcast_ref::<String>().expect("a formatted message");
    assert!(message.contains("write_rtp is out of order"), "{message}");
}
