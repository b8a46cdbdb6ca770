//! A UDP socket read and written in batches, whoever its peers are.

use std::cell::RefCell;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
use std::task::{Context, Poll, ready};

use interceptor_packet::Ecn;
use quinn_udp::{EcnCodepoint, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::SockRef;
use tokio::net::UdpSocket;

use super::copier::Copier;
use super::polled::Polled;
use crate::transport::latch::same;
use crate::transport::send_queue::{Run, SendQueue};

/// Messages taken in one system call. With receive offload each may hold up to 64 datagrams.
const SLOTS: usize = 16;

/// The largest UDP message, rounded up: with receive offload the kernel fills it.
const SLOT_BYTES: usize = 65_536;

/// Where one call takes many messages, and a readiness that is given up early comes again with the next message
/// (edge-triggered epoll).
const TELLS_WHEN_EMPTY: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// The largest UDP message over IPv4, less its headers.
const MAX_SEND_BYTES: usize = 65_507;

thread_local! {
    /// Where datagrams land before they are copied into buffers of the size they need. A thread's, not a session's:
    /// a thousand sessions would hold a gigabyte.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SLOTS * SLOT_BYTES]);
}

/// A UDP socket that is read and written in batches, for a transport of yours: [`UdpTransport`](crate::UdpTransport) and
/// [`UdpMux`](crate::UdpMux) stand on it.
///
/// Receives with `recvmmsg` and GRO, sends datagrams of one length with GSO where the system can, else one by one.
#[derive(Debug)]
pub struct BatchSocket {
    socket: Polled,
    state: UdpSocketState,
    /// Batches would overwrite the traffic class.
    one_by_one: bool,
}

/// Where datagrams go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    /// All that do not say otherwise; `None`: those go nowhere.
    pub(crate) peer: Option<SocketAddr>,
    /// The kernel knows the peer: sending needs no route lookup, and nobody else is reached.
    pub(crate) connected: bool,
}

impl Way {
    fn to(self, run: &Run<'_>) -> Option<SocketAddr> {
        let to = match run.to {
            None => self.peer,
            Some(to) => (!self.connected || self.peer.is_some_and(|peer| same(peer, to))).then_some(to),
        };
        // Who wants no answer may say that it sends from port 0 (RFC 768). The system would take that for a mistake of ours (`EINVAL`),
        // which ends the session.
        to.filter(|to| to.port() != 0)
    }
}

/// Datagrams of one message of a [`BatchSocket`]: all from one address, with the same ECN bits.
#[derive(Debug)]
pub struct Message<'a> {
    /// Where they come from.
    pub from: SocketAddr,
    /// The ECN bits of their IP headers.
    pub ecn: Ecn,
    bytes: &'a [u8],
    stride: usize,
}

impl<'a> Message<'a> {
    /// An empty datagram, of which [`datagrams`](Self::datagrams) gives nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// They, in order; all of one length but for the last. They lie where the next batch will: what is kept is to be copied.
    #[inline]
    pub fn datagrams(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        // An empty message is an empty datagram, which nobody can use.
        self.bytes.chunks(self.stride.max(1))
    }
}

impl BatchSocket {
    /// Sets the options that batches need. On Linux one of them forbids fragments (`IP_PMTUDISC_PROBE`). The socket belongs to the
    /// runtime that this is called in.
    ///
    /// # Errors
    /// An option cannot be set, or there is no runtime.
    pub fn new(socket: UdpSocket) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
        let one_by_one = has_traffic_class(&socket);
        Ok(Self { socket: Polled::new(socket)?, state, one_by_one })
    }

    /// Where it is bound.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.socket().local_addr()
    }

    /// Receives what is there, up to 16 messages of up to 64 datagrams, and gives each message to `take`, with what copies datagrams
    /// out of it. `Ready` also when that was none.
    ///
    /// # Errors
    /// What the system says.
    pub fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        take: impl FnMut(&Message<'_>, &mut Copier),
    ) -> Poll<io::Result<()>> {
        match ready!(self.socket.poll_read(cx, |socket| self.recv(socket, take))) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn recv(
        &self,
        socket: UdpSockRef<'_>,
        mut take: impl FnMut(&Message<'_>, &mut Copier),
    ) -> io::Result<()> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut metas = [RecvMeta::default(); SLOTS];
            let mut slots = scratch.chunks_mut(SLOT_BYTES);
            let mut buffers = [(); SLOTS].map(|()| IoSliceMut::new(slots.next().unwrap_or_default()));
            let count = self.state.recv(socket, &mut buffers, &mut metas)?;
            let metas = metas.get(..count).unwrap_or_default();
            let mut copier = Copier::new(metas.iter().map(|meta| meta.len).sum());
            for (meta, buffer) in metas.iter().zip(&buffers) {
                let ecn = meta.ecn.map_or(Ecn::NotEct, |ecn| Ecn::from_bits(ecn as u8));
                let bytes = buffer.get(..meta.len).unwrap_or_default();
                take(&Message { from: meta.addr, ecn, bytes, stride: meta.stride }, &mut copier);
            }
            // Fewer messages than slots: the socket is empty. Saying so now saves the call that would find out.
            if TELLS_WHEN_EMPTY && count < SLOTS { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
        })
    }

    /// The most datagrams of one length that leave in one system call now.
    #[must_use]
    pub fn max_segments(&self) -> usize {
        if self.one_by_one { 1 } else { self.state.max_gso_segments() }
    }

    /// The datagrams at the front of `queue` that leave together, at most `max_count`.
    #[must_use]
    pub fn run<'a>(&self, queue: &'a SendQueue, max_count: usize) -> Option<Run<'a>> {
        queue.run(max_count.min(self.max_segments()), MAX_SEND_BYTES)
    }

    /// Sends a [`run`](Self::run) to `to`, whatever it says itself, in one system call: all of it, or nothing.
    ///
    /// # Errors
    /// What the system says; `WouldBlock`: not now. Where it has just given up on segmentation offload
    /// [`max_segments`](Self::max_segments) is 1 from then on, and the run is to be taken anew.
    pub fn try_send(&self, run: &Run<'_>, to: SocketAddr) -> io::Result<()> {
        self.send(&Run { to: Some(to), ..*run }, Way { peer: None, connected: false })
    }

    /// Sends datagrams from the front of `queue` as long as the socket takes them; `Ok(false)`: it takes nothing more.
    /// `refused` is the sender's own, kept from call to call: its last attempt failed with an error that may have been an earlier
    /// datagram's.
    ///
    /// # Errors
    /// What the system says of the first datagram, which is discarded unless it is to be tried again.
    pub(crate) fn send_all(&self, queue: &mut SendQueue, way: Way, refused: &mut bool) -> io::Result<bool> {
        loop {
            let Some(run) = self.run(queue, usize::MAX) else { return Ok(true) };
            let count = run.count;
            match self.send(&run, way) {
                Ok(()) => {
                    *refused = false;
                    queue.pop(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                // The system gave up on segmentation offload: one by one, then.
                Err(_) if count > 1 && self.state.max_gso_segments() == 1 => {}
                Err(error) => {
                    // An ICMP answer to an earlier datagram comes as the error of the next one, which has not left.
                    let earlier = matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
                    );
                    *refused = earlier && !*refused;
                    if !*refused {
                        queue.discard();
                    }
                    return Err(error);
                }
            }
        }
    }

    #[inline]
    fn send(&self, run: &Run<'_>, way: Way) -> io::Result<()> {
        let Some(to) = way.to(run) else { return Err(io::ErrorKind::HostUnreachable.into()) };
        let ecn = run.ecn.and_then(|ecn| EcnCodepoint::from_bits(ecn.bits()));
        if run.count == 1 && ecn.is_none() {
            // The plain call is the cheapest, and leaves the socket's traffic class alone.
            let sent = if way.connected {
                self.socket.try_send(run.bytes)
            } else {
                self.socket.try_send_to(run.bytes, to)
            };
            return sent.map(drop);
        }
        let transmit = Transmit {
            destination: to,
            ecn,
            contents: run.bytes,
            segment_size: (run.count > 1).then_some(run.segment),
            src_ip: None,
        };
        self.socket.try_write(|socket| self.state.try_send(socket, &transmit))
    }

    /// Sends one datagram to `to`; how long it was.
    ///
    /// # Errors
    /// What the system says; `WouldBlock`: not now.
    pub fn try_send_to(&self, datagram: &[u8], to: SocketAddr) -> io::Result<usize> {
        self.socket.try_send_to(datagram, to)
    }

    /// Waits until the socket takes something again. One task only is told.
    ///
    /// # Errors
    /// What the system says.
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_room(cx)
    }

    /// The same for any number of tasks. May be over too soon: whoever then finds no room waits again.
    ///
    /// # Errors
    /// What the system says.
    pub async fn writable(&self) -> io::Result<()> {
        self.socket.room().await
    }
}

/// For options of the socket.
#[cfg(unix)]
impl AsFd for BatchSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.socket().as_fd()
    }
}

/// Has somebody marked this socket's packets (DSCP)?
fn has_traffic_class(socket: &UdpSocket) -> bool {
    let socket = SockRef::from(socket);
    let v4 = socket.tos_v4().unwrap_or(0);
    #[cfg(unix)]
    let v6 = socket.tclass_v6().unwrap_or(0);
    #[cfg(not(unix))]
    let v6 = 0;
    (v4 | v6) & 0b1111_1100 != 0
}
