//! What a handle shows of connections, made before any.

use interceptor_congestion::CongestionOptions;
use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, Registry};
use interceptor_test::Clock;

use crate::kit::{factory, ms, numbered, twcc, video};

#[test]
fn connections_are_found_by_name_and_counted_when_they_have_ended() {
    let (factory, controller) = factory(CongestionOptions::default());
    let handle = factory.handle();
    assert_eq!((handle.target(), handle.connections().len()), (None, 0));
    let registry = Registry::new().with(factory);
    let now = Clock::new().now();
    let build = |id| registry.build(ChainConfig::new(id, now, NtpTime::default(), 7)).unwrap();
    let (mut first, second) = (build("first"), build("second"));
    first.bind_local(video(), now).unwrap();
    first.write_rtp(numbered(0), now);
    controller.script().decision.target = 400_000;
    first.read_rtcp(twcc(0, 1, 0, &[Some(0)]), now + ms(40));
    let (one, other) = (handle.connection("first"), handle.connection("second"));
    assert_eq!((one.target(), one.stable(), other.target()), (Some(400_000), Some(380_000), Some(300_000)));
    assert_eq!(one.link().map(|link| link.rtt), Some(ms(50)));
    assert_eq!((one.totals().feedback_used, other.totals().feedback_used), (1, 0));
    drop((first, second));
    assert_eq!((handle.connections().len(), handle.totals().feedback_used), (0, 1));
    assert_eq!(one.totals().feedback_used, 0);
}

#[test]
fn limits_that_are_set_before_hold_for_connections_to_come() {
    let (factory, controller) = factory(CongestionOptions::default());
    let handle = factory.handle();
    let limits = interceptor_congestion::RateLimits { min: 6000, max: 90_000 };
    assert_eq!(handle.set_limits(limits), Ok(0));
    let now = Clock::new().now();
    let chain =
        Registry::new().with(factory).build(ChainConfig::new("a", now, NtpTime::default(), 7)).unwrap();
    assert_eq!(controller.script().limits, [limits]);
    drop(chain);
}
