//! What the tests share: packets, streams, pairs of sessions, a limit of time for tests on real sockets.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use interceptor_core::{Registry, StreamInfo};
use interceptor_packet::RtpPacket;
use interceptor_tokio::{Session, SessionOptions, UdpTransport};
use tokio::net::UdpSocket;

/// The media SSRC of most tests.
pub(crate) const SSRC: u32 = 0x1122_3344;

pub(crate) fn video() -> StreamInfo {
    StreamInfo::new(SSRC, 96, 90_000).with_mime_type("video/VP8")
}

/// A packet of [`video`] whose payload tells its number.
pub(crate) fn packet(number: u32) -> RtpPacket {
    RtpPacket::builder()
        .ssrc(SSRC)
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

/// Two connected sockets on loopback.
pub(crate) async fn sockets() -> (UdpSocket, UdpSocket) {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (a, b) = (UdpSocket::bind(any).await.unwrap(), UdpSocket::bind(any).await.unwrap());
    a.connect(b.local_addr().unwrap()).await.unwrap();
    b.connect(a.local_addr().unwrap()).await.unwrap();
    (a, b)
}

/// Two sessions that talk to each other over UDP on loopback.
pub(crate) async fn udp_pair(a: &Registry, b: &Registry, options: SessionOptions) -> (Session, Session) {
    let (left, right) = sockets().await;
    let spawn = |registry, id, socket| {
        let transport = UdpTransport::connected(socket).unwrap();
        Session::builder(registry, id).transport(transport).options(options.clone()).spawn().unwrap()
    };
    (spawn(a, "a", left), spawn(b, "b", right))
}

/// Fails a test on real sockets that waits for what does not come.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("nothing came within 30 seconds")
}
