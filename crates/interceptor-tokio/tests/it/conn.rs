//! `webrtc_util::Conn`s as transports.

use std::io::ErrorKind;
use std::sync::Arc;

use interceptor_packet::{Rtcp, RtcpPacket};
use interceptor_tokio::{Session, SessionError, SessionOptions};
use webrtc_util::Conn;
use webrtc_util::conn::conn_pipe::pipe;

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
