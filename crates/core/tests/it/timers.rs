//! Deadlines: one an interceptor, the earliest wins, and a driver never spins.

use std::time::Duration;

use interceptor_core::{Chain, Deadlines, Stage, StreamInfo, StreamKey};

use crate::actor::{Actor, bye};
use crate::probe::{Act, Bench, SSRC, config, rtp};

const MS: Duration = Duration::from_millis(1);

#[test]
fn the_earliest_deadline_wins_and_fires_once() {
    let mut bench = Bench::new(&[("slow", Act::Wake(50 * MS)), ("quick", Act::Wake(20 * MS))]).bound();
    bench.write(1);
    bench.chain.write_rtp(rtp(SSRC, 2), bench.start + 10 * MS);
    bench.log();
    assert_eq!(bench.chain.next_timeout(), Some(bench.start + 20 * MS));

    bench.chain.handle_timeout(bench.start + 19 * MS);
    assert!(bench.log().is_empty(), "nothing is due yet");
    bench.chain.handle_timeout(bench.start + 20 * MS);
    assert_eq!(bench.log(), ["quick timeout"]);
    assert_eq!(bench.chain.next_timeout(), Some(bench.start + 40 * MS));
    bench.chain.handle_timeout(bench.start + 500 * MS);
    assert_eq!(bench.log(), ["slow timeout", "quick timeout"], "a late driver fires each once");
}

#[test]
fn a_timer_that_asks_to_fire_at_once_waits_a_little() {
    let mut bench = Bench::new(&[("eager", Act::Wake(Duration::ZERO))]).bound();
    bench.write(1);
    bench.log();
    bench.chain.handle_timeout(bench.start);
    assert_eq!(bench.log(), ["eager timeout"]);
    assert_eq!(bench.chain.next_timeout(), Some(bench.start + MS));
}

#[test]
fn a_removed_interceptor_leaves_no_deadline_behind() {
    let mut bench = Bench::new(&[("timer", Act::Wake(20 * MS))]).bound();
    bench.write(1);
    bench.chain.remove("timer", bench.start).unwrap();
    assert_eq!(bench.chain.next_timeout(), None);
}

#[test]
fn two_interceptors_that_wake_each_other_do_not_make_the_driver_spin() {
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    // Each asks to be woken for what the other sends when it is woken.
    let low = Actor::default()
        .on_rtcp(|(), cx| {
            cx.wake_at(cx.now());
            Ok(())
        })
        .on_timeout(|(), cx| {
            cx.deliver_rtcp(bye());
            Ok(())
        });
    let high = Actor::default()
        .on_rtcp(|(), cx| {
            cx.wake_at(cx.now());
            Ok(())
        })
        .on_timeout(|(), cx| {
            cx.send_rtcp(bye());
            Ok(())
        });
    chain.insert("low", Stage::REPORT, low, now).unwrap();
    chain.insert("high", Stage::APPLICATION, high, now).unwrap();
    chain.write_rtcp(bye(), now);
    let mut rounds = 0;
    while chain.next_timeout().is_some_and(|at| at <= now) {
        chain.handle_timeout(now);
        rounds += 1;
        assert!(rounds < 10, "it spins");
    }
    assert_eq!(chain.next_timeout(), Some(now + MS), "but they go on, a little later");
}

#[test]
fn the_layout_shows_what_an_interceptor_waits_for() {
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    let waits = Actor::default().on_bind(|_, cx| {
        cx.wake_for("report", cx.now() + 250 * MS);
        Ok(true)
    });
    chain.insert("waits", Stage::REPORT, waits, now).unwrap();
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    chain.write_rtp(rtp(SSRC, 1), now + 50 * MS);
    let row = chain.layout().rows()[0].clone();
    assert_eq!((row.wakes_in, row.wakes_for), (Some(200 * MS), "report"));
    assert!(chain.layout().to_string().contains("report in 200ms"), "{}", chain.layout());
}

#[test]
fn keys_of_streams_serve_for_deadlines() {
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    let (keys, bound) = std::sync::mpsc::channel::<StreamKey>();
    let actor = Actor::default().on_bind(move |_, cx| Ok(keys.send(cx.stream_key()).is_ok()));
    chain.insert("keyed", Stage::REPORT, actor, now).unwrap();
    for ssrc in [SSRC, 5] {
        chain.bind_remote(StreamInfo::new(ssrc, 96, 90_000), now).unwrap();
    }
    let keys: Vec<_> = bound.try_iter().collect();
    chain.read_rtp(rtp(5, 1), now);
    let counts = chain.with_streams::<Actor, _>(|_, mut streams| {
        keys.iter().map(|key| streams.remote_by_key(*key).copied()).collect::<Vec<_>>()
    });
    assert_eq!(counts, Some(vec![Some(0), Some(1)]));
    let mut deadlines = Deadlines::default();
    deadlines.set(keys[0], Some(20));
    deadlines.set(keys[1], Some(10));
    assert_eq!(deadlines.take_due(5), None);
    assert_eq!((deadlines.take_due(15), deadlines.next()), (Some((10, keys[1])), Some((20, keys[0]))));
}
