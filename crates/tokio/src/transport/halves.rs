//! A transport: what a session asks of it, and of its two halves.

use std::io;
use std::task::{Context, Poll};

use super::datagrams::Datagrams;
use super::send_queue::SendQueue;

/// A connection to one peer that carries datagrams both ways.
///
/// Implemented for `Arc<C>` of every `webrtc_util::Conn` (feature `webrtc-util`) and for `UdpTransport` (feature
/// `udp`). Yours may stand in front of either: to encrypt, to share one socket among sessions, to lose packets in a test.
pub trait Transport: Send + 'static {
    /// The half that sends.
    type Sender: TransportSender;
    /// The half that receives.
    type Receiver: TransportReceiver;

    /// The two halves. They share what they must; dropping both closes the connection.
    fn split(self) -> (Self::Sender, Self::Receiver);

    /// Bytes that it adds to a datagram, at most: the chain is told
    /// ([`ChainConfig::transport_overhead`](interceptor_core::ChainConfig::transport_overhead), up to 256), unless whoever builds the session
    /// says otherwise. The default: none. A transport around another adds its own to that one's.
    fn overhead(&self) -> usize {
        0
    }
}

/// The sending half of a [`Transport`].
pub trait TransportSender: Send + 'static {
    /// Sends datagrams from the front of `queue` and [`pop`](SendQueue::pop)s them, as long as the transport takes them
    /// without waiting.
    ///
    /// `Ready(Ok)`: the queue is empty. `Pending`: at least one datagram is left and `cx`'s waker is called when it
    /// is worth trying again. The waker is the session's, whoever calls: a writer calls this directly.
    ///
    /// # Errors
    /// The session asks [`io::ErrorKind`] what an error means. Passing ones (`ConnectionRefused`, `ConnectionReset`,
    /// `HostUnreachable`, `NetworkUnreachable`, `NetworkDown`, `PermissionDenied`, `Interrupted`, `WouldBlock`,
    /// message too long, no buffer space) are counted and the session goes on with what is at the front then:
    /// [`discard`](SendQueue::discard) what shall not be tried again. All others end the session.
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>>;

    /// Does it send a datagram where [`SendQueue::front_to`] says? Asked once. The default: no, everything goes to the peer, and
    /// [`Session::send_raw_to`](crate::Session::send_raw_to) is refused. A transport around another says what that one says.
    fn can_send_to(&self) -> bool {
        false
    }

    /// After `Pending`: may what is queued later leave before what waits, since it goes another way? Then the queue is not kept until
    /// all of it has left: new datagrams are added behind what waits, and this is polled with them. The default: no, order is kept. A
    /// transport around another says no, unless it takes all that it is given.
    fn sends_past_waiting(&self) -> bool {
        false
    }

    /// Closes the connection; called at the end, until it is ready or the time is up. If the transport has failed, it is
    /// called once and not waited for. The default does nothing: dropping is enough.
    ///
    /// # Errors
    /// What closing failed with; it is traced and otherwise ignored.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = cx;
        Poll::Ready(Ok(()))
    }
}

/// The receiving half of a [`Transport`].
pub trait TransportReceiver: Send + 'static {
    /// Receives at least one datagram into `datagrams`, and all that are there up to a sensible batch.
    ///
    /// # Errors
    /// As [`TransportSender::poll_send`]: passing errors are counted, all others end the session.
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>>;
}
