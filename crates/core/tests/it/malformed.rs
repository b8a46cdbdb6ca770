//! The rows of the table of malformed and hostile input: each costs what the table says, and is counted.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use interceptor_core::packet::RtcpPacket;
use interceptor_core::{Chain, Context, Counters, Incoming, KeyframeNeeded, Limits, Stage};

use crate::actor::{Actor, bye};
use crate::probe::{Act, Bench, SSRC, config, rtp};

const MS: Duration = Duration::from_millis(1);

/// Each datagram comes out raw, no interceptor has seen it.
fn read_raw(datagrams: &[&[u8]]) -> Counters {
    let mut bench = Bench::new(&[("low", Act::Nothing)]).bound();
    for datagram in datagrams {
        bench.chain.read_datagram(Bytes::copy_from_slice(datagram), bench.start);
        assert_eq!(bench.chain.poll_app(), Some(Incoming::Raw(Bytes::copy_from_slice(datagram))));
    }
    assert!(bench.log().is_empty());
    bench.chain.counters().clone()
}

#[test]
fn a_malformed_datagram_is_delivered_raw() {
    let block = b"\x90\x60\0\x01\0\0\0\0\x11\x22\x33\x44\xbe\xde\0\x02\x5f\0\0\0";
    let padding = b"\xa0\x60\0\x01\0\0\0\0\x11\x22\x33\x44\x09";
    let counters = read_raw(&[&[0x80, 0x60, 0, 1], block, padding, &[0x80, 0xc8, 0, 9]]);
    assert_eq!((counters.malformed_datagrams, counters.foreign_datagrams), (4, 0));
}

#[test]
fn a_datagram_of_another_protocol_is_delivered_raw() {
    // STUN, RTP of version 1 and of version 3, RTCP of version 1, one byte, none.
    let (rtp1, rtp3, rtcp1) = ([0x40; 12], [0xc0; 12], [0x40, 0xc9, 0, 0]);
    let counters = read_raw(&[&[0x00, 0x01], &rtp1, &rtp3, &rtcp1, &[0x80], &[]]);
    assert_eq!((counters.malformed_datagrams, counters.foreign_datagrams), (0, 6));
}

#[test]
fn a_malformed_sub_packet_is_counted_and_its_compound_goes_on() {
    let mut bench = Bench::new(&[("low", Act::Nothing)]).bound();
    // A NACK without a pair, a PLI, and half a header.
    let datagram = Bytes::from_static(b"\x81\xcd\0\x01\0\0\0\0\x81\xce\0\x02\0\0\0\x01\0\0\0\x02\x81\xce");
    bench.chain.read_datagram(datagram.clone(), bench.start);
    assert_eq!(bench.log(), ["low read-rtcp 22"]);
    let Some(Incoming::Rtcp(packet)) = bench.chain.poll_app() else { panic!("it goes on") };
    assert_eq!((packet.as_bytes(), packet.packets().count()), (&datagram, 1));
    let counters = bench.chain.counters();
    assert_eq!((counters.malformed_rtcp_packets, counters.malformed_datagrams), (2, 0));
}

#[test]
fn rtp_of_an_ssrc_that_no_stream_has_announced_is_told_apart() {
    let mut bench = Bench::new(&[("low", Act::Nothing)]).bound();
    bench.chain.read_datagram(rtp(77, 5).to_bytes(), bench.start);
    assert_eq!(bench.log(), ["low unbound 5"]);
    assert_eq!(bench.chain.poll_app(), Some(Incoming::UnboundRtp(rtp(77, 5))));
    assert_eq!(bench.chain.counters().unbound_read, 1);
}

#[test]
fn ssrcs_without_end_enter_no_table() {
    let mut bench = Bench::new(&[]).bound();
    let strangers = (0..10_000_u32).map(|n| n << 16 | 1);
    for ssrc in strangers {
        bench.chain.read_datagram(rtp(ssrc, 1).to_bytes(), bench.start);
        assert!(matches!(bench.chain.poll_app(), Some(Incoming::UnboundRtp(_))));
    }
    assert_eq!(bench.chain.counters().unbound_read, 10_000);
    assert_eq!((bench.chain.stream_counts(), bench.app()), ((1, 1), vec![]), "and nothing else is kept");
}

#[test]
fn a_packet_that_makes_an_interceptor_emit_without_end_is_cut_off() {
    let limits = Limits::default().with_max_emitted_per_input(3);
    let mut bench = Bench::with_config(config().with_limits(limits), &[("flood", Act::Send(10))]).bound();
    bench.write(1);
    assert_eq!(bench.wire(), [1, 1001, 1001, 1001]);
    assert_eq!(bench.chain.counters().dropped_emissions, 7);
    bench.write(2);
    assert_eq!(bench.wire().len(), 4, "the next input has a limit of its own");
}

#[test]
fn a_packet_that_makes_an_interceptor_fail_or_panic_goes_on() {
    let mut bench = Bench::new(&[("fails", Act::Fail), ("panics", Act::Panic)]).bound();
    bench.read(1);
    bench.read(2);
    assert_eq!(bench.app(), [1, 2]);
    let counters = bench.chain.counters();
    assert_eq!((counters.hook_errors, counters.panics), (2, 1));
}

#[test]
fn more_than_the_owner_polls_pushes_the_oldest_out() {
    let limits = Limits::default().with_max_queued(2).with_max_events(1);
    let probes = [("first", Act::Panic), ("second", Act::Panic)];
    let mut bench = Bench::with_config(config().with_limits(limits), &probes).bound();
    (1..=4).for_each(|number| bench.write(number));
    (5..=8).for_each(|number| bench.read(number));
    assert_eq!((bench.wire(), bench.app()), (vec![3, 4], vec![7, 8]));
    let counters = bench.chain.counters();
    assert_eq!((counters.dropped_queued, counters.dropped_events), (4, 1));
}

#[test]
fn an_instant_before_an_earlier_one_counts_as_that_one() {
    let mut bench = Bench::new(&[("timer", Act::Wake(20 * MS))]).bound();
    bench.chain.write_rtp(rtp(SSRC, 1), bench.start + 100 * MS);
    bench.chain.handle_timeout(bench.start + 130 * MS);
    bench.chain.handle_timeout(bench.start + 130 * MS);
    assert_eq!(bench.chain.counters().clock_went_back, 0, "the same instant again");
    bench.log();
    bench.chain.write_rtp(rtp(SSRC, 2), bench.start);
    bench.chain.handle_timeout(bench.start + 140 * MS);
    assert_eq!(bench.log(), ["timer write 2"], "the earlier instant counted as 130 ms");
    assert_eq!(bench.chain.next_timeout(), Some(bench.start + 150 * MS));
    assert_eq!(bench.chain.counters().clock_went_back, 1);
}

#[test]
fn anything_after_the_close_is_dropped() {
    let mut bench = Bench::new(&[("low", Act::Nothing)]).bound();
    bench.chain.close(bench.start).unwrap();
    bench.log();
    bench.read(1);
    bench.write(2);
    bench.chain.read_rtcp(RtcpPacket::builder().pli(1, 2).build().unwrap(), bench.start);
    assert!(bench.log().is_empty() && bench.app().is_empty() && bench.wire().is_empty());
    assert_eq!(bench.chain.counters().after_close, 3);
}

#[test]
fn a_packet_that_makes_interceptors_tell_facts_without_end_is_cut_off() {
    let config = config().with_limits(Limits::default().with_max_facts_per_input(10));
    let now = config.now;
    let mut chain = Chain::new(config);
    let rounds = Arc::new(AtomicUsize::new(0));
    for name in ["ping", "pong"] {
        let told = Arc::clone(&rounds);
        // For a packet, and in answer to whatever the other one says.
        let say = |cx: &mut Context<'_>| cx.publish(KeyframeNeeded { ssrc: 1 });
        let echo = Actor::default()
            .on_rtcp(move |(), cx| {
                say(cx);
                Ok(())
            })
            .on_fact(move |_, cx| {
                told.fetch_add(1, Relaxed);
                say(cx);
                Ok(())
            });
        chain.insert(name, Stage::APPLICATION, echo, now).unwrap();
    }
    chain.read_rtcp(bye(), now);
    assert_eq!((rounds.load(Relaxed), chain.counters().dropped_facts), (10, 2));
    chain.read_rtcp(bye(), now);
    assert_eq!(
        (rounds.load(Relaxed), chain.counters().dropped_facts),
        (20, 4),
        "each input may tell as many"
    );
}

#[test]
fn a_broken_header_extension_element_costs_no_packet() {
    let mut bench = Bench::new(&[("low", Act::Nothing)]).bound();
    // Element 1 of two bytes, whose second lies behind the block's only word, after a whole element 2.
    let mut datagram = vec![0x90, 96, 0, 7, 0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44];
    datagram.extend([0xbe, 0xde, 0, 1, 0x20, 0xaa, 0x11, 0xbb]);
    bench.chain.read_datagram(datagram.clone().into(), bench.start);
    let Some(Incoming::Rtp(packet)) = bench.chain.poll_app() else { panic!("it is a packet") };
    assert_eq!(packet.to_bytes(), datagram, "untouched");
    assert_eq!(packet.extensions().collect::<Vec<_>>(), [(2, &[0xaa][..])]);
    assert_eq!(bench.chain.counters().malformed_extensions, 1);
    assert_eq!(bench.log(), ["low read 7"]);
}
