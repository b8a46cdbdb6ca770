//! A socket that tokio watches for all.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use quinn_udp::UdpSockRef;
use tokio::io::Interest;
use tokio::net::UdpSocket;

#[derive(Debug)]
pub(in crate::transport::udp) struct Polled(UdpSocket);

impl Polled {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
    pub(in crate::transport::udp) fn new(socket: UdpSocket) -> io::Result<Self> {
        Ok(Self(socket))
    }

    pub(in crate::transport::udp) const fn socket(&self) -> &UdpSocket {
        &self.0
    }

    /// Reads once there is something to read; `WouldBlock` says that there is nothing more.
    pub(in crate::transport::udp) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        read: impl FnOnce(UdpSockRef<'_>) -> io::Result<()>,
    ) -> Poll<io::Result<()>> {
        ready!(self.0.poll_recv_ready(cx))?;
        Poll::Ready(self.0.try_io(Interest::READABLE, || read((&self.0).into())))
    }

    /// Waits until there is room.
    pub(in crate::transport::udp) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_send_ready(cx)
    }

    /// Waits as well, whoever else does.
    pub(in crate::transport::udp) async fn room(&self) -> io::Result<()> {
        self.0.writable().await
    }

    pub(in crate::transport::udp) fn try_send(&self, datagram: &[u8]) -> io::Result<usize> {
        self.0.try_send(datagram)
    }

    pub(in crate::transport::udp) fn try_send_to(
        &self,
        datagram: &[u8],
        to: SocketAddr,
    ) -> io::Result<usize> {
        self.0.try_send_to(datagram, to)
    }

    /// Sends in a way of the caller's.
    pub(in crate::transport::udp) fn try_write<R>(
        &self,
        write: impl FnOnce(UdpSockRef<'_>) -> io::Result<R>,
    ) -> io::Result<R> {
        self.0.try_io(Interest::WRITABLE, || write((&self.0).into()))
    }
}
