//! Sockets and sessions.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use interceptor_core::Registry;
use interceptor_tokio::{LocalStream, RemoteStream, Session, SessionOptions, Transport, UdpTransport};
use nix::sys::socket::{setsockopt, sockopt};

use super::Chain;
use crate::ours::{Extent, registry};

/// Half a second of 50 000 packets a second, as the kernel counts them.
const SHARED_BUFFER_BYTES: usize = 32 << 20;

/// A socket that is connected to a peer.
pub(super) fn connected(to: SocketAddrV4) -> anyhow::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    socket.connect(to)?;
    Ok(socket)
}

/// One for all.
pub(super) fn shared() -> anyhow::Result<tokio::net::UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    // Root may have it.
    if setsockopt(&socket, sockopt::RcvBufForce, &SHARED_BUFFER_BYTES).is_err() {
        setsockopt(&socket, sockopt::RcvBuf, &SHARED_BUFFER_BYTES)?;
    }
    Ok(tokio::net::UdpSocket::from_std(socket)?)
}

/// A session with a socket of its own.
pub(super) fn session_to(registry: &Registry, to: SocketAddrV4) -> anyhow::Result<(Session, u16)> {
    let socket = connected(to)?;
    let port = socket.local_addr()?.port();
    let transport = UdpTransport::connected(tokio::net::UdpSocket::from_std(socket)?)?;
    Ok((session(registry, transport)?, port))
}

/// A session with the defaults of everything.
pub(super) fn session(registry: &Registry, transport: impl Transport) -> anyhow::Result<Session> {
    Ok(Session::builder(registry, "bench").transport(transport).options(SessionOptions::default()).spawn()?)
}

/// What makes its chain.
pub(super) fn chains(chain: Chain) -> Registry {
    match chain {
        Chain::All => registry(Extent::Repair),
        Chain::Plain => Registry::new(),
    }
}

/// Packets of one stream leave by another, as they come; what finds no room is counted.
pub(super) fn pass(mut from: RemoteStream, to: LocalStream, refused: &Arc<AtomicU64>) {
    let refused = Arc::clone(refused);
    tokio::spawn(async move {
        let mut packets = Vec::new();
        while from.read_many(&mut packets, 64).await.is_ok() {
            // A session that has ended takes none.
            let _ = to.try_write_all(&mut packets);
            refused.fetch_add(packets.len() as u64, Relaxed);
            packets.clear();
        }
    });
}
