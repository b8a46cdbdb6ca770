//! Ten thousand sessions behind one socket: none loses anything, none is left, and together they hold no more than they may.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::RtpPacket;
use interceptor_tokio::{
    LatchOptions, MuxOptions, ReceiveBudget, RemoteStream, Session, SessionOptions, UdpMux,
};
use tokio::task::yield_now;

use crate::support::{SSRC, number, packet, session, session_with, socket, video, within};

const SESSIONS: usize = 10_000;

/// Datagrams that are on their way at once: fewer than a socket's smallest buffer holds.
const BURST: usize = 32;

/// Says which session it is.
fn key(datagram: &Bytes, _: SocketAddr) -> Option<u32> {
    Some(u32::from_be_bytes(*datagram.strip_prefix(b"\x00\x01")?.first_chunk()?))
}

/// The peer of a session, in a network for each test: one socket at a time, as loopback has addresses without end, and descriptors have not.
fn peer(network: u8, number: usize) -> UdpSocket {
    let [high, low] = (number as u16).to_be_bytes();
    // Of a port that no system gives away by itself.
    let socket = UdpSocket::bind((Ipv4Addr::new(127, network, high, low), 20_404)).unwrap();
    // Whoever waits for nothing blocks the runtime, and its limit of time.
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    socket
}

async fn taken(mux: &UdpMux<u32>, count: u64) {
    while mux.counters().received < count {
        yield_now().await;
    }
}

#[tokio::test]
async fn ten_thousand_sessions_on_one_port_lose_nothing_and_leave_nothing() {
    within(async {
        let mux = UdpMux::new(socket().await, MuxOptions::default(), key).unwrap();
        let address = mux.local_addr().unwrap();
        let mut members: Vec<(Session, RemoteStream)> = (0..SESSIONS as u32)
            .map(|n| {
                let session = session(mux.transport(n, LatchOptions::default()).unwrap());
                let remote = session.bind_remote_stream(video()).unwrap();
                (session, remote)
            })
            .collect();
        for n in 0..SESSIONS {
            let peer = peer(2, n);
            // Who it is, and two packets.
            peer.send_to(&[&[0, 1][..], &(n as u32).to_be_bytes()].concat(), address).unwrap();
            for step in 0..2 {
                peer.send_to(&packet(2 * n as u32 + step).to_bytes(), address).unwrap();
            }
            if n % (BURST / 3) == 0 {
                taken(&mux, 3 * (n as u64 + 1)).await;
            }
        }
        for (n, (_, remote)) in (0..).zip(&mut members) {
            for step in 0..2 {
                assert_eq!(number(&remote.read().await.unwrap()), 2 * n + step);
            }
        }
        let counters = mux.counters();
        assert_eq!((counters.received, counters.delivered), (3 * SESSIONS as u64, 3 * SESSIONS as u64));
        assert_eq!((counters.sessions, counters.addresses), (SESSIONS as u64, SESSIONS as u64));
        // Each answers its own peer: the same sockets again.
        for n in (0..SESSIONS).step_by(997) {
            let peer = peer(2, n);
            members[n].0.bind_local_stream(video()).unwrap().write(packet(n as u32)).await.unwrap();
            let mut buffer = [0; 100];
            let len = peer.recv(&mut buffer).unwrap();
            assert_eq!(buffer[..len], packet(n as u32).to_bytes());
        }
        for (session, _) in &members {
            session.close().await.unwrap();
        }
        drop(members);
        let counters = mux.counters();
        assert_eq!((counters.sessions, counters.addresses, counters.unaccounted()), (0, 0, 0));
    })
    .await;
}

/// One of a kilobyte.
fn large(sequence_number: u16) -> Vec<u8> {
    let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(sequence_number);
    packet.payload(vec![0; 988]).build().unwrap().to_bytes().into()
}

#[tokio::test]
async fn ten_thousand_readers_that_do_not_read_hold_no_more_than_they_may_and_all_is_counted() {
    /// A packet has a thousand bytes, and nobody would lose any of these by the limits of its own queues.
    const PACKETS: u64 = 20;
    const ASSURED: usize = 4_000;
    within(async {
        let budget = ReceiveBudget::new(8 << 20).with_assured(ASSURED);
        let options = MuxOptions::default().with_receive_budget(budget.clone());
        let mux = UdpMux::new(socket().await, options, key).unwrap();
        let address = mux.local_addr().unwrap();
        let mut members: Vec<(Session, RemoteStream)> = (0..SESSIONS as u32)
            .map(|n| {
                let options = SessionOptions::default().with_receive_budget(budget.clone());
                let session = session_with(mux.transport(n, LatchOptions::default()).unwrap(), options);
                let remote = session.bind_remote_stream(video()).unwrap();
                (session, remote)
            })
            .collect();
        let packets: Vec<_> = (0..PACKETS as u16).map(large).collect();
        for n in 0..SESSIONS {
            let peer = peer(3, n);
            peer.send_to(&[&[0, 1][..], &(n as u32).to_be_bytes()].concat(), address).unwrap();
            for packet in &packets {
                peer.send_to(packet, address).unwrap();
            }
            taken(&mux, (PACKETS + 1) * (n as u64 + 1)).await;
            assert!(budget.used() <= budget.limit());
        }
        // What waits for the sessions' tasks goes on to the readers.
        while mux.counters().waiting > 0 {
            yield_now().await;
        }
        assert!(budget.used() > budget.limit() - 1000, "{}", budget.used());
        let (mut held, mut least) = (0, usize::MAX);
        for (session, remote) in &mut members {
            let read: Vec<_> = std::iter::from_fn(|| remote.try_read()).collect();
            let bytes: usize = read.iter().map(RtpPacket::total_len).sum();
            (held, least) = (held + bytes, least.min(bytes));
            assert_eq!(session.counters().unaccounted_rtp(read.len() as u64), 0);
        }
        assert!(held <= budget.limit() + SESSIONS * ASSURED, "{held}");
        assert_eq!((least, budget.used(), mux.counters().unaccounted()), (ASSURED, 0, 0));
    })
    .await;
}
