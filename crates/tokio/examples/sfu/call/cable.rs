//! Two transports in memory with a seeded link each way between them.

use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use interceptor_test::{Link, LinkOptions};
use interceptor_tokio::{Datagrams, SendQueue, Transport, TransportReceiver, TransportSender};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::{Result, Wiring};

/// One end. What it sends waits in a link, which is what bounds it.
pub(crate) struct Cable {
    out: UnboundedSender<Bytes>,
    into: UnboundedReceiver<Bytes>,
}

/// Wires that lead from one end to the other in memory, and in virtual time if the runtime's is.
pub(crate) struct InMemory;

impl Wiring for InMemory {
    type End = Cable;

    async fn connect(&self, there: LinkOptions, back: LinkOptions, seed: u64) -> Result<(Cable, Cable)> {
        let (first_out, first_wire) = unbounded_channel();
        let (second_out, second_wire) = unbounded_channel();
        let (to_first, first_into) = unbounded_channel();
        let (to_second, second_into) = unbounded_channel();
        tokio::spawn(carry(first_wire, to_second, there, 2 * seed));
        tokio::spawn(carry(second_wire, to_first, back, 2 * seed + 1));
        Ok((Cable { out: first_out, into: first_into }, Cable { out: second_out, into: second_into }))
    }
}

/// What comes goes over a link, until one of its ends is gone.
pub(crate) async fn carry(
    mut from: UnboundedReceiver<Bytes>,
    to: UnboundedSender<Bytes>,
    options: LinkOptions,
    seed: u64,
) {
    let now = || Instant::now().into_std();
    let Ok(mut link) = Link::new(now(), seed, options) else { return };
    loop {
        let next = link.next_delivery();
        tokio::select! {
            datagram = from.recv() => match datagram {
                Some(datagram) => {
                    link.push(now(), datagram);
                }
                None => return,
            },
            () = sleep_until(next.map_or_else(Instant::now, Instant::from)), if next.is_some() => {}
        }
        while let Some((_, datagram)) = link.pop(now()) {
            if to.send(datagram).is_err() {
                return;
            }
        }
    }
}

impl Transport for Cable {
    type Sender = Out;
    type Receiver = Into;

    fn split(self) -> (Out, Into) {
        (Out(self.out), Into(self.into))
    }
}

pub(crate) struct Out(UnboundedSender<Bytes>);

impl TransportSender for Out {
    fn poll_send(&mut self, _: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        while let Some(datagram) = queue.front() {
            // Nobody at the other end: lost, as on any network.
            let _ = self.0.send(Bytes::copy_from_slice(datagram));
            queue.pop(1);
        }
        Poll::Ready(Ok(()))
    }
}

pub(crate) struct Into(UnboundedReceiver<Bytes>);

impl TransportReceiver for Into {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        match self.0.poll_recv(cx) {
            Poll::Ready(Some(datagram)) => datagrams.push(datagram, None),
            Poll::Ready(None) => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Poll::Pending => return Poll::Pending,
        }
        while let Ok(datagram) = self.0.try_recv() {
            datagrams.push(datagram, None);
        }
        Poll::Ready(Ok(()))
    }
}
