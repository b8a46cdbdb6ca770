//! Rates that are set while chains run.

use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, Registry};
use interceptor_limit::{Bounds, LimitFactory, LimitOptions, Policy, Rates, Scope, Way};
use interceptor_test::{rtp, stream_info};

use crate::kit::{BOTH, MS, Rig, SECOND, packets, rate};

const WAIT: Policy = Policy::Wait { packets: 1000, bytes: 1 << 20 };

fn each(way: Way) -> Scope {
    match way {
        Way::Outgoing => Scope::Local,
        Way::Incoming => Scope::Remote,
    }
}

fn one(way: Way, ssrc: u32) -> Scope {
    match way {
        Way::Outgoing => Scope::LocalStream(ssrc),
        Way::Incoming => Scope::RemoteStream(ssrc),
    }
}

#[test]
fn what_has_come_in_stays_in_up_to_the_new_burst() {
    for way in BOTH {
        for (burst, passes) in [(4, 4), (20, 10)] {
            let mut rig = Rig::of_streams(way, packets(1, 10, Policy::Drop));
            rig.bind(stream_info::video(1)).unwrap();
            let rates = Rates::default().with_packets(rate(1, burst));
            assert_eq!(rig.handle.set_rate(each(way), rates).unwrap(), 1);
            (0..30).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
            assert_eq!(rig.out.len(), passes, "of ten tokens, with a burst of {burst} from now on");
        }
    }
}

#[test]
fn what_waits_hears_of_a_new_rate_within_100_ms_though_nothing_comes() {
    for way in BOTH {
        // One an hour: the second packet would wait for that.
        let hourly = Bounds::default()
            .with_packets(interceptor_limit::Rate::new(1, 3600 * SECOND, 1).unwrap())
            .with_policy(WAIT);
        let mut rig = Rig::of_streams(way, hourly);
        rig.bind(stream_info::video(1)).unwrap();
        (0..3).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
        rig.pass(SECOND);
        assert_eq!(rig.numbers(), [0]);
        rig.handle.set_rate(each(way), Rates::default().with_packets(rate(1000, 1))).unwrap();
        rig.pass(103 * MS);
        assert_eq!(rig.numbers(), [0, 1, 2]);
    }
}

#[test]
fn without_a_rate_everything_passes() {
    for way in BOTH {
        let mut rig = Rig::of_streams(way, packets(1, 1, WAIT));
        rig.bind(stream_info::video(1)).unwrap();
        (0..5).for_each(|seq| rig.give(rtp(1).seq(seq).build()));
        rig.handle.set_rate(each(way), Rates::default()).unwrap();
        // The next packet of anybody brings it, and passes behind those that wait.
        rig.give(rtp(1).seq(5).build());
        rig.pass(2 * MS);
        assert_eq!(rig.numbers(), [0, 1, 2, 3, 4, 5]);
    }
}

#[test]
fn a_stream_can_have_rates_of_its_own_until_all_get_new_ones() {
    for way in BOTH {
        let mut rig = Rig::of_streams(way, packets(1, 5, Policy::Drop));
        for ssrc in [1, 2] {
            rig.bind(stream_info::video(ssrc)).unwrap();
        }
        let narrow = Rates::default().with_packets(rate(1, 1));
        assert_eq!(rig.handle.set_rate(one(way, 1), narrow).unwrap(), 1);
        assert_eq!(rig.handle.set_rate(one(way, 9), narrow).unwrap(), 0, "no such stream");
        assert_eq!(rig.handle.stream(way, 1).unwrap().rates, narrow);
        for ssrc in [1, 2] {
            (0..9).for_each(|seq| rig.give(rtp(ssrc).seq(seq).build()));
        }
        assert_eq!(rig.out.len(), 1 + 5);
        let wide = Rates::default().with_packets(rate(9, 9));
        rig.handle.set_rate(each(way), wide).unwrap();
        assert_eq!(rig.handle.stream(way, 1).unwrap().rates, wide);
        rig.pass(SECOND);
        for ssrc in [1, 2] {
            (9..30).for_each(|seq| rig.give(rtp(ssrc).seq(seq).build()));
        }
        // The first packet of each brings the new rate, of which nothing has come in yet, and two or one of the old.
        rig.pass(SECOND);
        for ssrc in [1, 2] {
            (30..60).for_each(|seq| rig.give(rtp(ssrc).seq(seq).build()));
        }
        assert_eq!(rig.out.iter().filter(|(_, packet)| packet.sequence_number() >= 30).count(), 18);
    }
}

#[test]
fn one_connection_can_have_other_rates_than_the_rest_and_than_those_to_come() {
    let limit = LimitFactory::new(LimitOptions::default().with_local(packets(1, 5, Policy::Drop))).unwrap();
    let (handle, now) = (limit.handle(), interceptor_test::Clock::new().now());
    let registry = Registry::new().with(limit);
    let passed = |id: &'static str| {
        let mut chain = registry.build(ChainConfig::new(id, now, NtpTime::default(), 1)).unwrap();
        chain.bind_local(stream_info::video(1), now).unwrap();
        move || {
            (0..9).for_each(|seq| chain.write_rtp(rtp(1).seq(seq).build(), now));
            std::iter::from_fn(|| chain.poll_wire()).count()
        }
    };
    let (mut first, mut second) = (passed("first"), passed("second"));
    let set = |id: &str, burst| {
        handle.connection(id).set_rate(Scope::Local, Rates::default().with_packets(rate(1, burst))).unwrap()
    };
    assert_eq!((set("first", 2), set("third", 1)), (1, 0));
    assert_eq!((first(), second(), passed("fourth")()), (2, 5, 5));
    handle.set_rate(Scope::Local, Rates::default().with_packets(rate(1, 3))).unwrap();
    assert_eq!(passed("fifth")(), 3);
    assert_eq!(handle.totals(Way::Outgoing).streams.passed, 2 + 5 + 5 + 3, "closed ones included");
    assert_eq!(handle.connection("second").totals(Way::Outgoing).streams.passed, 5);
}

#[test]
fn bounds_cannot_be_added_and_rates_have_ranges() {
    let rig = Rig::new(Way::Outgoing, LimitOptions::default().with_local(packets(1, 1, WAIT)));
    let wide = Rates::default().with_packets(rate(10, 10));
    for (scope, field) in [
        (Scope::Remote, "remote"),
        (Scope::RemoteStream(1), "remote"),
        (Scope::Connection, "connection"),
        (Scope::Incoming, "connection"),
        (Scope::Rtcp, "rtcp"),
    ] {
        assert_eq!(rig.handle.set_rate(scope, wide).unwrap_err().field, field);
    }
    let narrow = Rates::default().with_packets(rate(10_000, 1));
    assert!(rig.handle.set_rate(Scope::Local, narrow).unwrap_err().range.contains("millisecond"));
    let small = Rates::default().with_bytes(rate(10_000, 1000));
    assert!(rig.handle.set_rate(Scope::Local, small).unwrap_err().range.contains("1500"));
}

#[test]
fn totals_never_go_back_while_streams_end_in_another_thread() {
    let limit = LimitFactory::new(LimitOptions::default().with_local(packets(10, 5, Policy::Drop))).unwrap();
    let (handle, now) = (limit.handle(), interceptor_test::Clock::new().now());
    let config = ChainConfig::new("call", now, NtpTime::default(), 1);
    let mut chain = Registry::new().with(limit).build(config).unwrap();
    let runs = std::thread::spawn(move || {
        for _ in 0..3000 {
            chain.bind_local(stream_info::bare(1), now).unwrap();
            (0..9).for_each(|seq| chain.write_rtp(rtp(1).seq(seq).build(), now));
            while chain.poll_wire().is_some() || chain.poll_event().is_some() {}
            chain.unbind_local(1, now).unwrap();
        }
        chain
    });
    let (mut before, mut looks) = (0, 0);
    while !runs.is_finished() {
        let totals = handle.totals(Way::Outgoing).streams;
        let known = totals.passed + totals.dropped();
        assert!(known >= before, "{before} packets were known, and now {known}");
        (before, looks) = (known, looks + 1);
    }
    let chain = runs.join().unwrap();
    let totals = handle.totals(Way::Outgoing).streams;
    assert_eq!((totals.passed, totals.dropped(), looks > 0), (3000 * 5, 3000 * 4, true));
    drop(chain);
}
