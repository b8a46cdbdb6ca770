//! Counters that are read while chains run, and after.

use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, KeyframeNeeded, Registry};
use interceptor_keyframe::{Keyframe, KeyframeFactory, KeyframeHub};
use interceptor_test::Clock;

use crate::kit::{Bench, SSRC, only_told, video, video_of};

#[test]
fn counters_are_of_a_stream_of_a_connection_or_of_all() {
    let factory = KeyframeFactory::new(only_told()).unwrap();
    let handle = factory.handle();
    let registry = Registry::new().with(factory);
    let now = Clock::new().now();
    let mut chains = Vec::new();
    for name in ["a", "b"] {
        let mut chain = registry.build(ChainConfig::new(name, now, NtpTime::default(), 7)).unwrap();
        chain.bind_remote(video_of(1), now).unwrap();
        chain.bind_local(video_of(2), now).unwrap();
        chain.publish(KeyframeNeeded { ssrc: 1 }, now);
        chain.read_rtcp(crate::kit::pli(2), now);
        chains.push(chain);
    }
    assert_eq!(handle.remote("a", 1).map(|stream| stream.plis_sent), Some(1));
    assert_eq!(handle.local("b", 2).map(|stream| stream.told), Some(1));
    assert_eq!((handle.remote("a", 2), handle.local("c", 2), handle.connection("c")), (None, None, None));
    chains[0].unbind_remote(1, now).unwrap();
    assert_eq!(handle.remote("a", 1), None);
    assert_eq!(handle.connection("a").map(|all| all.asking.plis_sent), Some(1), "ended streams included");
    let in_chain = chains[1].get::<Keyframe>().map(Keyframe::counters);
    assert_eq!(in_chain, handle.connection("b"));
    chains[0].close(now).unwrap();
    drop(chains);
    assert_eq!((handle.connection("a"), handle.connection("b")), (None, None));
    let totals = handle.totals();
    assert_eq!((totals.asking.plis_sent, totals.answering.told), (2, 2), "closed connections included");
}

#[test]
fn a_chain_that_is_closed_twice_counts_once() {
    let mut bench = Bench::receiver(only_told());
    bench.need(SSRC);
    for _ in 0..2 {
        let _ = bench.chain.close(bench.now);
    }
    assert_eq!(bench.asking().plis_sent, 1);
}

#[test]
fn a_stream_may_come_back() {
    let mut bench = Bench::receiver(only_told());
    bench.need(SSRC);
    for _ in 0..10 {
        bench.chain.unbind_remote(SSRC, bench.now).unwrap();
        bench.chain.bind_remote(video(), bench.now).unwrap();
        bench.need(SSRC);
    }
    assert_eq!(bench.asked(), [crate::kit::Request::Pli(SSRC); 11]);
}

#[test]
fn a_hub_is_shared_by_threads() {
    fn assert_shared<T: Send + Sync + Clone>(_: &T) {}
    let hub = KeyframeHub::default();
    assert_shared(&hub);
    let threads: Vec<_> = (0..4_usize)
        .map(|thread| {
            let hub = hub.clone();
            std::thread::spawn(move || (0..100).for_each(|ssrc| _ = hub.link(thread, ssrc, 99, ssrc)))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(hub.len(), 400);
    assert_eq!(hub.link(3, 7, 98, 1), Some((99, 7)), "what it showed before");
    assert_eq!(hub.publisher_of(&3, 7), Some((98, 1)));
    assert_eq!((hub.unlink_chain(&3), hub.unlink_chain(&99), hub.is_empty()), (100, 300, true));
}
