//! What the tests share: packets, streams, pairs of sessions, a limit of time for tests on real sockets.

pub(crate) mod relay;
pub(crate) mod wire;

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use interceptor_core::{Registry, StreamInfo};
use interceptor_packet::RtpPacket;
use interceptor_tokio::{Session, SessionOptions, Transport, UdpTransport};
use tokio::net::UdpSocket;

/// The media SSRC of most tests.
pub(crate) const SSRC: u32 = 0x1122_3344;

pub(crate) fn video() -> StreamInfo {
    StreamInfo::new(SSRC, 96, 90_000).with_mime_type("video/VP8")
}

/// A packet of [`video`] whose payload tells its number.
pub(crate) fn packet(number: u32) -> RtpPacket {
    packet_of(SSRC, number)
}

pub(crate) fn packet_of(ssrc: u32, number: u32) -> RtpPacket {
    RtpPacket::builder()
        .ssrc(ssrc)
        .payload_type(96)
        .sequence_number(number as u16)
        .timestamp(number.wrapping_mul(3000))
        .payload(number.to_be_bytes().to_vec())
        .build()
        .unwrap()
}

/// The number in a packet's payload.
pub(crate) fn number(packet: &RtpPacket) -> u32 {
    u32::from_be_bytes(packet.payload().try_into().unwrap())
}

/// The numbers of packets as they crossed the wire.
pub(crate) fn numbers(datagrams: &[Bytes]) -> Vec<u32> {
    datagrams.iter().map(|datagram| number(&RtpPacket::parse(datagram.clone()).unwrap())).collect()
}

/// A session without interceptors and with default options.
pub(crate) fn session(transport: impl Transport) -> Session {
    session_with(transport, SessionOptions::default())
}

pub(crate) fn session_with(transport: impl Transport, options: SessionOptions) -> Session {
    session_of(&Registry::new(), transport, options)
}

pub(crate) fn session_of(registry: &Registry, transport: impl Transport, options: SessionOptions) -> Session {
    Session::builder(registry, "test").transport(transport).options(options).seed(7).spawn().unwrap()
}

/// A socket on loopback.
pub(crate) async fn socket() -> UdpSocket {
    UdpSocket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap()
}

/// Two connected sockets on loopback.
pub(crate) async fn sockets() -> (UdpSocket, UdpSocket) {
    let (a, b) = (socket().await, socket().await);
    a.connect(b.local_addr().unwrap()).await.unwrap();
    b.connect(a.local_addr().unwrap()).await.unwrap();
    (a, b)
}

/// Two sessions without interceptors that talk to each other over UDP on loopback.
pub(crate) async fn udp_pair() -> (Session, Session) {
    let (left, right) = sockets().await;
    (session(UdpTransport::connected(left).unwrap()), session(UdpTransport::connected(right).unwrap()))
}

/// Lets everything run that can run without time passing.
pub(crate) async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

/// Fails a test on real sockets that waits for what does not come.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("nothing came within a minute")
}
