//! The UDP sockets of a leg: one, or two on neighbouring ports.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use interceptor_tokio::BatchSocket;
use socket2::SockRef;
use tokio::net::UdpSocket;

use super::kernel_drops::KernelDrops;
use super::link::Link;
use super::peers::Peers;
use super::transport::LegTransport;
use crate::relay::{RelayError, RtcpMode};

/// Bytes that the system keeps for a relay that is not scheduled for a moment: 100 ms of 80 Mbit/s. It may give less.
const BUFFER_BYTES: usize = 1 << 20;

/// Attempts at a free pair of ports.
const ATTEMPTS: usize = 64;

/// A leg's sockets.
#[derive(Debug)]
pub(in crate::relay) struct LegSockets {
    media: Arc<BatchSocket>,
    /// RTCP's own, unless it travels with RTP.
    control: Option<Arc<BatchSocket>>,
}

impl LegSockets {
    /// Takes `address` for RTP, and the port above it for RTCP unless that is multiplexed. Port 0 takes free ones, an even
    /// one for RTP (RFC 3550 §11).
    pub(in crate::relay) async fn bind(
        address: SocketAddr,
        rtcp: RtcpMode,
        what: &'static str,
    ) -> Result<Self, RelayError> {
        let failed = |error| RelayError::Socket { address, what, error };
        if rtcp == RtcpMode::Mux {
            let media = open(address).await.map_err(failed)?;
            return Ok(Self { media, control: None });
        }
        if address.port() != 0 {
            return pair(address).await.map_err(failed);
        }
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..ATTEMPTS {
            let free = open(address).await.and_then(|socket| socket.local_addr()).map_err(failed)?;
            let even = SocketAddr::new(free.ip(), free.port() & !1);
            match pair(even).await {
                Ok(sockets) => return Ok(sockets),
                Err(error) => last = error,
            }
        }
        Err(failed(last))
    }

    /// Any free port on the interface that leads to `to`.
    pub(in crate::relay) fn any(to: SocketAddr) -> SocketAddr {
        let ip: IpAddr = match to.ip() {
            ip if ip.is_loopback() => ip,
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        SocketAddr::new(ip, 0)
    }

    /// Where RTP's socket is bound.
    pub(in crate::relay) fn media_addr(&self) -> io::Result<SocketAddr> {
        self.media.local_addr()
    }

    /// Counts what the system drops since nobody takes it out in time.
    pub(in crate::relay) fn kernel_drops(&self) -> KernelDrops {
        KernelDrops::of(std::iter::once(&self.media).chain(&self.control).map(|socket| &**socket))
    }

    /// What a session sends and receives with; `link` is on the way out.
    pub(in crate::relay) fn transport(&self, peers: Arc<Peers>, link: Arc<Link>) -> LegTransport {
        LegTransport::new(Arc::clone(&self.media), self.control.clone(), peers, link)
    }
}

async fn pair(address: SocketAddr) -> io::Result<LegSockets> {
    let above = SocketAddr::new(address.ip(), address.port().saturating_add(1));
    Ok(LegSockets { media: open(address).await?, control: Some(open(above).await?) })
}

async fn open(address: SocketAddr) -> io::Result<Arc<BatchSocket>> {
    let socket = UdpSocket::bind(address).await?;
    let options = SockRef::from(&socket);
    // The system's own limit is the most that it gives; less works as well.
    let _ = options.set_recv_buffer_size(BUFFER_BYTES);
    let _ = options.set_send_buffer_size(BUFFER_BYTES);
    let socket = BatchSocket::new(socket)?;
    allow_fragments(&socket);
    Ok(Arc::new(socket))
}

/// The source has chosen how large its packets are: what a path does not take whole leaves in fragments, as it would have from there.
/// Batches forbid them otherwise.
#[cfg(target_os = "linux")]
fn allow_fragments(socket: &BatchSocket) {
    use rustix::net::sockopt::{
        Ipv4PathMtuDiscovery, Ipv6PathMtuDiscovery, set_ip_mtu_discover, set_ipv6_mtu_discover,
    };
    // A socket of either family refuses what is about the other.
    let _ = set_ip_mtu_discover(socket, Ipv4PathMtuDiscovery::WANT);
    let _ = set_ipv6_mtu_discover(socket, Ipv6PathMtuDiscovery::WANT);
}

#[cfg(not(target_os = "linux"))]
fn allow_fragments(_: &BatchSocket) {}
