//! The rows of the table of malformed and hostile input: each costs what the table says, and is counted.

use std::fs;
use std::time::Duration;

use bytes::Bytes;
use interceptor_core::{Registry, StreamInfo};
use interceptor_pcap_dump::{
    Direction, Format, LinkType, PcapDumpCounters, PcapDumpFactory, PcapDumpOptions,
};

use crate::overflow::gated;
use crate::support::{ANCHOR, Call, LOCAL, Memory, REMOTE, files, media, names, pli, read_pcapng};

fn memory_call() -> (Memory, Call) {
    let memory = Memory::default();
    let call = Call::new(memory.options());
    (memory, call)
}

#[test]
fn nothing_of_foreign_and_malformed_datagrams_is_captured() {
    let (memory, mut call) = memory_call();
    let datagrams: [&'static [u8]; 4] =
        [b"\x00\x01stun", b"\x80", b"\x90\x60\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00", b"\x80\xc8\x00\x09"];
    for datagram in datagrams {
        call.chain.read_datagram(Bytes::from_static(datagram), call.at(1));
    }
    call.close(2);
    assert_eq!((memory.given().len(), call.handle().counters().written), (0, 0));
    let counters = call.chain.counters();
    assert_eq!((counters.malformed_datagrams, counters.foreign_datagrams), (2, 2));
}

#[test]
fn rtcp_with_malformed_sub_packets_is_captured_byte_by_byte() {
    // A NACK without a pair before a PLI, and half a header behind it.
    let mut datagram = b"\x81\xcd\x00\x01\x00\x00\x00\x00".to_vec();
    datagram.extend_from_slice(pli().as_bytes());
    datagram.extend_from_slice(b"\x81\xc9");
    let (memory, mut call) = memory_call();
    call.chain.read_datagram(datagram.clone().into(), call.at(1));
    call.close(2);
    assert_eq!(memory.given()[0].data, datagram);
    assert_eq!((call.handle().counters().written, call.chain.counters().malformed_rtcp_packets), (1, 2));

    let (_directory, options, path) = files("{id}.{ext}");
    let mut call = Call::new(options.with_format(Format::Text));
    call.chain.read_datagram(datagram.into(), call.at(1));
    call.close(2);
    let text = fs::read_to_string(path.join("call-1.txt")).unwrap();
    assert!(text.contains(" malformed=2"), "{text}");
}

#[test]
fn rtp_of_an_unknown_ssrc_is_captured_once() {
    let (memory, mut call) = memory_call();
    let mut packet = media(0xdead_beef, 3, 10);
    call.receive(&packet, 1000);
    assert_eq!(call.chain.counters().unbound_read, 1);
    call.chain.bind_remote(StreamInfo::new(0xdead_beef, 96, 90_000), call.at(2000)).unwrap();
    packet.info_mut().seen_unbound = true;
    call.chain.read_rtp(packet, call.at(2000));
    assert!(call.chain.poll_app().is_some(), "it goes on all the same");
    call.receive(&media(0xdead_beef, 4, 10), 3000);
    call.close(4000);
    assert_eq!(memory.sequence_numbers(), [3, 4]);
    assert_eq!((call.handle().counters().written, call.chain.counters().unbound_read), (2, 1));
}

#[test]
fn outgoing_rtp_of_an_unbound_ssrc_is_captured() {
    let (memory, mut call) = memory_call();
    call.send(media(0xdead_beef, 3, 10), 1000);
    call.close(2000);
    let given = memory.given();
    assert_eq!((given.len(), given[0].direction), (1, Direction::Outgoing));
    assert_eq!(given[0].data, media(0xdead_beef, 3, 10).to_bytes());
    assert_eq!((call.handle().counters().written, call.chain.counters().unbound_written), (1, 1));
}

/// Captures a packet longer than an IP packet can be, and a short one.
fn capture_long(options: PcapDumpOptions) -> PcapDumpCounters {
    let mut call = Call::new(options);
    call.send(media(LOCAL, 1, 65_535), 1);
    call.send(media(LOCAL, 2, 10), 2);
    call.close(3);
    assert!(call.stops().is_empty(), "the capture goes on");
    call.handle().counters()
}

#[test]
fn a_packet_longer_than_an_ip_packet_is_skipped() {
    let (_directory, options, path) = files("{id}.{ext}");
    let ip = capture_long(options.clone());
    assert_eq!((ip.skipped, ip.written, ip.dropped), (1, 1, 0));
    assert_eq!(read_pcapng(&path.join("call-1.pcapng")).packets.len(), 1);
    let ethernet = capture_long(options.clone().with_link_type(LinkType::Ethernet));
    let rtpdump = capture_long(options.clone().with_format(Format::Rtpdump));
    assert_eq!((ethernet.skipped, rtpdump.skipped), (1, 1));
    let pdu = capture_long(options.clone().with_link_type(LinkType::RtpPdu));
    let text = capture_long(options.with_format(Format::Text));
    assert_eq!((pdu.skipped, text.skipped), (0, 0));
    assert_eq!((pdu.written, text.written), (2, 2));
}

#[test]
fn a_connection_id_with_a_path_stays_in_its_directory() {
    let (_directory, options, path) = files("{id}.pcapng");
    let registry = Registry::new().with(PcapDumpFactory::new(options).unwrap());
    let mut call = Call::build(&registry, "../../etc/passwd");
    call.close(1);
    assert_eq!(names(&path), ["_._.._etc_passwd.pcapng"]);
    assert_eq!(call.handle().counters().files, 1);
}

#[test]
fn a_flood_is_dropped_and_counted() {
    let (mut call, memory, gate) = gated(PcapDumpOptions::default().with_queue_packets(16));
    for n in 0..10_000 {
        call.receive(&media(REMOTE, n, 10), u64::from(n));
    }
    assert_eq!(call.handle().counters().dropped, 10_000 - 16);
    drop(gate);
    call.close(10_000);
    assert_eq!((memory.given().len(), memory.ends()[0].missed_incoming), (17, 10_000 - 16));
}

#[test]
fn an_arrival_before_the_chain_was_built_is_the_time_of_building() {
    let (memory, mut call) = memory_call();
    let mut early = media(REMOTE, 1, 10);
    early.info_mut().arrival = call.start.checked_sub(Duration::from_nanos(1));
    assert!(early.info().arrival.is_some());
    call.chain.read_rtp(early, call.at(5));
    call.close(6);
    assert_eq!(memory.given()[0].timestamp, ANCHOR);
    assert_eq!(call.handle().counters().written, 1);
}
