//! A writer that cannot keep up: media never waits, nothing is lost unseen.

use std::io;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use interceptor_pcap_dump::{CaptureEnd, Overflow, PacketSink, PcapDumpOptions, Record};

use crate::support::{Call, LOCAL, Memory, REMOTE, files, media, pli, read_pcapng};

/// A sink that waits at its first packet until it is let go.
struct Gate {
    reached: Sender<()>,
    go: Receiver<()>,
    memory: Memory,
}

impl PacketSink for Gate {
    fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        let _ = self.reached.try_send(());
        let _ = self.go.recv();
        self.memory.write(record)
    }

    fn close(&mut self, end: &CaptureEnd) -> io::Result<()> {
        self.memory.close(end)
    }
}

/// A call whose writer stands at the gate with its first packet; dropping the last value lets it go.
pub(crate) fn gated(options: PcapDumpOptions) -> (Call, Memory, Sender<()>) {
    let (reached, at_the_gate) = bounded(1);
    let (open, go) = bounded(0);
    let memory = Memory::default();
    let kept = memory.clone();
    let make = move |_: &str| Ok(Gate { reached: reached.clone(), go: go.clone(), memory: kept.clone() });
    let mut call = Call::new(options.with_sink(make));
    call.send(media(LOCAL, 0, 10), 0);
    at_the_gate.recv().unwrap();
    (call, memory, open)
}

#[test]
fn drops_and_counts_what_has_no_room_and_says_where() {
    let (mut call, memory, gate) = gated(PcapDumpOptions::default().with_queue_packets(16));
    for n in 1..=16 {
        call.send(media(LOCAL, n, 10), u64::from(n));
    }
    assert_eq!(call.handle().counters().dropped, 0);
    for n in 17..=21 {
        call.send(media(LOCAL, n, 10), u64::from(n));
    }
    call.receive(&media(REMOTE, 22, 10), 22);
    assert_eq!(call.handle().counters().dropped, 6);

    drop(gate);
    call.flush();
    call.send(media(LOCAL, 23, 10), 23);
    call.receive(&media(REMOTE, 24, 10), 24);
    call.send(media(LOCAL, 25, 10), 25);
    call.close(26);

    let given = memory.given();
    let expected: Vec<u16> = (0..=16).chain([23, 24, 25]).collect();
    assert_eq!(memory.sequence_numbers(), expected);
    let gaps: Vec<_> = given.iter().map(|given| given.missed).filter(|missed| *missed > 0).collect();
    assert_eq!((given[17].missed, given[18].missed, gaps.len()), (5, 1, 2), "before 23 and before 24");
    let counters = call.handle().counters();
    assert_eq!((counters.written, counters.dropped), (20, 6));
    assert!(call.stops().is_empty());
}

#[test]
fn tells_at_the_end_what_was_missed_last() {
    let (mut call, memory, gate) = gated(PcapDumpOptions::default().with_queue_packets(16));
    for n in 1..=20 {
        call.send(media(LOCAL, n, 10), u64::from(n));
    }
    call.receive_rtcp(&pli(), 21);
    drop(gate);
    call.close(22);
    let end = memory.ends()[0];
    assert_eq!((end.missed_outgoing, end.missed_incoming), (4, 1));
}

#[test]
fn tells_at_the_end_what_was_missed_last_though_the_queue_has_no_room_for_the_end() {
    let options = PcapDumpOptions::default().with_queue_packets(16).with_close_timeout(Duration::ZERO);
    let (mut call, memory, gate) = gated(options);
    for n in 1..=20 {
        call.send(media(LOCAL, n, 10), u64::from(n));
    }
    call.close(22);
    drop((call, gate));
    memory.wait_for_end();
    let end = memory.ends()[0];
    assert_eq!((end.missed_outgoing, end.missed_incoming), (4, 0));
}

#[test]
fn closing_waits_no_longer_than_told() {
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        let (mut call, memory, gate) = gated(PcapDumpOptions::default().with_close_timeout(timeout));
        call.send(media(LOCAL, 1, 10), 1);
        let closed = call.chain.close(call.at(2));
        assert_eq!(closed.is_err(), !timeout.is_zero(), "it says so when it waited in vain");
        assert_eq!(memory.given().len(), 0);
        let writer = memory.clone();
        drop((call, gate));
        writer.wait_for_end();
        assert_eq!(memory.sequence_numbers(), [0, 1], "and the rest is done in the background");
    }
}

#[test]
fn bounds_the_bytes_that_wait() {
    let options = PcapDumpOptions::default().with_queue_packets(1000).with_queue_bytes(65_536);
    let (mut call, memory, gate) = gated(options);
    for n in 1..=100 {
        call.send(media(LOCAL, n, 988), u64::from(n));
    }
    // 22 bytes at the gate and 65 times 1000 waiting.
    assert_eq!(call.handle().counters().dropped, 35);
    drop(gate);
    call.flush();
    call.send(media(LOCAL, 101, 60_000), 101);
    call.close(102);
    assert_eq!(memory.sequence_numbers().last(), Some(&101), "what was written is free again");
    assert_eq!(memory.given().len(), 67);
}

#[test]
fn holds_a_burst_as_long_as_the_queue() {
    let (mut call, memory, gate) = gated(PcapDumpOptions::default());
    for n in 1..=32_768 {
        call.send(media(LOCAL, n, 10), u64::from(n));
    }
    assert_eq!(call.handle().counters().dropped, 0);
    call.send(media(LOCAL, 32_769, 10), 32_769);
    assert_eq!(call.handle().counters().dropped, 1);
    drop(gate);
    call.close(32_770);
    assert_eq!(memory.sequence_numbers(), (0..=32_768).collect::<Vec<u16>>());
}

#[test]
fn blocks_when_told_so_and_then_loses_nothing() {
    let memory = Memory::default();
    let options =
        memory.options().with_queue_packets(16).with_queue_bytes(65_536).with_overflow(Overflow::Block);
    let mut call = Call::new(options);
    for n in 0..20_000 {
        call.send(media(LOCAL, n, 1200), u64::from(n));
    }
    call.close(20_000);
    assert_eq!(memory.sequence_numbers(), (0..20_000).collect::<Vec<u16>>());
    assert_eq!(call.handle().counters().dropped, 0);
}

/// However the two threads race: each packet is either in the file or counted as missed at its place.
#[test]
fn accounts_for_every_packet_in_the_file() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut call = Call::new(options.with_queue_packets(16));
    for n in 0..20_000 {
        call.send(media(LOCAL, n, 100), u64::from(n));
    }
    call.close(20_000);

    let found = read_pcapng(&path.join("call-1.pcapng"));
    let mut next = 0;
    for packet in &found.packets {
        let number = u64::from(u16::from_be_bytes([packet.data[30], packet.data[31]]));
        assert_eq!(number, next + packet.missed, "what is missing before a packet is what it says");
        assert_eq!(packet.comments.len(), if packet.missed > 0 { 2 } else { 1 });
        assert!(
            packet.missed == 0 || packet.comments[0].starts_with(&format!("gap: {} packets", packet.missed))
        );
        next = number + 1;
    }
    let counters = call.handle().counters();
    assert_eq!(counters.written, found.packets.len() as u64);
    assert_eq!(counters.written + counters.dropped, 20_000);
    assert_eq!(found.statistics, [(0, 0), (20_000, counters.dropped)]);
}
