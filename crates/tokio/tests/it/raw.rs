//! Datagrams of other protocols with their addresses, and peers that are named by what those have shown.

use bytes::Bytes;
use interceptor_packet::Kind;
use interceptor_tokio::{Latch, LatchOptions, Session, SessionError, UdpTransport};
use tokio::net::UdpSocket;

use crate::support::wire::Wire;
use crate::support::{number, packet, session, socket, sockets, video, within};

const STUN: &[u8] = b"\x00\x01\x00\x00\x21\x12\xa4\x42 a request";
const ANSWER: &[u8] = b"\x01\x01\x00\x00\x21\x12\xa4\x42 an answer";

/// A session whose peer is only who it is told to be, and the socket's address.
async fn told() -> (Session, Latch, std::net::SocketAddr) {
    let here = socket().await;
    let address = here.local_addr().unwrap();
    let transport = UdpTransport::latching_with(here, LatchOptions::default().with_told(true)).unwrap();
    let latch = transport.latch().unwrap();
    (session(transport), latch, address)
}

async fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; 2048];
    let len = socket.recv(&mut buffer).await.unwrap();
    buffer[..len].to_vec()
}

#[tokio::test]
async fn stun_is_answered_before_there_is_a_peer_and_names_it() {
    within(async {
        let ((session, latch, here), peer) = (told().await, socket().await);
        let (local, mut remote) =
            (session.bind_local_stream(video()).unwrap(), session.bind_remote_stream(video()).unwrap());
        let mut raw = session.raw();
        peer.send_to(STUN, here).await.unwrap();
        let request = raw.read().await.unwrap();
        assert_eq!((&request.bytes[..], request.kind, request.stranger), (STUN, Kind::Other, true));
        let from = request.from.unwrap();
        assert_eq!(from, peer.local_addr().unwrap());
        session.send_raw_to(Bytes::from_static(ANSWER), from).await.unwrap();
        assert_eq!(receive(&peer).await, ANSWER);
        assert_eq!(latch.peer_addr(), None);

        latch.set_peer(from).unwrap();
        local.write(packet(1)).await.unwrap();
        assert_eq!(receive(&peer).await, packet(1).to_bytes());
        peer.send_to(&packet(2).to_bytes(), here).await.unwrap();
        assert_eq!(number(&remote.read().await.unwrap()), 2);
        peer.send_to(STUN, here).await.unwrap();
        assert!(!raw.read().await.unwrap().stranger, "it is the peer's now");
        assert_eq!(session.counters().rejected_datagrams, 0);
    })
    .await;
}

#[tokio::test]
async fn a_peer_that_has_moved_gets_media_at_once() {
    within(async {
        let ((session, latch, here), old, new) = (told().await, socket().await, socket().await);
        let (local, mut remote) =
            (session.bind_local_stream(video()).unwrap(), session.bind_remote_stream(video()).unwrap());
        for (n, peer) in [(0, &old), (10, &new), (20, &old)] {
            latch.set_peer(peer.local_addr().unwrap()).unwrap();
            local.write(packet(n)).await.unwrap();
            assert_eq!(receive(peer).await, packet(n).to_bytes());
            peer.send_to(&packet(n + 1).to_bytes(), here).await.unwrap();
            assert_eq!(number(&remote.read().await.unwrap()), n + 1);
        }
        // Not any more.
        new.send_to(&packet(30).to_bytes(), here).await.unwrap();
        old.send_to(&packet(31).to_bytes(), here).await.unwrap();
        assert_eq!(number(&remote.read().await.unwrap()), 31);
        assert_eq!(session.counters().rejected_datagrams, 1);
    })
    .await;
}

#[tokio::test]
async fn where_the_peer_is_told_media_makes_nobody_it() {
    within(async {
        let ((session, latch, here), stranger) = (told().await, socket().await);
        let mut raw = session.raw();
        for n in 0..10 {
            stranger.send_to(&packet(n).to_bytes(), here).await.unwrap();
        }
        stranger.send_to(STUN, here).await.unwrap();
        assert!(raw.read().await.unwrap().stranger);
        assert_eq!((session.counters().rejected_datagrams, latch.peer_addr()), (10, None));
    })
    .await;
}

#[tokio::test]
async fn a_packet_that_came_before_its_sender_was_named_is_read() {
    within(async {
        let (here, peer) = (socket().await, socket().await);
        let address = here.local_addr().unwrap();
        let transport = UdpTransport::latching(here).unwrap();
        let latch = transport.latch().unwrap();
        let session = session(transport);
        let (mut remote, mut raw) = (session.bind_remote_stream(video()).unwrap(), session.raw());
        peer.send_to(&packet(5).to_bytes(), address).await.unwrap();
        peer.send_to(STUN, address).await.unwrap();
        latch.set_peer(raw.read().await.unwrap().from.unwrap()).unwrap();
        // Not the next in sequence: it is the word that counts.
        peer.send_to(&packet(7).to_bytes(), address).await.unwrap();
        assert_eq!(number(&remote.read().await.unwrap()), 5);
        assert_eq!(number(&remote.read().await.unwrap()), 7);
    })
    .await;
}

#[tokio::test]
async fn every_udp_transport_tells_where_datagrams_came_from_and_answers_there() {
    within(async {
        let (here, there) = sockets().await;
        let (from, address) = (there.local_addr().unwrap(), here.local_addr().unwrap());
        let session = session(UdpTransport::connected(here).unwrap());
        let mut raw = session.raw();
        there.send(STUN).await.unwrap();
        let request = raw.read().await.unwrap();
        assert_eq!((request.from, request.stranger), (Some(from), false));
        session.send_raw_to(Bytes::from_static(ANSWER), from).await.unwrap();
        assert_eq!(receive(&there).await, ANSWER);
        // A connected socket reaches nobody else.
        session.send_raw_to(Bytes::from_static(ANSWER), address).await.unwrap();
        session.send_raw(Bytes::from_static(b"\x16 next")).await.unwrap();
        assert_eq!(receive(&there).await, b"\x16 next");
        let counters = session.counters();
        assert_eq!((counters.send_errors, counters.unaccounted_sends()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn who_says_it_sends_from_port_0_ends_nobody() {
    within(async {
        let ((session, latch, _), peer) = (told().await, socket().await);
        let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        session.send_raw_to(Bytes::from_static(ANSWER), nowhere).await.unwrap();
        latch.set_peer(nowhere).unwrap();
        session.send_raw(Bytes::from_static(ANSWER)).await.unwrap();
        latch.set_peer(peer.local_addr().unwrap()).unwrap();
        session.send_raw(Bytes::from_static(b"\x16 next")).await.unwrap();
        assert_eq!(receive(&peer).await, b"\x16 next");
        let counters = session.counters();
        assert_eq!((counters.send_errors, counters.discarded_sends, counters.unaccounted_sends()), (2, 2, 0));
        assert!(session.ended().is_none());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_transport_without_addresses_says_so() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let mut raw = session.raw();
    into.push(Bytes::from_static(STUN));
    assert_eq!(raw.read().await.unwrap().from, None);
    let sent = session.send_raw_to(Bytes::from_static(ANSWER), ([192, 0, 2, 1], 5).into()).await;
    assert!(matches!(sent, Err(SessionError::OnlyToPeer)));
    assert!(session.ended().is_none());
}
