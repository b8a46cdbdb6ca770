//! `webrtc_util::Conn`s as transports.

use std::any::Any;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_trait::async_trait;
use interceptor_packet::{Rtcp, RtcpPacket};
use interceptor_tokio::{Session, SessionError, SessionOptions};
use webrtc_util::conn::conn_pipe::pipe;
use webrtc_util::{Buffer, Conn, Result};

use crate::support::{number, packet, session, session_with, sockets, video, within};

async fn exchange(a: &Session, b: &Session) {
    let (local, mut remote) = (a.bind_local_stream(video()).unwrap(), b.bind_remote_stream(video()).unwrap());
    for n in 0..200 {
        local.write(packet(n)).await.unwrap();
        assert_eq!(number(&remote.read().await.unwrap()), n);
    }
    let ((_, mut compounds), (rtcp, _)) = (a.rtcp(), b.rtcp());
    rtcp.write(RtcpPacket::builder().pli(1, 2).build().unwrap()).await.unwrap();
    assert!(matches!(compounds.read().await.unwrap().packets().next(), Some(Rtcp::Pli(_))));
}

#[tokio::test]
async fn sessions_talk_over_a_udp_conn() {
    within(async {
        let (left, right) = sockets().await;
        let (left, right): (Arc<dyn Conn + Send + Sync>, Arc<dyn Conn + Send + Sync>) =
            (Arc::new(left), Arc::new(right));
        let (a, b) = (session(left), session(right));
        exchange(&a, &b).await;
        a.close().await.unwrap();
        b.close().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sessions_talk_over_a_pipe_whose_end_is_an_error() {
    let (left, right) = pipe();
    let (a, b) = (session(Arc::new(left)), session(Arc::new(right)));
    exchange(&a, &b).await;
    let mut remote = b.bind_remote_stream(video()).unwrap();
    a.close().await.unwrap();
    drop(a);
    let end = remote.read().await.unwrap_err();
    assert!(
        matches!(&end, SessionError::Transport(error) if error.kind() == ErrorKind::UnexpectedEof),
        "{end}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_conn_that_is_full_makes_writers_wait() {
    // A pipe holds sixteen datagrams; nobody reads them.
    let (left, right) = pipe();
    let session = session_with(Arc::new(left), SessionOptions::default().with_send_queue(4));
    let local = session.bind_local_stream(video()).unwrap();
    let taken = (0..100).take_while(|n| local.try_write(packet(*n)).is_ok()).count();
    assert_eq!(taken, 16 + 4);
    let mut buffer = [0; 100];
    for n in 0..20 {
        let len = right.recv(&mut buffer).await.unwrap();
        assert_eq!(buffer[len - 1], n);
    }
}

/// Gives so many datagrams that are too long, always at once, then what is in its buffer.
struct Inbox {
    long: AtomicUsize,
    buffer: Buffer,
}

impl Inbox {
    fn new(long: usize) -> Arc<Self> {
        Arc::new(Self { long: long.into(), buffer: Buffer::new(0, 0) })
    }
}

#[async_trait]
impl Conn for Inbox {
    async fn connect(&self, _: SocketAddr) -> Result<()> {
        Ok(())
    }

    async fn recv(&self, buffer: &mut [u8]) -> Result<usize> {
        if self.long.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
            return Ok(buffer.len());
        }
        self.buffer.read(buffer, None).await
    }

    async fn recv_from(&self, buffer: &mut [u8]) -> Result<(usize, SocketAddr)> {
        Ok((self.recv(buffer).await?, self.local_addr()?))
    }

    async fn send(&self, datagram: &[u8]) -> Result<usize> {
        Ok(datagram.len())
    }

    async fn send_to(&self, datagram: &[u8], _: SocketAddr) -> Result<usize> {
        self.send(datagram).await
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        Ok(([127, 0, 0, 1], 1).into())
    }

    fn remote_addr(&self) -> Option<SocketAddr> {
        None
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }

    fn as_any(&self) -> &(dyn Any + Send + Sync) {
        self
    }
}

#[tokio::test(start_paused = true)]
async fn datagrams_that_are_too_long_leave_others_their_turn() {
    let inbox = Inbox::new(100_000);
    let session = session(Arc::clone(&inbox));
    let mut remote = session.bind_remote_stream(video()).unwrap();
    inbox.buffer.write(&packet(7).to_bytes()).await.unwrap();
    tokio::task::yield_now().await;
    assert!((50_000..100_000).contains(&inbox.long.load(Relaxed)), "{:?}", inbox.long);
    assert_eq!(number(&remote.read().await.unwrap()), 7);
    assert_eq!(session.counters().rejected_datagrams, 100_000);
}

#[tokio::test(start_paused = true)]
async fn a_conn_that_calls_the_buffer_too_short_has_lost_one_datagram() {
    let inbox = Inbox::new(0);
    let session = session(Arc::clone(&inbox));
    let mut remote = session.bind_remote_stream(video()).unwrap();
    inbox.buffer.write(&[0x80; 9000]).await.unwrap();
    inbox.buffer.write(&packet(7).to_bytes()).await.unwrap();
    assert_eq!(number(&remote.read().await.unwrap()), 7);
    let counters = session.counters();
    assert_eq!((counters.rejected_datagrams, counters.receive_errors), (1, 0));
}
