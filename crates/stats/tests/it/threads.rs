//! Readers on other threads while packets flow.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use interceptor_stats::{Stats, StatsFactory, StatsHandle};
use interceptor_test::rtp;

use crate::support::{Bench, LOCAL, REMOTE, ms, video};

#[test]
fn handles_and_factories_go_to_other_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    fn sent<T: Send>() {}
    shared::<StatsHandle>();
    shared::<StatsFactory>();
    sent::<Stats>();
}

#[test]
fn readers_see_numbers_that_only_grow_while_packets_flow_and_streams_come_and_go() {
    let mut bench = Bench::with_video();
    let done = AtomicBool::new(false);
    let handle = bench.handle.clone();
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = (0, 0, 0);
                    let mut reads = 0u64;
                    // Each reader reads at least once after the last packet.
                    loop {
                        let finished = done.load(Ordering::Acquire);
                        let stream = handle
                            .stream("call", REMOTE)
                            .and_then(|stream| stream.inbound_rtp)
                            .expect("bound");
                        let sent = handle
                            .stream("call", LOCAL)
                            .and_then(|stream| stream.outbound_rtp)
                            .expect("bound");
                        let now = (stream.packets_received, stream.bytes_received, sent.packets_sent);
                        assert!(now.0 >= last.0 && now.1 >= last.1 && now.2 >= last.2, "{last:?} {now:?}");
                        assert_eq!(stream.packets_lost, 0);
                        assert!(handle.snapshot().len() == 1);
                        last = now;
                        reads += 1;
                        if finished {
                            return (last, reads);
                        }
                    }
                })
            })
            .collect();
        for number in 0..20_000u32 {
            bench.receive(rtp(REMOTE).seq(number as u16).ts(number * 900).payload_len(50).build());
            bench.send(rtp(LOCAL).seq(number as u16).payload_len(50).build());
            bench.clock.advance(ms(10));
            if number % 100 == 0 {
                bench.bind_remote(video(77));
                bench.receive(rtp(77).build());
                bench.chain.unbind_remote(77, bench.clock.now()).expect("bound");
                while bench.chain.poll_event().is_some() {}
            }
        }
        done.store(true, Ordering::Release);
        for reader in readers {
            let (last, reads) = reader.join().expect("the reader finds what it should");
            assert_eq!(last, (20_000, 1_000_000, 20_000));
            assert!(reads > 0);
        }
    });
}
