//! A socket that is watched for what comes in, and for room only while somebody waits for it.
//!
//! Where readiness is told at its edges, the system tells of room after each datagram that has left. A socket that is watched for both, as
//! tokio's is, has its thread woken once more for each datagram that it sends.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::task::{Context, Poll, ready};

use quinn_udp::UdpSockRef;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::runtime::Handle;

use crate::lock::Lock;

#[derive(Debug)]
pub(in crate::transport::udp) struct Polled {
    socket: AsyncFd<UdpSocket>,
    /// The same socket by another descriptor, while somebody waits for room in it.
    room: Lock<Option<AsyncFd<UdpSocket>>>,
}

impl Polled {
    pub(in crate::transport::udp) fn new(socket: tokio::net::UdpSocket) -> io::Result<Self> {
        // There may be no runtime any more, which `into_std` would need.
        Handle::try_current().map_err(io::Error::other)?;
        Ok(Self { socket: watch(socket.into_std()?, Interest::READABLE)?, room: Lock::default() })
    }

    pub(in crate::transport::udp) fn socket(&self) -> &UdpSocket {
        self.socket.get_ref()
    }

    /// Reads once there is something to read; `WouldBlock` says that there is nothing more.
    pub(in crate::transport::udp) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        read: impl FnOnce(UdpSockRef<'_>) -> io::Result<()>,
    ) -> Poll<io::Result<()>> {
        let mut ready = ready!(self.socket.poll_read_ready(cx))?;
        let read = ready.try_io(|socket| read(socket.get_ref().into()));
        Poll::Ready(read.unwrap_or_else(|_nothing_more| Err(io::ErrorKind::WouldBlock.into())))
    }

    /// Waits until there is room.
    pub(in crate::transport::udp) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut room = self.room.lock();
        if room.is_none() {
            *room = self.watch_room().ok();
        }
        let Some(watched) = room.as_ref() else {
            // No descriptor is left, which is nobody's fault here: the sender tries again in its next turn.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        };
        let ready = ready!(watched.poll_write_ready(cx)).map(drop);
        *room = None;
        Poll::Ready(ready)
    }

    /// Waits as well, whoever else does.
    pub(in crate::transport::udp) async fn room(&self) -> io::Result<()> {
        let Ok(watched) = self.watch_room() else {
            // As above: whoever tries to send after this, and finds no room, comes again.
            tokio::task::yield_now().await;
            return Ok(());
        };
        watched.writable().await.map(drop)
    }

    fn watch_room(&self) -> io::Result<AsyncFd<UdpSocket>> {
        watch(self.socket().try_clone()?, Interest::WRITABLE)
    }

    pub(in crate::transport::udp) fn try_send(&self, datagram: &[u8]) -> io::Result<usize> {
        self.socket().send(datagram)
    }

    pub(in crate::transport::udp) fn try_send_to(
        &self,
        datagram: &[u8],
        to: SocketAddr,
    ) -> io::Result<usize> {
        self.socket().send_to(datagram, to)
    }

    /// Sends in a way of the caller's.
    pub(in crate::transport::udp) fn try_write<R>(
        &self,
        write: impl FnOnce(UdpSockRef<'_>) -> io::Result<R>,
    ) -> io::Result<R> {
        write(self.socket().into())
    }
}

#[expect(
    deprecated,
    reason = "what stands in its place is unsafe, since descriptors may be closed behind its back; a `UdpSocket` keeps its own"
)]
fn watch(socket: UdpSocket, interest: Interest) -> io::Result<AsyncFd<UdpSocket>> {
    Handle::try_current().map_err(io::Error::other)?;
    AsyncFd::with_interest(socket, interest)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use super::*;

    /// Both ends of a Unix socket, as loopback takes all that is sent to a UDP socket and never says `WouldBlock`.
    fn full() -> (Polled, std::os::unix::net::UnixDatagram) {
        let (near, far) = std::os::unix::net::UnixDatagram::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        far.set_nonblocking(true).unwrap();
        while near.send(&[0; 1000]).is_ok() {}
        let socket = UdpSocket::from(std::os::fd::OwnedFd::from(near));
        let polled = Polled { socket: watch(socket, Interest::READABLE).unwrap(), room: Lock::default() };
        (polled, far)
    }

    #[tokio::test]
    async fn who_waits_for_room_is_told_of_it_and_nobody_is_watched_after() {
        let (polled, far) = full();
        assert_eq!(polled.try_send(&[0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let waiting = poll_fn(|cx| polled.poll_room(cx));
        tokio::pin!(waiting);
        assert!(poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx).is_pending())).await);
        assert!(polled.room.lock().is_some());
        while far.recv(&mut [0; 1000]).is_ok() {}
        waiting.await.unwrap();
        assert!(polled.room.lock().is_none());
        assert_eq!(polled.try_send(&[0]).unwrap(), 1);
    }

    #[tokio::test]
    async fn two_who_wait_for_room_are_both_told() {
        let (polled, far) = full();
        let polled = Arc::new(polled);
        let tasks = [true, false].map(|alone| {
            let polled = Arc::clone(&polled);
            tokio::spawn(async move {
                if alone { poll_fn(|cx| polled.poll_room(cx)).await } else { polled.room().await }
            })
        });
        // Both have asked, and wait.
        tokio::task::yield_now().await;
        assert!(polled.room.lock().is_some() && !tasks.iter().any(tokio::task::JoinHandle::is_finished));
        while far.recv(&mut [0; 1000]).is_ok() {}
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    }

    #[test]
    fn without_a_runtime_it_is_an_error() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(watch(socket, Interest::READABLE).is_err());
    }
}
