//! A chain is an interceptor of another chain.

use std::time::Duration;

use interceptor_core::packet::RtcpPacket;
use interceptor_core::{Chain, Error, Event, KeyframeNeeded, Nested, Registry, Rtt, Stage, StreamInfo};

use crate::actor::{Actor, Diary, bye};
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

/// A chain that stands at REPORT in another one.
fn outer_with(inner: impl FnOnce(&mut Chain)) -> Chain {
    let config = config();
    let now = config.now;
    let (mut chain, mut nested) = (Chain::new(config.clone()), Chain::new(config));
    inner(&mut nested);
    chain.insert("inner", Stage::REPORT, nested, now).unwrap();
    chain
}

#[test]
fn a_nested_chain_knows_the_outer_facts_in_every_hook() {
    let diary = Diary::default();
    let [bound, amended, closed] = [(); 3].map(|()| diary.clone());
    let note = |diary: &Diary, what: &str, rtt: Option<Rtt>| {
        diary.note(format!("{what} {:?}", rtt.map(|rtt| rtt.latest)))
    };
    let mut chain = outer_with(|inner| {
        let knows = Actor::default()
            .on_bind(move |_, cx| {
                note(&bound, "bind", cx.facts().rtt());
                Ok(true)
            })
            .on_amend(move |_, cx| {
                note(&amended, "amend", cx.facts().rtt());
                Ok(interceptor_core::Amend::Keep)
            })
            .on_close(move |(), cx| note(&closed, "close", cx.facts().rtt()));
        inner.insert("knows", Stage::APPLICATION, knows, inner.config().now).unwrap();
    });
    let now = chain.config().now;
    for (ms, step) in [(10, "bind"), (20, "amend"), (30, "close")] {
        chain.publish(Rtt::first(Duration::from_millis(ms)), now);
        match step {
            "bind" => chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap(),
            "amend" => chain.amend_local(StreamInfo::new(SSRC, 96, 90_000).with_mid("0"), now).unwrap(),
            _ => chain.close(now).unwrap(),
        }
    }
    assert_eq!(diary.read(), ["bind Some(10ms)", "amend Some(20ms)", "close Some(30ms)"]);
}

#[test]
fn errors_and_panics_of_a_nested_chain_are_the_outer_one_s_too() {
    let mut chain = outer_with(|inner| {
        let fails = Actor::default().on_rtcp(|(), _| Err(Error::msg("no")));
        let panics = Actor::default().on_rtcp(|(), _| panic!("told to panic"));
        inner.insert("fails", Stage::APPLICATION, fails, inner.config().now).unwrap();
        inner.insert("panics", Stage::CAPTURE, panics, inner.config().now).unwrap();
    });
    let now = chain.config().now;
    chain.write_rtcp(bye(), now);
    chain.write_rtcp(bye(), now);
    assert_eq!((chain.counters().hook_errors, chain.counters().panics), (2, 1));
    assert_eq!(chain.layout().rows()[0].errors, 2);
    let event = chain.poll_event();
    assert!(matches!(event, Some(Event::Bypassed { interceptor: "panics", .. })), "{event:?}");
    assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 2);
    assert_eq!(
        chain.counters().malformed_rtcp_packets,
        0,
        "what enters the outer chain is counted there, once"
    );
}

#[test]
fn what_a_nested_chain_does_while_its_owner_works_on_it_is_the_outer_one_s_at_once() {
    let mut chain = outer_with(|inner| {
        let goodbye = Actor::default().on_close(|(), cx| cx.send_rtcp(bye()));
        inner.insert("goodbye", Stage::APPLICATION, goodbye, inner.config().now).unwrap();
    });
    let now = chain.config().now;
    chain.get_mut::<Chain>().unwrap().remove("goodbye", now).unwrap();
    assert!(chain.poll_wire().is_some(), "it leaves without waiting for the next packet");

    let wakes = Actor::default().on_bind(|info, cx| {
        cx.publish(KeyframeNeeded { ssrc: info.ssrc });
        cx.deliver_rtcp(bye());
        cx.wake_at(cx.now() + Duration::from_millis(5));
        Ok(true)
    });
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    chain.get_mut::<Chain>().unwrap().insert("wakes", Stage::APPLICATION, wakes, now).unwrap();
    assert_eq!(chain.next_timeout(), Some(now), "there is something to see to");
    chain.handle_timeout(now);
    assert_eq!(chain.next_timeout(), Some(now + Duration::from_millis(5)));
    assert!(chain.poll_app().is_some());
    assert!(matches!(chain.poll_event(), Some(Event::Fact(_))));
}

#[test]
fn a_fact_passes_the_wall_of_a_nested_chain_once_each_way() {
    let diary = Diary::default();
    let hears = |name: &'static str| {
        let diary = diary.clone();
        Actor::default().on_fact(move |_, _| {
            diary.note(name);
            Ok(())
        })
    };
    let tells = |name| {
        hears(name).on_rtcp(|(), cx| {
            cx.publish(KeyframeNeeded { ssrc: 1 });
            Ok(())
        })
    };
    let mut from_inside = outer_with(|inner| {
        let now = inner.config().now;
        inner.insert("teller", Stage::CAPTURE, tells("inner teller"), now).unwrap();
        inner.insert("other", Stage::NACK, hears("inner"), now).unwrap();
    });
    let now = from_inside.config().now;
    from_inside.insert("outer", Stage::NACK, hears("outer"), now).unwrap();
    from_inside.read_rtcp(bye(), now);
    assert_eq!(diary.read(), ["inner", "outer"]);
    let events = std::iter::from_fn(|| from_inside.poll_event()).count();
    assert_eq!(events, 1);

    let mut from_outside = outer_with(|inner| {
        inner.insert("inner", Stage::NACK, hears("inner"), inner.config().now).unwrap();
    });
    from_outside.insert("teller", Stage::NACK, tells("outer teller"), now).unwrap();
    from_outside.read_rtcp(bye(), now);
    assert_eq!(diary.read(), ["inner"]);
    assert_eq!(std::iter::from_fn(|| from_outside.poll_event()).count(), 1, "the teller's own, and no copy");
}

#[test]
fn two_timers_of_a_nested_chain_do_not_hold_each_other_up() {
    let micros = Duration::from_micros;
    let diary = Diary::default();
    let mut chain = outer_with(|inner| {
        let now = inner.config().now;
        for (name, after) in [("first", 10), ("second", 20)] {
            let diary = diary.clone();
            let wakes = Actor::default()
                .on_bind(move |_, cx| {
                    cx.wake_at(cx.now() + micros(after));
                    Ok(true)
                })
                .on_timeout(move |(), _| {
                    diary.note(name);
                    Ok(())
                });
            inner.insert(name, Stage::APPLICATION, wakes, now).unwrap();
        }
    });
    let now = chain.config().now;
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    for after in [10, 20] {
        assert_eq!(chain.next_timeout(), Some(now + micros(after)));
        chain.handle_timeout(now + micros(after));
    }
    assert_eq!(diary.read(), ["first", "second"]);
}
