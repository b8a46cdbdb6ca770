//! Every `webrtc_util::Conn` as a transport.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use webrtc_util::Conn;

use super::datagrams::Datagrams;
use super::halves::{Transport, TransportReceiver, TransportSender};
use super::send_queue::SendQueue;

/// Longer datagrams are rejected: they would be cut off somewhere. What `webrtc-srtp` takes at most, and a jumbo frame less.
const MAX_DATAGRAM_BYTES: usize = 8192;

/// Datagrams taken in one go, rejected ones as well, so that timers get their turn.
const MAX_BATCH: usize = 32;

/// A call that is under way, with the buffer that it works on. Never dropped before it is done: not every `Conn`
/// takes well to that.
type Call = Pin<Box<dyn Future<Output = (Vec<u8>, webrtc_util::Result<usize>)> + Send>>;

impl<C: Conn + Send + Sync + ?Sized + 'static> Transport for Arc<C> {
    type Sender = ConnSender<C>;
    type Receiver = ConnReceiver<C>;

    fn split(self) -> (ConnSender<C>, ConnReceiver<C>) {
        let sender = ConnSender { conn: Self::clone(&self), call: None, buffer: Vec::new(), closing: None };
        (sender, ConnReceiver { conn: self, call: None, buffer: vec![0; MAX_DATAGRAM_BYTES + 1] })
    }
}

/// The sending half of an `Arc` of a `Conn`.
pub struct ConnSender<C: ?Sized> {
    conn: Arc<C>,
    call: Option<Call>,
    buffer: Vec<u8>,
    closing: Option<Pin<Box<dyn Future<Output = webrtc_util::Result<()>> + Send>>>,
}

impl<C: Conn + Send + Sync + ?Sized + 'static> TransportSender for ConnSender<C> {
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        loop {
            if self.call.is_none() {
                let Some(datagram) = queue.front() else { return Poll::Ready(Ok(())) };
                let (conn, mut buffer) = (Arc::clone(&self.conn), std::mem::take(&mut self.buffer));
                buffer.clear();
                buffer.extend_from_slice(datagram);
                self.call = Some(Box::pin(async move {
                    let sent = conn.send(&buffer).await;
                    (buffer, sent)
                }));
            }
            let Some(call) = &mut self.call else { continue };
            let (buffer, sent) = ready!(call.as_mut().poll(cx));
            self.call = None;
            self.buffer = buffer;
            match sent {
                Ok(_) => queue.pop(1),
                Err(error) => {
                    queue.discard();
                    return Poll::Ready(Err(into_io(error)));
                }
            }
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let conn = &self.conn;
        let closing = self.closing.get_or_insert_with(|| {
            let conn = Arc::clone(conn);
            Box::pin(async move { conn.close().await })
        });
        closing.as_mut().poll(cx).map_err(into_io)
    }
}

/// The receiving half of an `Arc` of a `Conn`.
pub struct ConnReceiver<C: ?Sized> {
    conn: Arc<C>,
    call: Option<Call>,
    buffer: Vec<u8>,
}

impl<C: Conn + Send + Sync + ?Sized + 'static> TransportReceiver for ConnReceiver<C> {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        for _ in 0..MAX_BATCH {
            let (conn, buffer) = (&self.conn, &mut self.buffer);
            let call = self.call.get_or_insert_with(|| {
                let (conn, mut buffer) = (Arc::clone(conn), std::mem::take(buffer));
                Box::pin(async move {
                    let received = conn.recv(&mut buffer).await;
                    (buffer, received)
                })
            });
            let Poll::Ready((buffer, received)) = call.as_mut().poll(cx) else {
                return if datagrams.is_empty() { Poll::Pending } else { Poll::Ready(Ok(())) };
            };
            self.call = None;
            match received {
                // Fills the buffer, which has room for one byte more: this is not all of it.
                Ok(len) if len > MAX_DATAGRAM_BYTES => datagrams.reject(),
                // How `webrtc_util::Buffer` says the same.
                Err(webrtc_util::Error::ErrBufferShort) => datagrams.reject(),
                Ok(len) => {
                    datagrams.push(Bytes::copy_from_slice(buffer.get(..len).unwrap_or_default()), None)
                }
                Err(error) => {
                    self.buffer = buffer;
                    return Poll::Ready(Err(into_io(error)));
                }
            }
            self.buffer = buffer;
        }
        Poll::Ready(Ok(()))
    }
}

impl<C: ?Sized> fmt::Debug for ConnSender<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sending, closing) = (self.call.is_some(), self.closing.is_some());
        f.debug_struct("ConnSender")
            .field("sending", &sending)
            .field("closing", &closing)
            .finish_non_exhaustive()
    }
}

impl<C: ?Sized> fmt::Debug for ConnReceiver<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnReceiver").field("receiving", &self.call.is_some()).finish_non_exhaustive()
    }
}

/// The error of the operating system inside, if there is one: its kind tells whether it passes.
fn into_io(error: webrtc_util::Error) -> io::Error {
    match error {
        webrtc_util::Error::Io(error) => error.0,
        webrtc_util::Error::Std(error) => match error.0.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}
