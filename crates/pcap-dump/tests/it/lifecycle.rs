//! Attaching, detaching, closing, dropping, and many connections at once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use interceptor_core::{Registry, Stage};
use interceptor_pcap_dump::{LinkType, PacketSink, PcapDumpFactory, PcapDumpOptions, Record};

use crate::support::{Call, LOCAL, Memory, REMOTE, files, media, names, pli, read_pcapng};

#[test]
fn attaches_to_a_running_chain_and_detaches_again() {
    let (_directory, options, path) = files("{id}.pcapng");
    let factory = PcapDumpFactory::new(options).unwrap();
    let mut call = Call::build(&Registry::new(), "call-1");
    call.send(media(LOCAL, 1, 10), 1);

    let capture = factory.attach("live").unwrap();
    let handle = capture.handle();
    call.chain.insert("capture", Stage::CAPTURE, capture, call.at(2)).unwrap();
    call.send(media(LOCAL, 2, 10), 3);
    call.receive(&media(REMOTE, 3, 10), 4);
    call.receive_rtcp(&pli(), 5);
    assert!(call.chain.remove("capture", call.at(6)).unwrap());

    assert_eq!(read_pcapng(&path.join("live.pcapng")).packets.len(), 3, "complete when `remove` returns");
    assert_eq!(handle.counters().written, 3);
    call.send(media(LOCAL, 4, 10), 7);
    call.close(8);
    assert_eq!(handle.counters().written, 3);
}

#[test]
fn closing_drains_everything_queued() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut call = Call::new(options.with_flush_interval(Duration::from_secs(3600)));
    for n in 0..10_000 {
        call.send(media(LOCAL, n, 100), u64::from(n));
    }
    call.close(10_000);
    assert_eq!(read_pcapng(&path.join("call-1.pcapng")).packets.len(), 10_000);
    call.close(10_001);
    assert_eq!(names(&path), ["call-1.pcapng"]);
}

#[test]
fn a_chain_that_is_dropped_leaves_a_complete_file() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut call = Call::new(options);
    let handle = call.handle();
    for n in 0..1000 {
        call.send(media(LOCAL, n, 100), u64::from(n));
    }
    drop(call);
    assert_eq!(read_pcapng(&path.join("call-1.pcapng")).packets.len(), 1000);
    assert_eq!(handle.counters().written, 1000);
}

#[test]
fn a_chain_that_is_dropped_beside_others_does_not_leave_its_file_open() {
    let (_directory, options, path) = files("{id}.pcapng");
    // Nobody looks for captures that have ended in silence before an hour has gone.
    let factory = PcapDumpFactory::new(options.with_flush_interval(Duration::from_secs(3600))).unwrap();
    let registry = Registry::new().with(factory);
    let [mut dropped, mut other] = ["dropped", "other"].map(|id| Call::build(&registry, id));
    dropped.send(media(LOCAL, 1, 10), 1);
    other.send(media(LOCAL, 1, 10), 1);
    drop(dropped);
    // What was queued before this is seen to when it returns.
    other.close(2);
    assert_eq!(names(&path), ["dropped.pcapng", "other.pcapng"]);
    assert_eq!(read_pcapng(&path.join("dropped.pcapng")).packets.len(), 1);
}

#[test]
fn one_thread_writes_a_thousand_connections() {
    let threads = Arc::new(Mutex::new(HashSet::new()));
    let memory = Memory::default();
    let (kept, seen) = (memory.clone(), Arc::clone(&threads));
    let options = PcapDumpOptions::default().with_sink(move |_| {
        seen.lock().unwrap().insert(thread::current().id());
        Ok(kept.clone())
    });
    let factory = PcapDumpFactory::new(options).unwrap();
    let sums = factory.handle();
    let registry = Registry::new().with(factory);
    let mut calls: Vec<_> = (0..1000).map(|n| Call::build(&registry, &format!("call-{n}"))).collect();
    assert_eq!(sums.captures().len(), 1000);
    for n in 0..10 {
        calls.iter_mut().for_each(|call| call.send(media(LOCAL, n, 20), u64::from(n)));
    }
    calls.iter_mut().for_each(|call| call.close(10));
    assert_eq!(threads.lock().unwrap().len(), 1);
    assert_eq!((memory.given().len(), memory.ends().len()), (10_000, 1000));
    assert_eq!(sums.counters().written, 10_000);
    drop(calls);
    assert!(sums.captures().is_empty(), "entries go with their connections");
}

#[test]
fn a_registry_writes_one_connection_after_the_other() {
    let (_directory, options, path) = files("{id}.pcapng");
    let registry = Registry::new().with(PcapDumpFactory::new(options).unwrap());
    for id in ["a", "b", "c"] {
        let mut call = Call::build(&registry, id);
        call.send(media(LOCAL, 1, 10), 1);
        call.close(2);
    }
    assert_eq!(names(&path), ["a.pcapng", "b.pcapng", "c.pcapng"]);
}

#[test]
fn a_capture_without_streams_leaves_no_file() {
    let (_directory, options, path) = files("{id}.pcapng");
    drop(PcapDumpFactory::new(options).unwrap().attach("never").unwrap());
    assert!(names(&path).is_empty());
}

/// Keeps what stands in front of a packet, and the packet.
#[derive(Clone, Default)]
struct Frames(Arc<Mutex<Vec<Frame>>>);

/// What a file has of a packet, and the packet.
type Frame = (Vec<u8>, Vec<u8>);

impl PacketSink for Frames {
    fn write(&mut self, record: &Record<'_>) -> std::io::Result<()> {
        for link_type in [LinkType::RtpPdu, LinkType::Ip, LinkType::Ethernet] {
            let mut frame = vec![7; 3];
            let added = record.frame(link_type, &mut frame)?;
            assert_eq!(frame.len(), added + record.original_len());
            let packet = frame.split_off(added);
            self.0.lock().unwrap().push((frame, packet));
        }
        Ok(())
    }
}

#[test]
fn a_sink_may_ask_for_frames_as_files_have_them() {
    let frames = Frames::default();
    let kept = frames.clone();
    let mut call = Call::new(PcapDumpOptions::default().with_sink(move |_| Ok(kept.clone())));
    call.send(media(LOCAL, 1, 10), 1);
    call.close(2);
    let frames = frames.0.lock().unwrap();
    let [(pdu, a), (ip, b), (ethernet, c)] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!((&pdu[4..7], a.len()), (&b"rtp"[..], 22));
    assert!(ip[0] == 0x45 && ip.len() == 28 && ethernet.len() == 42, "{ip:?} {ethernet:?}");
    assert!(a == b && b == c);
}
