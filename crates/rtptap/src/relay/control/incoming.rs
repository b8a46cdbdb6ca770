//! Connections as they come, so many at a time, each with a first moment to say what it is.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{Stream, unfold};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::transport::server::{Connected, TcpConnectInfo};

use super::stopping::Stopping;

/// At a time.
const MAX_CONNECTIONS: usize = 32;

/// Within this HTTP/2's first words must have come.
const MAX_PREFACE_TIME: Duration = Duration::from_secs(5);

/// The bytes of those (RFC 9113 §3.4).
const PREFACE_BYTES: usize = 24;

/// How soon the next is accepted while the system gives no more connections.
const RETRY: Duration = Duration::from_millis(100);

/// Accepts for ever. `hang_up` closes those that there are then.
pub(super) fn incoming(
    listener: TcpListener,
    hang_up: Stopping,
) -> impl Stream<Item = io::Result<Connection>> + Send {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    unfold((listener, room, hang_up), |(listener, room, hang_up)| async {
        let connection = loop {
            match listener.accept().await {
                Ok((stream, peer)) => match Arc::clone(&room).try_acquire_owned() {
                    Ok(place) => break Connection::new(stream, place, hang_up.clone()),
                    // Dropped: it is closed.
                    Err(_) => tracing::info!(%peer, "control: one connection too many"),
                },
                Err(error) => {
                    // Too many open files, perhaps: it passes, but not at once.
                    tracing::debug!(%error, "cannot accept");
                    tokio::time::sleep(RETRY).await;
                }
            }
        };
        Some((Ok(connection), (listener, room, hang_up)))
    })
}

/// One of them.
pub(super) struct Connection {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
    /// Ready when it has to go.
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    hang_up: Stopping,
    /// Bytes still to come before it may take its time.
    preface: usize,
}

impl Connection {
    fn new(stream: TcpStream, _place: OwnedSemaphorePermit, mut hang_up: Stopping) -> Self {
        // Small messages shall leave at once; it works without as well.
        let _ = stream.set_nodelay(true);
        let hears = hang_up.clone();
        let end = Box::pin(async move {
            let _told_or_late = tokio::time::timeout(MAX_PREFACE_TIME, hang_up.told()).await;
        });
        Self { stream, _place, end, hang_up: hears, preface: PREFACE_BYTES }
    }

    fn hear(&mut self, bytes: usize) {
        if self.preface == 0 {
            return;
        }
        self.preface = self.preface.saturating_sub(bytes);
        if self.preface == 0 {
            let mut hang_up = self.hang_up.clone();
            self.end = Box::pin(async move { hang_up.told().await });
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        this.hear(buffer.filled().len() - before);
        if this.end.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::StreamExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::{Instant, timeout};

    use super::super::stopping::stopping;
    use super::*;

    /// What comes of reading on after so many bytes, and when.
    async fn reads_on(sent: usize) -> (io::Result<usize>, Duration) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stop, hang_up) = stopping();
        let mut connection = pin!(incoming(listener, hang_up)).next().await.unwrap().unwrap();
        client.write_all(&vec![b'P'; sent]).await.unwrap();
        connection.read_exact(&mut vec![0; sent]).await.unwrap();
        let start = Instant::now();
        let mut buffer = [0; 1];
        let read = match timeout(Duration::from_secs(3600), connection.read(&mut buffer)).await {
            Ok(read) => read,
            Err(_) => {
                stop.say();
                connection.read(&mut buffer).await
            }
        };
        (read, start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_say_what_it_is_goes_and_who_has_said_may_be_silent_until_the_end() {
        for (sent, seconds) in [(0, 5), (PREFACE_BYTES - 1, 5), (PREFACE_BYTES, 3600)] {
            let (read, since) = reads_on(sent).await;
            assert_eq!(read.unwrap_err().kind(), io::ErrorKind::TimedOut);
            assert_eq!(since.as_secs(), seconds, "{sent} bytes");
        }
    }
}
