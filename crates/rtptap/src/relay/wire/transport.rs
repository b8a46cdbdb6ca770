//! A leg's sockets as a session's transport: datagrams leave through the socket of their kind, as many as there are of one length
//! in one system call.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use interceptor_packet::{Kind, classify, classify_on_rtp_port};
use interceptor_tokio::{BatchSocket, Datagrams, SendQueue, Transport, TransportReceiver, TransportSender};

use super::link::{Link, Passage};
use super::peers::{Peers, Verdict};

/// Datagrams after which no more are taken from a socket in one go, wanted or not, so that timers get their turn.
const MAX_BATCH: usize = 64;

/// Bytes after which no more are taken in that go: large datagrams must not be many at a time. One system call takes a
/// mebibyte at most.
const MAX_BATCH_BYTES: usize = 256 << 10;

/// What a leg's session sends and receives with.
#[derive(Debug)]
pub(in crate::relay) struct LegTransport {
    media: Arc<BatchSocket>,
    control: Option<Arc<BatchSocket>>,
    peers: Arc<Peers>,
    link: Arc<Link>,
}

impl LegTransport {
    pub(super) const fn new(
        media: Arc<BatchSocket>,
        control: Option<Arc<BatchSocket>>,
        peers: Arc<Peers>,
        link: Arc<Link>,
    ) -> Self {
        Self { media, control, peers, link }
    }
}

impl Transport for LegTransport {
    type Sender = LegSender;
    type Receiver = LegReceiver;

    fn split(self) -> (LegSender, LegReceiver) {
        let Self { media, control, peers, link } = self;
        // On a port of its own RTP may have any payload type.
        let classify_media = if control.is_some() { classify_on_rtp_port } else { classify };
        let media_in = (Arc::clone(&media), classify_media as Classify);
        let control_in = control.clone().map(|socket| (socket, classify as Classify));
        let receiver = LegReceiver {
            sockets: std::iter::once(media_in).chain(control_in).collect(),
            peers: Arc::clone(&peers),
            turn: 0,
        };
        (LegSender { media, control, classify: classify_media, peers, link, is_judged: false }, receiver)
    }
}

/// How a socket tells what a datagram is.
type Classify = fn(&[u8]) -> Kind;

/// The sending half.
#[derive(Debug)]
pub(in crate::relay) struct LegSender {
    media: Arc<BatchSocket>,
    control: Option<Arc<BatchSocket>>,
    classify: Classify,
    peers: Arc<Peers>,
    link: Arc<Link>,
    /// The first in the queue may pass: it waits for the socket alone.
    is_judged: bool,
}

impl TransportSender for LegSender {
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        while let Some(datagram) = queue.front() {
            let kind = (self.classify)(datagram);
            let socket = self.control.as_ref().filter(|_| kind == Kind::Rtcp).unwrap_or(&self.media);
            let mut count = 1;
            let sent = match self.peers.destination(kind) {
                Some(to) => {
                    if !self.is_judged && self.link.passage(socket, to, kind, datagram) == Passage::Taken {
                        queue.pop(1);
                        continue;
                    }
                    self.is_judged = true;
                    count = self.run_of(kind, socket, queue);
                    let Some(run) = socket.run(queue, count) else { break };
                    socket.try_send(&run, to)
                }
                None => Err(io::ErrorKind::HostUnreachable.into()),
            };
            match sent {
                Ok(()) => queue.pop(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(socket.poll_send_ready(cx))?;
                    continue;
                }
                // The system gave up on segmentation offload: one by one, then.
                Err(_) if count > 1 && socket.max_segments() == 1 => continue,
                Err(error) => {
                    self.is_judged = false;
                    queue.discard();
                    return Poll::Ready(Err(error));
                }
            }
            self.is_judged = false;
        }
        Poll::Ready(Ok(()))
    }
}

impl LegSender {
    /// How many leave with the first: those of its kind behind it, unless the link looks at each.
    fn run_of(&self, kind: Kind, socket: &BatchSocket, queue: &SendQueue) -> usize {
        let most = if self.link.is_open() { usize::MAX } else { 1 };
        let Some(run) = socket.run(queue, most) else { return 1 };
        run.datagrams().take_while(|datagram| (self.classify)(datagram) == kind).count().max(1)
    }
}

/// The receiving half.
#[derive(Debug)]
pub(in crate::relay) struct LegReceiver {
    sockets: Vec<(Arc<BatchSocket>, Classify)>,
    peers: Arc<Peers>,
    /// The socket that comes first next time: none starves behind a flood on the other.
    turn: usize,
}

impl TransportReceiver for LegReceiver {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        let now = now();
        self.turn = self.turn.wrapping_add(1);
        let (count, mut more) = (self.sockets.len(), false);
        for at in 0..count {
            let Some((socket, classify)) = self.sockets.get((self.turn + at) % count) else { continue };
            let mut taken = 0;
            loop {
                if taken >= MAX_BATCH || datagrams.len_bytes() >= MAX_BATCH_BYTES {
                    more = true;
                    break;
                }
                let received = socket.poll_recv(cx, |message, _| {
                    let empty = message.is_empty().then_some(&[][..]);
                    for datagram in empty.into_iter().chain(message.datagrams()) {
                        let kind = classify(datagram);
                        let verdict = self.peers.hear(message.from, kind, datagram, now);
                        take(verdict, kind, datagram, datagrams);
                        taken += 1;
                    }
                });
                match received {
                    Poll::Pending => break,
                    Poll::Ready(received) => received?,
                }
            }
        }
        if !datagrams.is_empty() {
            return Poll::Ready(Ok(()));
        }
        if more {
            // None of them for the session, but a socket that is not empty wakes nobody.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// In buffers of their own: one that is kept keeps nothing else in memory, as bounds in bytes assume.
fn take(verdict: Verdict, kind: Kind, datagram: &[u8], datagrams: &mut Datagrams) {
    let dropped = match verdict {
        Verdict::Taken => {
            datagrams.push_as(Bytes::copy_from_slice(datagram), kind, None);
            0
        }
        Verdict::TakenAfter(held, dropped) => {
            held.into_iter().for_each(|held| datagrams.push_as(held.datagram, held.kind, None));
            datagrams.push_as(Bytes::copy_from_slice(datagram), kind, None);
            dropped
        }
        Verdict::Kept(dropped) => dropped,
        Verdict::Rejected(dropped) => dropped + 1,
    };
    (0..dropped).for_each(|_| datagrams.reject());
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
#[path = "transport_tests.rs"]
mod tests;
