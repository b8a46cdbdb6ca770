//! A transport in memory whose every move a test decides.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use interceptor_tokio::{Datagrams, SendQueue, Transport, TransportReceiver, TransportSender};

/// One direction: what one end has sent and the other has not received.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    queue: VecDeque<Bytes>,
    /// Datagrams that the sender may still put in; `None`: any number.
    room: Option<usize>,
    send_error: Option<io::ErrorKind>,
    receive_error: Option<io::ErrorKind>,
    reader: Option<Waker>,
    writer: Option<Waker>,
    closed: bool,
    writers_gone: bool,
}

impl Lane {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Puts a datagram in, as if the peer had sent it.
    pub(crate) fn push(&self, datagram: impl Into<Bytes>) {
        let mut inner = self.inner();
        inner.queue.push_back(datagram.into());
        wake(&mut inner.reader);
    }

    /// Takes out what has been sent.
    pub(crate) fn take(&self) -> Vec<Bytes> {
        self.inner().queue.drain(..).collect()
    }

    /// The next datagram.
    pub(crate) async fn next(&self) -> Bytes {
        poll_fn(|cx| {
            let mut inner = self.inner();
            let next = inner.queue.pop_front();
            if next.is_none() {
                inner.reader = Some(cx.waker().clone());
            }
            next.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// From now on the sender may put in so many datagrams; `None`: any number.
    pub(crate) fn set_room(&self, room: Option<usize>) {
        let mut inner = self.inner();
        inner.room = room;
        wake(&mut inner.writer);
    }

    /// The next attempt to send fails.
    pub(crate) fn fail_send(&self, kind: io::ErrorKind) {
        let mut inner = self.inner();
        inner.send_error = Some(kind);
        wake(&mut inner.writer);
    }

    /// The next attempt to receive fails.
    pub(crate) fn fail_receive(&self, kind: io::ErrorKind) {
        let mut inner = self.inner();
        inner.receive_error = Some(kind);
        wake(&mut inner.reader);
    }

    /// Has the sender closed it?
    pub(crate) fn is_closed(&self) -> bool {
        self.inner().closed
    }

    /// Has the sending half been dropped?
    pub(crate) fn is_dropped(&self) -> bool {
        self.inner().writers_gone
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// One end: a transport for a session.
pub(crate) struct Wire {
    pub(crate) out: Arc<Lane>,
    pub(crate) into: Arc<Lane>,
}

impl Wire {
    /// An end whose other end is the test.
    pub(crate) fn new() -> Self {
        Self { out: Arc::default(), into: Arc::default() }
    }

    /// The lanes, for the test to keep: what the session sends, what it receives.
    pub(crate) fn lanes(&self) -> (Arc<Lane>, Arc<Lane>) {
        (Arc::clone(&self.out), Arc::clone(&self.into))
    }
}

impl Transport for Wire {
    type Sender = WireSender;
    type Receiver = WireReceiver;

    fn split(self) -> (WireSender, WireReceiver) {
        (WireSender(self.out), WireReceiver(self.into))
    }
}

pub(crate) struct WireSender(Arc<Lane>);

impl TransportSender for WireSender {
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        let mut inner = self.0.inner();
        while let Some(datagram) = queue.front() {
            if let Some(kind) = inner.send_error.take() {
                queue.discard();
                return Poll::Ready(Err(kind.into()));
            }
            match &mut inner.room {
                Some(0) => {
                    inner.writer = Some(cx.waker().clone());
                    return Poll::Pending;
                }
                Some(room) => *room -= 1,
                None => {}
            }
            inner.queue.push_back(Bytes::copy_from_slice(datagram));
            queue.pop(1);
            wake(&mut inner.reader);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.inner().closed = true;
        Poll::Ready(Ok(()))
    }
}

impl Drop for WireSender {
    fn drop(&mut self) {
        self.0.inner().writers_gone = true;
    }
}

pub(crate) struct WireReceiver(Arc<Lane>);

impl TransportReceiver for WireReceiver {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        let mut inner = self.0.inner();
        if let Some(kind) = inner.receive_error.take() {
            return Poll::Ready(Err(kind.into()));
        }
        if inner.queue.is_empty() {
            inner.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        inner.queue.drain(..).for_each(|datagram| datagrams.push(datagram, None));
        Poll::Ready(Ok(()))
    }
}
