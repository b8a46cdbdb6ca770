//! Threads come with the first capture and are gone with the last. Alone in its process, whose threads it counts.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected fails")]

use std::thread;

use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Registry, StreamInfo};
use interceptor_pcap_dump::{PcapDumpFactory, PcapDumpOptions};
use interceptor_test::Clock;

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// The kernel takes a thread off its list a moment after it has ended.
fn quiet(before: usize) {
    for _ in 0..1_000_000 {
        if threads() == before {
            return;
        }
        thread::yield_now();
    }
    panic!("{} threads are left, there were {before}", threads());
}

fn call(registry: &Registry, number: u32) -> Chain {
    let now = Clock::new().now();
    let mut chain =
        registry.build(ChainConfig::new(format!("call-{number}"), now, NtpTime::default(), 7)).unwrap();
    chain.bind_local(StreamInfo::new(1, 96, 90_000), now).unwrap();
    chain.write_rtp(RtpPacket::builder().ssrc(1).payload_type(96).build().unwrap(), now);
    chain
}

#[test]
fn no_thread_outlives_the_last_capture() {
    let before = threads();
    let directory = tempfile::tempdir().unwrap();
    let factory = PcapDumpFactory::new(PcapDumpOptions::new(directory.path().join("{id}.pcapng"))).unwrap();
    let registry = Registry::new().with(factory);
    assert_eq!(threads(), before, "a factory alone has none");
    for closes in [true, false] {
        let mut calls: Vec<_> = (0..10).map(|number| call(&registry, number)).collect();
        assert_eq!(threads(), before + 2, "one writes, one waits for the disk, for all connections");
        if closes {
            let now = Clock::new().now();
            calls.iter_mut().for_each(|call| call.close(now).unwrap());
        }
        drop(calls);
        quiet(before);
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 20);
}
