//! A leg's sockets as a session's transport: datagrams leave through the socket of their kind.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use interceptor_packet::{Kind, classify};
use interceptor_tokio::{Datagrams, SendQueue, Transport, TransportReceiver, TransportSender};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

use super::peers::Peers;

/// The longest datagram that UDP carries.
const MAX_DATAGRAM_BYTES: usize = 65_535;

/// Datagrams taken from a socket in one go, wanted or not, so that timers get their turn.
const MAX_BATCH: usize = 64;

/// What a leg's session sends and receives with.
#[derive(Debug)]
pub(in crate::relay) struct LegTransport {
    media: Arc<UdpSocket>,
    control: Option<Arc<UdpSocket>>,
    peers: Arc<Peers>,
}

impl LegTransport {
    pub(super) const fn new(
        media: Arc<UdpSocket>,
        control: Option<Arc<UdpSocket>>,
        peers: Arc<Peers>,
    ) -> Self {
        Self { media, control, peers }
    }
}

impl Transport for LegTransport {
    type Sender = LegSender;
    type Receiver = LegReceiver;

    fn split(self) -> (LegSender, LegReceiver) {
        let Self { media, control, peers } = self;
        let sockets: Vec<_> = std::iter::once(Arc::clone(&media)).chain(control.clone()).collect();
        let receiver = LegReceiver {
            sockets,
            peers: Arc::clone(&peers),
            buffer: vec![0; MAX_DATAGRAM_BYTES].into_boxed_slice(),
            turn: 0,
        };
        (LegSender { media, control, peers }, receiver)
    }
}

/// The sending half.
#[derive(Debug)]
pub(in crate::relay) struct LegSender {
    media: Arc<UdpSocket>,
    control: Option<Arc<UdpSocket>>,
    peers: Arc<Peers>,
}

impl TransportSender for LegSender {
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        while let Some(datagram) = queue.front() {
            let kind = classify(datagram);
            let socket = self.control.as_ref().filter(|_| kind == Kind::Rtcp).unwrap_or(&self.media);
            let sent = match self.peers.destination(kind) {
                Some(to) => ready!(socket.poll_send_to(cx, datagram, to)),
                None => Err(io::ErrorKind::HostUnreachable.into()),
            };
            if let Err(error) = sent {
                queue.discard();
                return Poll::Ready(Err(error));
            }
            queue.pop(1);
        }
        Poll::Ready(Ok(()))
    }
}

/// The receiving half.
#[derive(Debug)]
pub(in crate::relay) struct LegReceiver {
    sockets: Vec<Arc<UdpSocket>>,
    peers: Arc<Peers>,
    buffer: Box<[u8]>,
    /// The socket that comes first next time: none starves behind a flood on the other.
    turn: usize,
}

impl TransportReceiver for LegReceiver {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        let now = now();
        self.turn = self.turn.wrapping_add(1);
        let count = self.sockets.len();
        for at in 0..count {
            let Some(socket) = self.sockets.get((self.turn + at) % count) else { continue };
            for _ in 0..MAX_BATCH {
                let mut buffer = ReadBuf::new(&mut self.buffer);
                match socket.poll_recv_from(cx, &mut buffer) {
                    Poll::Pending => break,
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Ready(Ok(from)) => {
                        let bytes = buffer.filled();
                        if self.peers.accept(from, classify(bytes), now) {
                            datagrams.push(Bytes::copy_from_slice(bytes), None);
                        } else {
                            tracing::info!(%from, "rejected: from another host, or no RTP");
                            datagrams.reject();
                        }
                    }
                }
            }
        }
        if datagrams.is_empty() { Poll::Pending } else { Poll::Ready(Ok(())) }
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
