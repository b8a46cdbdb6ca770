//! A UDP socket with batched receive, segmentation offload and ECN.

use std::cell::RefCell;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use interceptor_packet::Ecn;
use quinn_udp::{EcnCodepoint, RecvMeta, Transmit, UdpSocketState};
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::{ToSocketAddrs, UdpSocket};

use super::datagrams::Datagrams;
use super::halves::{Transport, TransportReceiver, TransportSender};
use super::latch::{Latch, LatchOptions, Verdict, same};
use super::send_queue::{Run, SendQueue};
use crate::shared::now;

/// Messages taken in one system call. With receive offload each may hold up to 64 datagrams.
const SLOTS: usize = 16;

/// The largest UDP message, rounded up: with receive offload the kernel fills it.
const SLOT_BYTES: usize = 65_536;

/// Where one call takes many messages, and a readiness that is given up early comes again with the next message
/// (edge-triggered epoll).
const TELLS_WHEN_EMPTY: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// The largest UDP message over IPv4, less its headers.
const MAX_SEND_BYTES: usize = 65_507;

/// Large datagrams of one batch share buffers of at most this size: fewer allocations, yet a packet that is kept keeps
/// no more than this alive.
const SHARED_BYTES: usize = 16 * 1024;

/// Smaller datagrams (audio, RTCP, STUN) have buffers of their own: allocators are quick with those, and a small packet
/// that is kept must not keep a large buffer.
const OWN_BYTES: usize = 1024;

thread_local! {
    /// Where datagrams land before they are copied into buffers of the size they need. A thread's, not a session's:
    /// a thousand sessions would hold a gigabyte.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SLOTS * SLOT_BYTES]);
}

/// A UDP socket that talks to one peer.
///
/// Receives in batches (`recvmmsg`, GRO) and sends datagrams of one size in one system call (GSO) where the system
/// can; ECN bits come with [`PacketInfo::ecn`](interceptor_packet::PacketInfo::ecn) and leave if an interceptor sets
/// them there. Datagrams are not fragmented: one too long for the path is counted in
/// [`send_errors`](crate::SessionCounters::send_errors). A traffic class (DSCP) that the socket has when it is handed
/// over is kept, at the price of sending datagrams one by one.
#[derive(Debug)]
pub struct UdpTransport {
    link: Arc<Link>,
}

#[derive(Debug)]
struct Link {
    socket: UdpSocket,
    state: UdpSocketState,
    peer: Peer,
    /// The kernel knows the peer: it drops what comes from others, and sending needs no route lookup.
    connected: bool,
    /// Batches would overwrite the traffic class.
    one_by_one: bool,
}

#[derive(Debug)]
enum Peer {
    Known(SocketAddr),
    Learnt(Latch),
}

impl Peer {
    fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Known(peer) => Some(*peer),
            Self::Learnt(latch) => latch.peer_addr(),
        }
    }
}

impl UdpTransport {
    /// Binds a socket to `local` (port 0: any) and connects it to `peer`.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn bind(local: impl ToSocketAddrs, peer: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(local).await?;
        socket.connect(peer).await?;
        Self::connected(socket)
    }

    /// A socket that is connected to its peer: the fastest way, and the only one on which unreachable peers are heard of.
    ///
    /// # Errors
    /// The socket is not connected, or an option that batching needs cannot be set.
    pub fn connected(socket: UdpSocket) -> io::Result<Self> {
        let peer = socket.peer_addr()?;
        Self::new(socket, Peer::Known(peer), true)
    }

    /// A socket that is not connected: sends to `peer` and takes datagrams only from there.
    ///
    /// # Errors
    /// An option that batching needs cannot be set.
    pub fn with_peer(socket: UdpSocket, peer: SocketAddr) -> io::Result<Self> {
        Self::new(socket, Peer::Known(peer), false)
    }

    /// A socket whose peer is whoever first sends two RTP packets of one stream in sequence (symmetric RTP, RFC 4961; the proof
    /// of RFC 3550 A.1): for a listener that does not know its source. Neither of the two is lost. RTCP and single packets make
    /// nobody the peer. What is sent before there is one goes nowhere and counts as a send error; what others send is rejected.
    ///
    /// Whoever can send to the socket before its source does can take its place with two packets: where it is known who the
    /// source is, say so with [`latching_with`](Self::latching_with), and see who it is by [`latch`](Self::latch).
    ///
    /// # Errors
    /// An option that batching needs cannot be set.
    pub fn latching(socket: UdpSocket) -> io::Result<Self> {
        Self::latching_with(socket, LatchOptions::default())
    }

    /// [`latching`](Self::latching), on a host that is believed, or anew after a silence.
    ///
    /// # Errors
    /// An option that batching needs cannot be set.
    pub fn latching_with(socket: UdpSocket, options: LatchOptions) -> io::Result<Self> {
        Self::new(socket, Peer::Learnt(Latch::new(options)), false)
    }

    /// The peer that is learnt, to look at and to let go of later; `None` if the peer was given.
    #[must_use]
    pub fn latch(&self) -> Option<Latch> {
        match &self.link.peer {
            Peer::Known(_) => None,
            Peer::Learnt(latch) => Some(latch.clone()),
        }
    }

    fn new(socket: UdpSocket, peer: Peer, connected: bool) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
        let one_by_one = has_traffic_class(&socket);
        Ok(Self { link: Arc::new(Link { socket, state, peer, connected, one_by_one }) })
    }

    /// Where the socket is bound.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.link.socket.local_addr()
    }

    /// The peer; `None` while a [`latching`](Self::latching) transport waits for it.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.link.peer.address()
    }
}

impl Transport for UdpTransport {
    type Sender = UdpSender;
    type Receiver = UdpReceiver;

    fn split(self) -> (UdpSender, UdpReceiver) {
        (UdpSender { link: Arc::clone(&self.link), refused: false }, UdpReceiver { link: self.link })
    }
}

/// The sending half of a [`UdpTransport`].
#[derive(Debug)]
pub struct UdpSender {
    link: Arc<Link>,
    /// The last attempt failed with an error that may have been an earlier datagram's.
    refused: bool,
}

impl TransportSender for UdpSender {
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        let link = &*self.link;
        loop {
            let max_count = if link.one_by_one { 1 } else { link.state.max_gso_segments() };
            let Some(run) = queue.run(max_count, MAX_SEND_BYTES) else { return Poll::Ready(Ok(())) };
            let count = run.count;
            match link.send(&run) {
                Ok(()) => {
                    self.refused = false;
                    queue.pop(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(link.socket.poll_send_ready(cx))?;
                }
                // The system gave up on segmentation offload: one by one, then.
                Err(_) if count > 1 && link.state.max_gso_segments() == 1 => {}
                Err(error) => {
                    // An ICMP answer to an earlier datagram comes as the error of the next one, which has not left.
                    let earlier = matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
                    );
                    self.refused = earlier && !self.refused;
                    if !self.refused {
                        queue.discard();
                    }
                    return Poll::Ready(Err(error));
                }
            }
        }
    }
}

/// The receiving half of a [`UdpTransport`].
#[derive(Debug)]
pub struct UdpReceiver {
    link: Arc<Link>,
}

impl TransportReceiver for UdpReceiver {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        loop {
            ready!(self.link.socket.poll_recv_ready(cx))?;
            match self.link.socket.try_io(Interest::READABLE, || self.link.recv(datagrams)) {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Poll::Ready(Err(error)),
                _ if datagrams.is_empty() => {}
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl Link {
    #[inline]
    fn send(&self, run: &Run<'_>) -> io::Result<()> {
        let Some(peer) = self.peer.address() else { return Err(io::ErrorKind::HostUnreachable.into()) };
        let ecn = run.ecn.and_then(|ecn| EcnCodepoint::from_bits(ecn.bits()));
        if run.count == 1 && ecn.is_none() {
            // The plain call is the cheapest, and leaves the socket's traffic class alone.
            let sent = if self.connected {
                self.socket.try_send(run.bytes)
            } else {
                self.socket.try_send_to(run.bytes, peer)
            };
            return sent.map(drop);
        }
        let transmit = Transmit {
            destination: peer,
            ecn,
            contents: run.bytes,
            segment_size: (run.count > 1).then_some(run.segment),
            src_ip: None,
        };
        self.socket.try_io(Interest::WRITABLE, || self.state.try_send((&self.socket).into(), &transmit))
    }

    fn recv(&self, datagrams: &mut Datagrams) -> io::Result<()> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut metas = [RecvMeta::default(); SLOTS];
            let mut slots = scratch.chunks_mut(SLOT_BYTES);
            let mut buffers = [(); SLOTS].map(|()| IoSliceMut::new(slots.next().unwrap_or_default()));
            let count = self.state.recv((&self.socket).into(), &mut buffers, &mut metas)?;
            let metas = metas.get(..count).unwrap_or_default();
            let mut copier = Copier::new(metas.iter().map(|meta| meta.len).sum());
            for (meta, buffer) in metas.iter().zip(&buffers) {
                self.take(meta, buffer.get(..meta.len).unwrap_or_default(), &mut copier, datagrams);
            }
            // Fewer messages than slots: the socket is empty. Saying so now saves the call that would find out.
            if TELLS_WHEN_EMPTY && count < SLOTS { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
        })
    }

    /// Takes the datagrams of one message, each `stride` bytes long but for the last.
    fn take(&self, meta: &RecvMeta, bytes: &[u8], copier: &mut Copier, datagrams: &mut Datagrams) {
        let ecn = meta.ecn.map_or(Ecn::NotEct, |ecn| Ecn::from_bits(ecn as u8));
        for datagram in bytes.chunks(meta.stride.max(1)) {
            let rejected = match self.hear(meta.addr, datagram) {
                Verdict::Taken => {
                    datagrams.push(copier.copy(datagram), Some(ecn));
                    0
                }
                Verdict::TakenAfter(first, dropped) => {
                    if !first.is_empty() {
                        datagrams.push(first, None);
                    }
                    datagrams.push(copier.copy(datagram), Some(ecn));
                    dropped
                }
                Verdict::Kept(dropped) => dropped,
                Verdict::Rejected => 1,
            };
            (0..rejected).for_each(|_| datagrams.reject());
        }
    }

    #[inline]
    fn hear(&self, from: SocketAddr, datagram: &[u8]) -> Verdict {
        match &self.peer {
            // The kernel has looked.
            Peer::Known(_) if self.connected => Verdict::Taken,
            Peer::Known(peer) if same(*peer, from) => Verdict::Taken,
            Peer::Known(_) => Verdict::Rejected,
            Peer::Learnt(latch) => latch.hear(from, datagram, now()),
        }
    }
}

/// Copies the datagrams of one batch out of the scratch buffer.
struct Copier {
    shared: BytesMut,
    /// Bytes of the batch that are still to come.
    rest: usize,
}

impl Copier {
    fn new(total: usize) -> Self {
        Self { shared: BytesMut::new(), rest: total }
    }

    #[inline]
    fn copy(&mut self, datagram: &[u8]) -> Bytes {
        let rest = self.rest;
        self.rest = rest.saturating_sub(datagram.len());
        let fits = self.shared.capacity() >= datagram.len();
        if datagram.len() <= OWN_BYTES || (datagram.len() == rest && !fits) {
            return Bytes::copy_from_slice(datagram);
        }
        if !fits {
            self.shared = BytesMut::with_capacity(rest.min(SHARED_BYTES).max(datagram.len()));
        }
        self.shared.extend_from_slice(datagram);
        self.shared.split().freeze()
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
