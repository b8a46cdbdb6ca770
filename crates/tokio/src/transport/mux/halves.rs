//! A session's end of a mux.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use super::Alive;
use super::hub::Port;
use crate::counters::add_shared;
use crate::transport::datagrams::Datagrams;
use crate::transport::halves::{Transport, TransportReceiver, TransportSender};
use crate::transport::latch::Latch;
use crate::transport::send_queue::SendQueue;
use crate::transport::udp::Way;

/// Datagrams that a session takes in one go, so that its timers get their turn.
const MAX_BATCH: usize = 64;

/// The transport of one session over the socket of a [`UdpMux`](crate::UdpMux). Dropping it, or both its halves, gives back its key
/// and its addresses.
#[derive(Debug)]
pub struct MuxTransport {
    place: Arc<Place>,
}

/// A session's place in the mux, as long as it lives.
pub(super) struct Place {
    alive: Arc<Alive>,
    port: Arc<Port>,
    /// Gives the keys back.
    forget: Box<dyn Fn() + Send + Sync>,
}

impl Drop for Place {
    fn drop(&mut self) {
        // First of all nobody is sent here any more.
        (self.forget)();
        self.alive.hub.remove(&self.port);
    }
}

impl MuxTransport {
    pub(super) fn new(alive: Arc<Alive>, port: Arc<Port>, forget: Box<dyn Fn() + Send + Sync>) -> Self {
        Self { place: Arc::new(Place { alive, port, forget }) }
    }

    /// Whom the session talks to: to look at, and to [name](Latch::set_peer). It outlives the transport's being given to a session.
    #[must_use]
    pub fn latch(&self) -> Latch {
        self.place.port.latch.clone()
    }

    /// Where the mux's socket is bound.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.place.alive.hub.socket.local_addr()
    }
}

impl Transport for MuxTransport {
    type Sender = MuxSender;
    type Receiver = MuxReceiver;

    fn split(self) -> (MuxSender, MuxReceiver) {
        (MuxSender { place: Arc::clone(&self.place), refused: false }, MuxReceiver { place: self.place })
    }
}

/// The sending half of a [`MuxTransport`].
#[derive(Debug)]
pub struct MuxSender {
    place: Arc<Place>,
    refused: bool,
}

impl TransportSender for MuxSender {
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        let Place { alive, port, .. } = &*self.place;
        let way = Way { peer: port.latch.peer_addr(), connected: false };
        if alive.hub.socket.send_all(queue, way, &mut self.refused)? {
            return Poll::Ready(Ok(()));
        }
        // A socket tells one task only when it takes something again: the mux's, which tells the others.
        alive.hub.block(port, cx.waker());
        Poll::Pending
    }

    fn can_send_to(&self) -> bool {
        true
    }
}

/// The receiving half of a [`MuxTransport`].
#[derive(Debug)]
pub struct MuxReceiver {
    place: Arc<Place>,
}

impl TransportReceiver for MuxReceiver {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        let Place { alive, port, .. } = &*self.place;
        let before = datagrams.len();
        let drained = port.inbox.poll_drain(cx, MAX_BATCH, |received| datagrams.push_received(received));
        add_shared(&alive.hub.counts.delivered, datagrams.len() - before);
        // Relaxed, all: they are counts, and the next turn sees what this one does not.
        if port.rejected.load(Relaxed) > 0 {
            (0..port.rejected.swap(0, Relaxed)).for_each(|_| datagrams.reject());
        }
        if port.overrun.load(Relaxed) > 0 {
            datagrams.overrun(port.overrun.swap(0, Relaxed));
        }
        match drained {
            Poll::Ready(true) => Poll::Ready(Ok(())),
            Poll::Ready(false) => Poll::Ready(Err(alive.hub.failure())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("latch", &self.port.latch).finish_non_exhaustive()
    }
}
