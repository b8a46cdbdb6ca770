//! Sinks and files that fail: one event, the capture stops, media goes on.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use interceptor_core::Registry;
use interceptor_pcap_dump::{CaptureEnd, CaptureError, PacketSink, PcapDumpFactory, PcapDumpOptions, Record};

use crate::support::{Call, LOCAL, Memory, files, media};

/// What a sink does at its third packet.
#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    Full,
    Skip,
    Panic,
    AtFlush,
    AtClose,
}

struct Troubled {
    trouble: Trouble,
    packets: u32,
    closed: Arc<AtomicBool>,
}

impl PacketSink for Troubled {
    fn write(&mut self, _: &Record<'_>) -> io::Result<()> {
        self.packets += 1;
        match self.trouble {
            _ if self.packets != 3 => Ok(()),
            Trouble::Full => Err(io::ErrorKind::StorageFull.into()),
            Trouble::Skip => Err(io::ErrorKind::InvalidInput.into()),
            Trouble::Panic => panic!("on purpose"),
            Trouble::AtFlush | Trouble::AtClose => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.trouble == Trouble::AtFlush { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn close(&mut self, _: &CaptureEnd) -> io::Result<()> {
        self.closed.store(true, Ordering::Relaxed);
        if self.trouble == Trouble::AtClose { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

fn troubled(trouble: Trouble) -> (Call, Arc<AtomicBool>) {
    let closed = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&closed);
    let make = move |_: &str| Ok(Troubled { trouble, packets: 0, closed: Arc::clone(&flag) });
    (Call::new(PcapDumpOptions::default().with_sink(make)), closed)
}

/// Ten packets, each of which must leave; the error is known after five.
fn ten(call: &mut Call) {
    for n in 0..5 {
        call.send(media(LOCAL, n, 10), u64::from(n));
    }
    let flushed = call.chain.get::<interceptor_pcap_dump::PcapDump>().unwrap().flush();
    assert_eq!(flushed.is_err(), call.handle().error().is_some());
    for n in 5..10 {
        call.send(media(LOCAL, n, 10), u64::from(n));
    }
}

#[test]
fn a_sink_that_fails_stops_its_capture_with_one_event() {
    let (mut call, closed) = troubled(Trouble::Full);
    ten(&mut call);
    let stops = call.stops();
    assert_eq!(stops.len(), 1, "at the next packet, and once");
    assert_eq!(&*stops[0].connection, "call-1");
    let full = |error: &CaptureError| matches!(error, CaptureError::Sink(e) if e.kind() == io::ErrorKind::StorageFull);
    assert!(full(&stops[0].error) && full(&call.handle().error().unwrap()));
    call.close(11);
    assert!(call.stops().is_empty());
    assert_eq!(call.handle().counters().written, 2);
    assert!(!closed.load(Ordering::Relaxed), "a sink that failed is not used again");
    assert_eq!(call.chain.counters().hook_errors, 0);
}

#[test]
fn a_sink_that_panics_stops_only_its_capture() {
    let (mut call, _) = troubled(Trouble::Panic);
    ten(&mut call);
    call.close(11);
    let stops = call.stops();
    assert_eq!(stops.len(), 1);
    assert!(matches!(*stops[0].error, CaptureError::SinkPanicked));
}

#[test]
fn a_failure_hurts_no_other_connection() {
    let memory = Memory::default();
    let kept = memory.clone();
    let make = move |id: &str| {
        if id == "bad" { Err(io::Error::other("no")) } else { Ok(kept.clone()) }
    };
    let factory = PcapDumpFactory::new(PcapDumpOptions::default().with_sink(make)).unwrap();
    let sums = factory.handle();
    let registry = Registry::new().with(factory);
    let mut bad = Call::build(&registry, "bad");
    let mut good = Call::build(&registry, "good");
    for n in 0..10 {
        bad.send(media(LOCAL, n, 10), u64::from(n));
        good.send(media(LOCAL, n, 10), u64::from(n));
    }
    bad.close(10);
    good.close(10);
    assert_eq!((bad.stops().len(), good.stops().len()), (1, 0));
    assert_eq!(memory.given().len(), 10);
    assert_eq!(sums.counters().written, 10);
    assert!(sums.error().is_some() && good.handle().error().is_none());
}

#[test]
fn a_sink_may_skip_a_packet() {
    let (mut call, closed) = troubled(Trouble::Skip);
    ten(&mut call);
    call.close(11);
    assert!(call.stops().is_empty() && closed.load(Ordering::Relaxed));
    let counters = call.handle().counters();
    assert_eq!((counters.written, counters.skipped), (9, 1));
}

#[test]
fn failures_at_flush_and_close_are_told_too() {
    for trouble in [Trouble::AtFlush, Trouble::AtClose] {
        let (mut call, _) = troubled(trouble);
        ten(&mut call);
        call.close(11);
        assert_eq!(call.stops().len(), 1);
    }
}

#[test]
fn a_directory_that_cannot_be_made_stops_the_capture() {
    let (_directory, _, path) = files("");
    std::fs::write(path.join("file"), b"").unwrap();
    let mut call = Call::new(PcapDumpOptions::new(path.join("file/{id}.pcapng")));
    ten(&mut call);
    call.close(11);
    let stops = call.stops();
    assert_eq!(stops.len(), 1);
    assert!(stops[0].error.to_string().starts_with("cannot create "), "{}", stops[0].error);
}
