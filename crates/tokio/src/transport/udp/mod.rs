//! A UDP socket with batched receive, segmentation offload and ECN.

mod copier;
mod polled;
mod socket;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::net::{ToSocketAddrs, UdpSocket};

use super::datagrams::{Datagrams, Received};
use super::halves::{Transport, TransportReceiver, TransportSender};
use super::latch::{Latch, LatchOptions, Verdict, same};
use super::send_queue::SendQueue;
use crate::shared::now;
pub use copier::Copier;
pub(super) use socket::Way;
pub use socket::{BatchSocket, Message};

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
    socket: BatchSocket,
    peer: Peer,
    /// The kernel knows the peer: it drops what comes from others, and sending needs no route lookup.
    connected: bool,
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
    /// nobody the peer. What is sent before there is one goes nowhere and counts as a send error, unless
    /// [it says where](crate::Session::send_raw_to); what others send is rejected, but for STUN, DTLS and their like, which
    /// [`RawReceiver`](crate::RawReceiver) gives as strangers'.
    ///
    /// Whoever can send to the socket before its source does can take its place with two packets: where it is known who the
    /// source is, say so with [`latching_with`](Self::latching_with), and see who it is by [`latch`](Self::latch). Where STUN or
    /// signalling tells, [`Latch::set_peer`] is the way.
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
        Ok(Self { link: Arc::new(Link { socket: BatchSocket::new(socket)?, peer, connected }) })
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
        let way = Way { peer: link.peer.address(), connected: link.connected };
        while !link.socket.send_all(queue, way, &mut self.refused)? {
            ready!(link.socket.poll_send_ready(cx))?;
        }
        Poll::Ready(Ok(()))
    }

    fn can_send_to(&self) -> bool {
        true
    }
}

/// The receiving half of a [`UdpTransport`].
#[derive(Debug)]
pub struct UdpReceiver {
    link: Arc<Link>,
}

impl TransportReceiver for UdpReceiver {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        while datagrams.is_empty() {
            let link = &*self.link;
            ready!(link.socket.poll_recv(cx, |message, copier| link.take(message, copier, datagrams)))?;
        }
        Poll::Ready(Ok(()))
    }
}

impl Link {
    fn take(&self, message: &Message<'_>, copier: &mut Copier, datagrams: &mut Datagrams) {
        let (from, ecn) = (message.from, Some(message.ecn));
        for datagram in message.datagrams() {
            let rejected = match self.hear(from, datagram) {
                Verdict::Taken => {
                    datagrams.push_from(copier.copy(datagram), ecn, from);
                    0
                }
                Verdict::TakenAfter(first, dropped) => {
                    if !first.is_empty() {
                        datagrams.push_from(first, None, from);
                    }
                    datagrams.push_from(copier.copy(datagram), ecn, from);
                    dropped
                }
                Verdict::Stranger => {
                    let bytes = copier.copy(datagram);
                    let (from, stranger) = (Some(from), true);
                    datagrams.push_received(Received { ecn, from, stranger, ..Received::new(bytes) });
                    0
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
