//! The rows of the table of malformed and hostile input: each costs what the table says, and is counted.

use std::io::ErrorKind;
use std::sync::Arc;

use allocation_counter::measure;
use bytes::Bytes;
use interceptor_core::{Context, Event, Flow, Interceptor, Registry, Result, Stage, StreamInfo};
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_packet::{Rtcp, RtcpPacket, RtpPacket};
use interceptor_tokio::{Session, SessionError, SessionOptions, UdpTransport};
use tokio::runtime::Builder;

use crate::support::wire::{Lane, Wire};
use crate::support::{
    SSRC, number, numbers, packet, packet_of, session, session_of, session_with, settle, socket, sockets,
    video, within,
};

#[tokio::test(start_paused = true)]
async fn a_datagram_of_another_protocol_comes_raw() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let mut raw = session.raw();
    for datagram in [&b"\x00\x01\x00\x00\x21\x12\xa4\x42stun"[..], b"\x16\xfe\xfddtls", b""] {
        into.push(Bytes::from_static(datagram));
        assert_eq!(raw.read().await.unwrap().bytes, datagram);
    }
    let chain = session.counters().chain;
    assert_eq!((chain.foreign_datagrams, chain.malformed_datagrams), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_malformed_datagram_comes_raw() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let remote = session.bind_remote_stream(video()).unwrap();
    let mut raw = session.raw();
    // RTP with an extension block beyond its end; RTCP whose length field is beyond its end.
    let extension = &b"\x90\x60\0\0\0\0\0\0\x11\x22\x33\x44\xbe\xde\x00\x09"[..];
    for datagram in [extension, b"\x80\xc8\xff\xff\0\0\0\0"] {
        into.push(Bytes::from_static(datagram));
        assert_eq!(raw.read().await.unwrap().bytes, datagram);
    }
    let chain = session.counters().chain;
    assert_eq!((chain.malformed_datagrams, chain.foreign_datagrams), (2, 0));
    assert_eq!(remote.queued(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_compound_with_a_malformed_packet_is_read() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let (_, mut rtcp) = session.rtcp();
    // A NACK without a pair before the PLI, and half a header behind it.
    let mut datagram = b"\x81\xcd\x00\x01\x00\x00\x00\x00".to_vec();
    datagram.extend_from_slice(RtcpPacket::builder().pli(1, SSRC).build().unwrap().as_bytes());
    datagram.extend_from_slice(b"\x81\xc9");
    into.push(datagram.clone());
    let compound = rtcp.read().await.unwrap();
    assert_eq!(compound.as_bytes(), &datagram);
    assert!(matches!(compound.packets().next(), Some(Rtcp::Pli(pli)) if pli.media_ssrc() == SSRC));
    assert_eq!(session.counters().chain.malformed_rtcp_packets, 2);
}

#[tokio::test]
async fn a_datagram_of_a_stranger_is_rejected() {
    within(async {
        let (here, peer, stranger) = (socket().await, socket().await, socket().await);
        let address = here.local_addr().unwrap();
        let session = session(UdpTransport::with_peer(here, peer.local_addr().unwrap()).unwrap());
        let mut remote = session.bind_remote_stream(video()).unwrap();
        for n in 0..3 {
            stranger.send_to(&packet(n).to_bytes(), address).await.unwrap();
        }
        peer.send_to(&packet(7).to_bytes(), address).await.unwrap();
        assert_eq!(number(&remote.read().await.unwrap()), 7);
        let counters = session.counters();
        assert_eq!((counters.rejected_datagrams, counters.received_datagrams), (3, 1));
    })
    .await;
}

#[tokio::test]
async fn a_datagram_longer_than_a_conn_takes_is_rejected() {
    within(async {
        let (here, peer) = sockets().await;
        let session = session(Arc::new(here));
        let mut remote = session.bind_remote_stream(video()).unwrap();
        // With its header of 12 bytes the first one is just short enough.
        for payload in [8180, 8181, 30_000, 4] {
            let mut packet = packet(payload);
            packet.set_payload(vec![0; payload as usize]);
            peer.send(&packet.to_bytes()).await.unwrap();
        }
        assert_eq!(remote.read().await.unwrap().total_len(), 8192);
        assert_eq!(remote.read().await.unwrap().total_len(), 16);
        let counters = session.counters();
        assert_eq!((counters.rejected_datagrams, counters.received_datagrams), (2, 2));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn errors_that_pass_are_counted_until_there_is_nothing_else() {
    let wire = Wire::new();
    let (out, into) = wire.lanes();
    let session = session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    let fail = async || {
        into.fail_receive(ErrorKind::ConnectionRefused);
        settle().await;
    };
    for n in 0..200 {
        fail().await;
        // Something was sent that the next one may answer.
        local.write(packet(n)).await.unwrap();
    }
    out.fail_send(ErrorKind::ConnectionRefused);
    local.write(packet(200)).await.unwrap();
    assert_eq!((session.counters().receive_errors, session.counters().send_errors), (200, 1));
    for _ in 0..101 {
        fail().await;
    }
    let ended = session.ended();
    assert!(
        matches!(&ended, Some(SessionError::Transport(error)) if error.kind() == ErrorKind::ConnectionRefused),
        "{ended:?}"
    );
}

#[tokio::test]
async fn nobody_takes_the_place_of_a_latching_sockets_peer_with_rtcp() {
    within(async {
        let (here, peer, stranger) = (socket().await, socket().await, socket().await);
        let address = here.local_addr().unwrap();
        let session = session(UdpTransport::latching(here).unwrap());
        let mut remote = session.bind_remote_stream(StreamInfo::new(5, 96, 90_000)).unwrap();
        // A whole report in eight bytes, and RTP that goes nowhere.
        for n in 0..50 {
            stranger.send_to(&[0x80, 201, 0, 1, 0, 0, 0, 9], address).await.unwrap();
            stranger.send_to(&packet_of(9, 2 * n).to_bytes(), address).await.unwrap();
        }
        for n in 0..50 {
            peer.send_to(&packet_of(5, n).to_bytes(), address).await.unwrap();
        }
        for n in 0..50 {
            assert_eq!(number(&remote.read().await.unwrap()), n);
        }
        assert_eq!(session.counters().rejected_datagrams, 100);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn ssrcs_without_end_are_not_kept() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let options = SessionOptions::default().with_pending_streams(4).with_pending_packets(2);
    let session = session_with(wire, options);
    for ssrc in 0..10_000 {
        for n in 0..3 {
            into.push(packet_of(ssrc, n).to_bytes());
        }
    }
    settle().await;
    assert_eq!(session.counters().dropped_unbound, 30_000 - 4 * 2);
    for ssrc in 9_996..10_000 {
        let incoming = session.accept().await.unwrap();
        assert_eq!((incoming.ssrc(), number(incoming.first_packet())), (ssrc, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_accepted_beside_ssrcs_without_end() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session_with(wire, SessionOptions::default().with_probation_packets(2));
    let incoming = session.accept();
    let flood = async {
        // 30 000 new ones a second; the stream has a packet each 20 ms.
        for n in 0..500 {
            into.push(packet(n).to_bytes());
            for stranger in 1..=600 {
                into.push(packet_of(n * 1000 + stranger, 0).to_bytes());
            }
            settle().await;
            tokio::time::advance(std::time::Duration::from_millis(20)).await;
        }
    };
    let incoming = tokio::select! {
        biased;
        incoming = incoming => incoming.unwrap(),
        () = flood => panic!("it was not offered"),
    };
    assert_eq!(incoming.ssrc(), SSRC);
    let counters = session.counters();
    assert!(counters.dropped_unproven > 0, "{counters:?}");
    assert_eq!((counters.dropped_unbound, counters.unaccounted_rtp(0)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn packets_faster_than_they_are_read_push_the_oldest_out() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let options = SessionOptions::default().with_receive_queue(100).with_pending_packets(1);
    let session = session_with(wire, options);
    let mut slow = session.bind_remote_stream(video()).unwrap();
    let other = session.bind_remote_stream(StreamInfo::new(77, 96, 90_000)).unwrap();
    into.push(packet_of(77, 0).to_bytes());
    (0..1000).for_each(|n| into.push(packet(n).to_bytes()));
    settle().await;
    assert_eq!((session.counters().dropped_reads, slow.dropped(), other.dropped()), (900, 900, 0));
    assert_eq!((number(&slow.read().await.unwrap()), other.queued()), (900, 1));
}

#[tokio::test(start_paused = true)]
async fn rtcp_raw_datagrams_and_events_faster_than_they_are_read_push_the_oldest_out() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let options = SessionOptions::default().with_rtcp_queue(4).with_raw_queue(2).with_event_queue(1);
    let session = session_with(wire, options);
    // Two that panic make two events.
    for name in ["first", "second"] {
        session.with_chain(|chain, now| chain.insert(name, Stage::NACK, Brittle, now)).unwrap();
    }
    let _remote = session.bind_remote_stream(video()).unwrap();
    let ((_, mut rtcp), mut raw, mut events) = (session.rtcp(), session.raw(), session.events());
    into.push(packet(1).to_bytes());
    for n in 0..10 {
        into.push(RtcpPacket::builder().pli(1, n).build().unwrap().into_bytes());
        into.push(vec![0, n as u8]);
    }
    settle().await;
    assert_eq!((rtcp.dropped(), raw.dropped(), events.dropped()), (6, 8, 1));
    let compound = rtcp.read().await.unwrap();
    assert!(matches!(compound.packets().next(), Some(Rtcp::Pli(pli)) if pli.media_ssrc() == 6));
    assert_eq!(raw.read().await.unwrap().bytes, [0, 8][..]);
    let event = events.read().await.unwrap();
    assert!(matches!(&event, Event::Bypassed { interceptor: "second", .. }), "{event:?}");
}

#[tokio::test(start_paused = true)]
async fn requests_for_more_than_the_transport_takes_are_dropped() {
    let wire = Wire::new();
    let (out, into) = wire.lanes();
    let at_once = NackOptions::default().with_answer_spread(false);
    let registry = Registry::new().with(NackFactory::new(at_once).unwrap());
    let session = session_of(&registry, wire, SessionOptions::default().with_send_queue(1));
    let local = session.bind_local_stream(video().with_feedback("nack", "")).unwrap();
    for n in 0..200 {
        local.write(packet(n)).await.unwrap();
    }
    settle().await;
    assert_eq!(out.take().len(), 200);
    out.set_room(Some(0));
    let everything: Vec<u16> = (0..200).collect();
    into.push(RtcpPacket::builder().nack(1, SSRC, &everything).build().unwrap().into_bytes());
    settle().await;
    out.set_room(None);
    settle().await;
    let sent = numbers(&out.take());
    assert!((1..=66).contains(&sent.len()), "{}", sent.len());
    assert_eq!(session.counters().dropped_sends, 200 - sent.len() as u64);
}

/// Panics at packet 1.
struct Brittle;

impl Interceptor for Brittle {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        assert_ne!(number(packet), 1, "told to panic");
        Ok(Flow::Forward)
    }
}

#[tokio::test(start_paused = true)]
async fn a_packet_that_makes_an_interceptor_panic_goes_on() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    session.with_chain(|chain, now| chain.insert("brittle", Stage::NACK, Brittle, now)).unwrap();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    for n in 0..3 {
        into.push(packet(n).to_bytes());
        assert_eq!(number(&remote.read().await.unwrap()), n);
    }
    assert_eq!(session.counters().chain.panics, 1);
    session.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_ssrc_that_is_rejected_is_not_offered_again() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    into.push(packet_of(1, 0).to_bytes());
    into.push(packet_of(2, 0).to_bytes());
    let first = session.accept().await.unwrap();
    let second = session.accept().await.unwrap();
    assert_eq!((first.ssrc(), second.ssrc()), (1, 2));
    first.reject();
    (1..4).for_each(|n| into.push(packet_of(1, n).to_bytes()));
    into.push(packet_of(3, 0).to_bytes());
    assert_eq!(session.accept().await.unwrap().ssrc(), 3);
    assert_eq!(session.counters().dropped_rejected, 4, "what was kept, and what came after");
    drop(second);
    // Who binds it wants it after all.
    let mut wanted = session.bind_remote_stream(StreamInfo::new(1, 96, 90_000)).unwrap();
    into.push(packet_of(1, 4).to_bytes());
    assert_eq!(number(&wanted.read().await.unwrap()), 4);
}

/// As large as a datagram can be, in a buffer of its own.
fn giant(ssrc: u32, number: u16) -> Bytes {
    let payload = vec![7; 65_507 - 12];
    RtpPacket::builder()
        .ssrc(ssrc)
        .payload_type(96)
        .sequence_number(number)
        .payload(payload)
        .build()
        .unwrap()
        .to_bytes()
}

/// Pushes one after the other, so that nothing waits on the wire.
async fn feed(into: &Lane, datagrams: impl IntoIterator<Item = Bytes>) {
    for datagram in datagrams {
        into.push(datagram);
        settle().await;
    }
}

/// The most that was allocated at one time while a session takes all this in, in bytes over one that takes in nothing.
fn most_bytes(attack: impl AsyncFn(&Session, &Lane)) -> u64 {
    most_bytes_with(SessionOptions::default(), attack)
}

fn most_bytes_with(options: SessionOptions, attack: impl AsyncFn(&Session, &Lane)) -> u64 {
    let run = |attacked: bool| {
        measure(|| {
            let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            runtime.block_on(async {
                let wire = Wire::new();
                let (_, into) = wire.lanes();
                let session = session_with(wire, options.clone());
                settle().await;
                if attacked {
                    attack(&session, &into).await;
                }
                session.close().await.unwrap();
            });
        })
        .bytes_max
    };
    let idle = run(false);
    run(true) - idle
}

/// What a giant on its way costs: on the wire, and copied.
const IN_FLIGHT: u64 = 3 * 65_536;

#[test]
fn giants_of_unbound_ssrcs_are_kept_up_to_the_caps() {
    let most = most_bytes(async |session, into| {
        let flood = (0..100).flat_map(|n| (1..=16).map(move |ssrc| giant(ssrc, n)));
        feed(into, flood).await;
        let kept = 1600 - session.counters().dropped_unbound;
        assert!((15..=16).contains(&kept), "{kept} of 65 507 bytes in 1 MiB");
    });
    assert!(most <= (1 << 20) + IN_FLIGHT + 65_536, "{most}");
}

#[test]
fn giants_on_probation_and_small_packets_of_many_ssrcs_are_kept_up_to_the_caps() {
    let options = SessionOptions::default().with_probation_packets(2);
    let most = most_bytes_with(options, async |session, into| {
        // Half of them prove to be streams.
        for n in 0..40 {
            feed(into, (1..=16).map(|ssrc| giant(ssrc, if ssrc % 2 == 0 { n } else { 2 * n }))).await;
        }
        feed(into, (100..3000).map(|ssrc| packet_of(ssrc, 0).to_bytes())).await;
        let counters = session.counters();
        assert!(counters.dropped_unproven > 2000 && counters.dropped_unbound > 200, "{counters:?}");
        assert_eq!(counters.unaccounted_rtp(0), 0);
    });
    assert!(most <= 2 << 20, "{most}");
}

#[test]
fn giants_of_one_unbound_ssrc_are_kept_up_to_its_cap() {
    let most = most_bytes(async |session, into| {
        feed(into, (0..200).map(|n| giant(SSRC, n))).await;
        assert_eq!(session.counters().dropped_unbound, 196);
        let incoming = session.accept().await.unwrap();
        assert_eq!(incoming.first_packet().sequence_number(), 196);
    });
    assert!(most <= (256 << 10) + IN_FLIGHT + 65_536, "{most}");
}

#[test]
fn giants_of_a_stream_that_is_not_read_are_kept_up_to_its_cap() {
    let most = most_bytes(async |session, into| {
        let mut remote = session.bind_remote_stream(video()).unwrap();
        feed(into, (0..600).map(|n| giant(SSRC, n))).await;
        assert_eq!((session.counters().dropped_reads, remote.dropped(), remote.queued()), (584, 584, 16));
        assert_eq!(remote.read().await.unwrap().sequence_number(), 584);
    });
    assert!(most <= (1 << 20) + IN_FLIGHT + 65_536, "{most}");
}

/// A compound of many BYEs.
fn large_compound() -> Bytes {
    let bye = RtcpPacket::builder().bye(&[1], &"x".repeat(200)).build().unwrap().into_bytes();
    bye.repeat(65_507 / bye.len()).into()
}

#[test]
fn giants_of_rtcp_and_other_protocols_are_kept_up_to_their_caps() {
    let most = most_bytes(async |session, into| {
        let flood = (0..100).flat_map(|_| [large_compound(), Bytes::from(vec![1; 65_507])]);
        feed(into, flood).await;
        let ((_, rtcp), raw) = (session.rtcp(), session.raw());
        let chain = session.counters().chain;
        assert_eq!((chain.malformed_datagrams, chain.foreign_datagrams), (0, 100));
        assert_eq!((rtcp.dropped(), raw.dropped()), (96, 96));
    });
    assert!(most <= (512 << 10) + IN_FLIGHT + 65_536, "{most}");
}

#[tokio::test(start_paused = true)]
async fn small_streams_keep_what_they_have_beside_giants() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session_with(wire, SessionOptions::default().with_pending_total_bytes(300 << 10));
    for n in 0..20 {
        into.push(packet(n).to_bytes());
        feed(&into, (1..=8).map(|ssrc| giant(ssrc, n as u16))).await;
    }
    let incoming = session.accept().await.unwrap();
    assert_eq!(incoming.ssrc(), SSRC);
    assert_eq!(incoming.bind(video()).unwrap().queued(), 20);
}

#[tokio::test]
async fn handshakes_of_strangers_are_kept_up_to_their_cap_and_push_out_none_of_the_peers() {
    within(async {
        let (here, peer, stranger) = (socket().await, socket().await, socket().await);
        let address = here.local_addr().unwrap();
        let transport = UdpTransport::latching(here).unwrap();
        transport.latch().unwrap().set_peer(peer.local_addr().unwrap()).unwrap();
        let session = session_with(transport, SessionOptions::default().with_stranger_queue(3));
        peer.send_to(b"\x16dtls", address).await.unwrap();
        for n in 0..100 {
            // STUN; a byte that no protocol begins with (RFC 7983); media.
            stranger.send_to(&[0, 1, n], address).await.unwrap();
            stranger.send_to(&[200, 1, n], address).await.unwrap();
            stranger.send_to(&packet(n.into()).to_bytes(), address).await.unwrap();
        }
        while session.counters().rejected_datagrams < 200 {
            tokio::task::yield_now().await;
        }
        let mut raw = session.raw();
        assert_eq!(raw.try_read().unwrap().bytes, &b"\x16dtls"[..], "the peer's first");
        for n in 97..100 {
            assert_eq!(raw.try_read().unwrap().bytes, [0, 1, n][..]);
        }
        assert_eq!((raw.try_read(), raw.dropped(), raw.dropped_strangers()), (None, 0, 97));
        assert_eq!(session.counters().dropped_strangers, 97);
    })
    .await;
}

#[tokio::test]
async fn giant_handshakes_of_strangers_are_kept_up_to_their_cap() {
    within(async {
        let (here, stranger) = (socket().await, socket().await);
        let address = here.local_addr().unwrap();
        let session = session(UdpTransport::latching(here).unwrap());
        for sent in 1..=20 {
            stranger.send_to(&[0; 40_000], address).await.unwrap();
            while session.counters().received_datagrams < sent {
                tokio::task::yield_now().await;
            }
        }
        let mut raw = session.raw();
        assert_eq!((raw.try_read().map(|first| first.bytes.len()), raw.try_read()), (Some(40_000), None));
        assert_eq!(session.counters().dropped_strangers, 19);
    })
    .await;
}
