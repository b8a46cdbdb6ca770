//! Many sessions over one socket.

use std::net::SocketAddr;
use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;
use interceptor_tokio::{
    KeyTaken, LatchOptions, MuxError, MuxOptions, PeerError, RemoteStream, Session, UdpMux,
};
use tokio::net::UdpSocket;

use crate::support::{number, packet, session, socket, video, within};

/// A binding request, as far as a test needs one: the key stands where a `USERNAME` would.
fn request(key: &str) -> Vec<u8> {
    [b"\x00\x01", key.as_bytes()].concat()
}

fn key(datagram: &Bytes, _: SocketAddr) -> Option<String> {
    let key = datagram.strip_prefix(b"\x00\x01")?;
    String::from_utf8(key.to_vec()).ok()
}

async fn mux(options: MuxOptions) -> UdpMux<String> {
    UdpMux::new(socket().await, options, key).unwrap()
}

/// A session of the mux whose peer is the first address that is named.
fn member(mux: &UdpMux<String>, key: &str) -> (Session, RemoteStream) {
    let session = session(mux.transport(key.into(), LatchOptions::default()).unwrap());
    let remote = session.bind_remote_stream(video()).unwrap();
    (session, remote)
}

async fn send(from: &UdpSocket, mux: &UdpMux<String>, datagram: &[u8]) {
    from.send_to(datagram, mux.local_addr().unwrap()).await.unwrap();
}

async fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; 2048];
    let len = socket.recv(&mut buffer).await.unwrap();
    buffer[..len].to_vec()
}

/// Until the mux has taken so many datagrams out of its socket.
async fn received(mux: &UdpMux<String>, count: u64) {
    while mux.counters().received < count {
        tokio::task::yield_now().await;
    }
    assert_eq!(mux.counters().unaccounted(), 0, "{:?}", mux.counters());
}

#[tokio::test]
async fn sessions_are_told_apart_by_address() {
    within(async {
        let mux = mux(MuxOptions::default()).await;
        let mut members = [member(&mux, "a"), member(&mux, "b"), member(&mux, "c")];
        let peers = [socket().await, socket().await, socket().await];
        for (peer, key) in peers.iter().zip(["a", "b", "c"]) {
            send(peer, &mux, &request(key)).await;
        }
        for n in 0..30 {
            send(&peers[n as usize % 3], &mux, &packet(n).to_bytes()).await;
        }
        for n in 0..30 {
            assert_eq!(number(&members[n as usize % 3].1.read().await.unwrap()), n);
        }
        for ((session, _), peer) in members.iter().zip(&peers) {
            let mut frame: Vec<_> = (100..110).map(packet).collect();
            session.bind_local_stream(video()).unwrap().write_all(&mut frame).await.unwrap();
            for n in 100..110 {
                assert_eq!(receive(peer).await, packet(n).to_bytes());
            }
        }
        let counters = mux.counters();
        assert_eq!((counters.received, counters.delivered, counters.unaccounted()), (33, 33, 0));
        assert_eq!((counters.sessions, counters.addresses), (3, 3));
    })
    .await;
}

#[tokio::test]
async fn of_many_addresses_of_a_session_one_is_the_peers() {
    within(async {
        let mux = mux(MuxOptions::default()).await;
        let transport = mux.transport("a".into(), LatchOptions::default().with_told(true)).unwrap();
        let latch = transport.latch();
        let session = session(transport);
        let (mut remote, mut raw) = (session.bind_remote_stream(video()).unwrap(), session.raw());
        let pairs = [socket().await, socket().await, socket().await];
        for pair in &pairs {
            send(pair, &mux, &request("a")).await;
            let asked = raw.read().await.unwrap();
            assert_eq!((asked.from, asked.stranger), (Some(pair.local_addr().unwrap()), true));
            session.send_raw_to(Bytes::from_static(b"\x01\x01"), asked.from.unwrap()).await.unwrap();
            assert_eq!(receive(pair).await, b"\x01\x01");
        }
        for (n, nominated) in [(0, &pairs[1]), (10, &pairs[2])] {
            latch.set_peer(nominated.local_addr().unwrap()).unwrap();
            // Only the nominated one's is taken.
            for pair in [&pairs[0], nominated] {
                let n = if std::ptr::eq(pair, nominated) { n } else { 1000 };
                send(pair, &mux, &packet(n).to_bytes()).await;
            }
            assert_eq!(number(&remote.read().await.unwrap()), n);
            session.bind_local_stream(video()).unwrap().write(packet(n)).await.unwrap();
            assert_eq!(receive(nominated).await, packet(n).to_bytes());
        }
        // A handshake goes on beside it.
        send(&pairs[0], &mux, b"\x16dtls").await;
        assert_eq!(raw.read().await.unwrap().bytes, &b"\x16dtls"[..]);
        let counters = mux.counters();
        assert_eq!((counters.rejected, counters.addresses, counters.unaccounted()), (2, 3, 0));
        assert_eq!(session.counters().rejected_datagrams, 2);
    })
    .await;
}

#[tokio::test]
async fn a_peer_known_from_signalling_needs_no_callback() {
    within(async {
        let mux = mux(MuxOptions::default()).await;
        let (peer, other) = (socket().await, socket().await);
        let transport = mux.transport("a".into(), LatchOptions::default()).unwrap();
        let second = mux.transport("b".into(), LatchOptions::default()).unwrap();
        let address = peer.local_addr().unwrap();
        transport.latch().set_peer(address).unwrap();
        assert_eq!(second.latch().set_peer(address), Err(PeerError::Taken));
        assert_eq!(second.latch().peer_addr(), None);
        let session = session(transport);
        let mut remote = session.bind_remote_stream(video()).unwrap();
        send(&other, &mux, &packet(1).to_bytes()).await;
        send(&peer, &mux, &packet(2).to_bytes()).await;
        assert_eq!(number(&remote.read().await.unwrap()), 2);
        assert_eq!((mux.counters().unknown, mux.counters().unaccounted()), (1, 0));
        let latch = second.latch();
        drop(second);
        assert_eq!(latch.set_peer(other.local_addr().unwrap()), Err(PeerError::Ended));
    })
    .await;
}

#[tokio::test]
async fn an_address_moves_only_by_the_callbacks_word() {
    within(async {
        let mux = mux(MuxOptions::default()).await;
        let ((first, mut at_first), (second, mut at_second)) = (member(&mux, "a"), member(&mux, "b"));
        let peer = socket().await;
        send(&peer, &mux, &request("a")).await;
        send(&peer, &mux, &packet(1).to_bytes()).await;
        assert_eq!(number(&at_first.read().await.unwrap()), 1);
        // Nobody's key, no key at all: it stays where it is.
        send(&peer, &mux, &request("nobody")).await;
        send(&peer, &mux, b"\x16b").await;
        send(&peer, &mux, &packet(2).to_bytes()).await;
        assert_eq!(number(&at_first.read().await.unwrap()), 2);
        send(&peer, &mux, &request("b")).await;
        send(&peer, &mux, &packet(3).to_bytes()).await;
        assert_eq!(number(&at_second.read().await.unwrap()), 3);
        assert_eq!((mux.counters().moved_addresses, mux.counters().addresses), (1, 1));
        // The first has no peer any more, and the second has this one.
        first.bind_local_stream(video()).unwrap().write(packet(4)).await.unwrap();
        second.bind_local_stream(video()).unwrap().write(packet(5)).await.unwrap();
        assert_eq!(receive(&peer).await, packet(5).to_bytes());
        assert_eq!((first.counters().send_errors, first.counters().discarded_sends), (1, 1));
        assert_eq!(mux.counters().unaccounted(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_stalls_loses_its_own_oldest_and_disturbs_no_other() {
    within(async {
        let mux = mux(MuxOptions::default().with_session_queue(8)).await;
        let stalled = mux.transport("stalled".into(), LatchOptions::default()).unwrap();
        let (quick, mut at_quick) = member(&mux, "quick");
        let (stuck, peer) = (socket().await, socket().await);
        send(&stuck, &mux, &request("stalled")).await;
        send(&peer, &mux, &request("quick")).await;
        for n in 0..50 {
            send(&stuck, &mux, &packet(n).to_bytes()).await;
            send(&peer, &mux, &packet(n).to_bytes()).await;
            assert_eq!(number(&at_quick.read().await.unwrap()), n);
        }
        received(&mux, 102).await;
        let counters = mux.counters();
        assert_eq!((counters.overrun, counters.waiting, counters.delivered), (43, 8, 51));
        assert_eq!(quick.counters().overrun_datagrams, 0);
        let session = session(stalled);
        let mut remote = session.bind_remote_stream(video()).unwrap();
        for n in 42..50 {
            assert_eq!(number(&remote.read().await.unwrap()), n);
        }
        assert_eq!(session.counters().overrun_datagrams, 43);
        assert_eq!((mux.counters().waiting, mux.counters().unaccounted()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn closed_sessions_leave_nothing() {
    within(async {
        let mux = mux(MuxOptions::default()).await;
        let peer = socket().await;
        for round in 0..3 {
            let (session, mut remote) = member(&mux, "a");
            assert_eq!(mux.transport("a".into(), LatchOptions::default()).unwrap_err(), KeyTaken);
            assert_eq!(mux.alias(&"a".into(), "another".into()), Ok(true));
            assert_eq!(mux.alias(&"a".into(), "another".into()), Err(KeyTaken));
            assert_eq!(mux.alias(&"unknown".into(), "b".into()), Ok(false));
            send(&peer, &mux, &request("another")).await;
            send(&peer, &mux, &packet(round).to_bytes()).await;
            assert_eq!(number(&remote.read().await.unwrap()), round);
            session.close().await.unwrap();
            assert_eq!((mux.counters().sessions, mux.counters().addresses), (0, 0));
            // What still comes is nobody's.
            send(&peer, &mux, &packet(0).to_bytes()).await;
            received(&mux, u64::from(3 * (round + 1))).await;
            assert_eq!(mux.counters().unknown, u64::from(round + 1));
        }
        // One that never had a session, with datagrams that wait.
        let transport = mux.transport("a".into(), LatchOptions::default()).unwrap();
        send(&peer, &mux, &request("a")).await;
        received(&mux, 10).await;
        drop(transport);
        let counters = mux.counters();
        assert_eq!((counters.untaken_at_close, counters.sessions, counters.unaccounted()), (1, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn the_socket_is_closed_with_the_last_who_uses_it() {
    within(async {
        let mux = mux(MuxOptions::default()).await;
        let (address, (session, mut remote)) = (mux.local_addr().unwrap(), member(&mux, "a"));
        let peer = socket().await;
        send(&peer, &mux, &request("a")).await;
        drop(mux);
        peer.send_to(&packet(1).to_bytes(), address).await.unwrap();
        assert_eq!(number(&remote.read().await.unwrap()), 1);
        session.close().await.unwrap();
        while UdpSocket::bind(address).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_mux_that_cannot_be_says_why() {
    let socket = socket().await;
    let made = UdpMux::<String>::new(socket, MuxOptions::default().with_session_queue(0), key);
    assert!(matches!(made, Err(MuxError::Options(error)) if error.field == "session_queue"));
}

#[tokio::test]
async fn a_callback_that_panics_names_nobody() {
    within(async {
        let named = |datagram: &Bytes, from| match key(datagram, from) {
            Some(key) if key == "panic" => panic_any("no"),
            key => key,
        };
        let mux = UdpMux::new(socket().await, MuxOptions::default(), named).unwrap();
        let ((_session, mut remote), peer) = (member(&mux, "a"), socket().await);
        send(&peer, &mux, &request("panic")).await;
        send(&peer, &mux, &request("a")).await;
        send(&peer, &mux, &packet(1).to_bytes()).await;
        assert_eq!(number(&remote.read().await.unwrap()), 1);
        assert_eq!((mux.counters().callback_panics, mux.counters().unknown), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn more_unknown_datagrams_than_are_asked_about_are_counted() {
    within(async {
        let mux = mux(MuxOptions::default().with_unknown_per_second(1)).await;
        let stranger = socket().await;
        for _ in 0..100 {
            send(&stranger, &mux, b"\x00\x01nobody").await;
        }
        received(&mux, 100).await;
        let counters = mux.counters();
        assert_eq!(counters.unknown + counters.unknown_limited, 100);
        // Unless all that took 99 s.
        assert!(counters.unknown_limited > 0 && counters.unknown > 0, "{counters:?}");
        assert_eq!(counters.addresses, 0);
    })
    .await;
}

#[tokio::test]
async fn requests_of_a_peer_without_end_are_its_sessions_and_few_are_asked_about() {
    within(async {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let named = move |datagram: &Bytes, from| {
            count.fetch_add(1, Relaxed);
            key(datagram, from)
        };
        let options = MuxOptions::default().with_unknown_per_second(1);
        let mux = UdpMux::new(socket().await, options, named).unwrap();
        let ((_session, _remote), peer) = (member(&mux, "a"), socket().await);
        for _ in 0..100 {
            send(&peer, &mux, &request("a")).await;
        }
        received(&mux, 100).await;
        let counters = mux.counters();
        assert_eq!((counters.unknown, counters.unknown_limited), (0, 0));
        // Unless all that took 98 s.
        assert!(asked.load(Relaxed) < 100, "{asked:?}");
    })
    .await;
}

#[tokio::test]
async fn addresses_without_end_do_not_push_out_the_peers() {
    within(async {
        let mux = mux(MuxOptions::default().with_session_addresses(4)).await;
        let ((_session, mut remote), peer) = (member(&mux, "a"), socket().await);
        send(&peer, &mux, &request("a")).await;
        for n in 0..20 {
            send(&socket().await, &mux, &request("a")).await;
            send(&peer, &mux, &packet(n).to_bytes()).await;
            assert_eq!(number(&remote.read().await.unwrap()), n);
        }
        let counters = mux.counters();
        assert_eq!((counters.addresses, counters.evicted_addresses, counters.unaccounted()), (4, 17, 0));
    })
    .await;
}
