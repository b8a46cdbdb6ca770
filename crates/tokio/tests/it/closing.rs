//! The end: closing, dropping, errors of the transport, the runtime going away.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use interceptor_core::{Context, Error, Interceptor, Result, Stage, Streams};
use interceptor_packet::RtcpPacket;
use interceptor_tokio::{
    BindError, Datagrams, SendQueue, Session, SessionError, SessionOptions, Transport, TransportReceiver,
    TransportSender, TryWriteError,
};
use tokio::time::Instant;

use crate::support::wire::{Lane, Wire, WireReceiver, WireSender};
use crate::support::{number, packet, packet_of, session, session_with, settle, video};

/// Says goodbye when it is closed, and then fails if it is told to.
struct Goodbye {
    fails: bool,
}

impl Interceptor for Goodbye {
    type Local = ();
    type Remote = ();

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        cx.send_rtcp(RtcpPacket::builder().bye(&[cx.sender_ssrc()], "").build()?);
        if self.fails { Err(Error::msg("no ink")) } else { Ok(()) }
    }
}

fn insert_goodbye(session: &Session, fails: bool) {
    session.with_chain(|chain, now| chain.insert("goodbye", Stage::REPORT, Goodbye { fails }, now)).unwrap();
}

fn is_closed<T>(result: &Result<T, SessionError>) -> bool {
    matches!(result, Err(SessionError::Closed))
}

#[tokio::test(start_paused = true)]
async fn closing_says_goodbye_sends_what_is_queued_and_ends_every_handle() {
    let wire = Wire::new();
    let (out, into) = wire.lanes();
    let session = session(wire);
    insert_goodbye(&session, false);
    let local = session.bind_local_stream(video()).unwrap();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    let ((rtcp, mut rtcp_in), mut events, mut raw) = (session.rtcp(), session.events(), session.raw());
    into.push(packet(1).to_bytes());
    settle().await;
    out.set_room(Some(0));
    local.write(packet(0)).await.unwrap();
    let closing = tokio::spawn({
        let session = session.clone();
        async move { session.close().await }
    });
    settle().await;
    assert!(!closing.is_finished());
    assert!(is_closed(&local.write(packet(2)).await));
    out.set_room(None);
    closing.await.unwrap().unwrap();
    let sent = out.take();
    assert_eq!((sent.len(), sent[1][1]), (2, 203), "the packet, then the BYE: {sent:?}");
    assert!(out.is_closed() && out.is_dropped());

    assert_eq!(number(&remote.read().await.unwrap()), 1, "what is queued can still be read");
    assert!(is_closed(&remote.read().await));
    assert!(matches!(local.try_write(packet(3)), Err(TryWriteError::Session(SessionError::Closed))));
    assert!(is_closed(&local.write_all(&mut vec![packet(4)]).await));
    let bye = RtcpPacket::builder().bye(&[1], "").build().unwrap();
    assert!(is_closed(&rtcp.write(bye).await) && is_closed(&rtcp_in.read().await));
    assert!(is_closed(&events.read().await) && is_closed(&raw.read().await));
    assert!(is_closed(&session.accept().await) && is_closed(&session.rtcp().1.read().await));
    let bound = session.bind_local_stream(video());
    assert!(matches!(bound, Err(BindError::Session(SessionError::Closed))), "{bound:?}");
    assert!(matches!(session.ended(), Some(SessionError::Closed)));
    session.close().await.unwrap();
    assert_eq!(session.counters().unsent_at_close, 0);
}

#[tokio::test(start_paused = true)]
async fn closing_while_writers_wait_takes_no_longer_than_its_timeout() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    out.set_room(Some(0));
    let options = SessionOptions::default().with_send_queue(2).with_close_timeout(Duration::from_millis(300));
    let session = session_with(wire, options);
    let local = Arc::new(session.bind_local_stream(video()).unwrap());
    let writers: Vec<_> = (0..5)
        .map(|n| {
            let local = Arc::clone(&local);
            tokio::spawn(async move { local.write(packet(n)).await })
        })
        .collect();
    settle().await;
    let start = Instant::now();
    let (first, second) = tokio::join!(session.close(), session.close());
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(start.elapsed(), Duration::from_millis(300));
    let mut results = Vec::new();
    for writer in writers {
        results.push(writer.await.unwrap());
    }
    assert!(results[..2].iter().all(Result::is_ok) && results[2..].iter().all(is_closed), "{results:?}");
    assert_eq!(session.counters().unsent_at_close, 2);
    assert!(out.is_dropped());
}

#[tokio::test(start_paused = true)]
async fn a_close_that_is_cancelled_closes_all_the_same() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    out.set_room(Some(0));
    let session = session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    local.write(packet(0)).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(10), session.close()).await.is_err());
    assert!(is_closed(&local.write(packet(1)).await));
    out.set_room(None);
    session.closed().await.unwrap();
    assert!(out.is_closed());
}

#[tokio::test(start_paused = true)]
async fn the_session_closes_when_its_last_handle_goes_whatever_streams_there_are() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session(wire);
    insert_goodbye(&session, false);
    let copy = session.clone();
    let local = session.bind_local_stream(video()).unwrap();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    let reading = tokio::spawn(async move { remote.read().await });
    drop(session);
    settle().await;
    local.write(packet(0)).await.unwrap();
    drop(copy);
    assert!(is_closed(&reading.await.unwrap()));
    assert!(is_closed(&local.write(packet(1)).await));
    settle().await;
    assert!(out.is_closed() && out.is_dropped());
    assert_eq!(out.take().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn interceptors_that_fail_to_close_are_named_by_every_close() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session(wire);
    insert_goodbye(&session, true);
    for _ in 0..2 {
        let error = session.close().await.unwrap_err();
        assert_eq!(error.to_string(), "closing failed in `goodbye`: no ink");
    }
    assert_eq!(out.take().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_is_not_to_be_closed_is_only_dropped() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session_with(wire, SessionOptions::default().with_close_transport(false));
    session.close().await.unwrap();
    assert!(!out.is_closed() && out.is_dropped());
}

fn is_transport<T>(result: &Result<T, SessionError>, kind: ErrorKind) -> bool {
    matches!(result, Err(SessionError::Transport(error)) if error.kind() == kind)
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_fails_to_receive_ends_every_handle_with_its_error() {
    let wire = Wire::new();
    let (out, into) = wire.lanes();
    let session = session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    let (rtcp, mut rtcp_in) = session.rtcp();
    let accepting = tokio::spawn({
        let session = session.clone();
        async move { session.accept().await }
    });
    let reading = tokio::spawn(async move { remote.read().await });
    settle().await;
    into.fail_receive(ErrorKind::UnexpectedEof);
    let eof = ErrorKind::UnexpectedEof;
    assert!(is_transport(&reading.await.unwrap(), eof) && is_transport(&accepting.await.unwrap(), eof));
    assert!(is_transport(&local.write(packet(0)).await, eof) && is_transport(&rtcp_in.read().await, eof));
    let bye = RtcpPacket::builder().bye(&[1], "").build().unwrap();
    assert!(is_transport(&rtcp.write(bye).await, eof));
    assert!(is_transport(&session.events().read().await, eof));
    assert!(matches!(
        session.bind_remote_stream(video()),
        Err(BindError::Session(SessionError::Transport(_)))
    ));
    assert!(is_transport(&session.close().await, eof) && is_transport(&session.close().await, eof));
    assert!(out.is_dropped());
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_fails_to_send_ends_the_session_too() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    out.fail_send(ErrorKind::BrokenPipe);
    // The packet was taken; what became of it shows with the next one.
    local.write(packet(0)).await.unwrap();
    assert!(is_transport(&local.write(packet(1)).await, ErrorKind::BrokenPipe));
    assert!(is_transport(&remote.read().await, ErrorKind::BrokenPipe));
    assert!(is_transport(&session.close().await, ErrorKind::BrokenPipe));
}

#[tokio::test(start_paused = true)]
async fn unreachable_peers_are_counted_and_end_nothing() {
    let wire = Wire::new();
    let (out, into) = wire.lanes();
    let session = session(wire);
    let local = session.bind_local_stream(video()).unwrap();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    let passing = [
        ErrorKind::ConnectionRefused,
        ErrorKind::ConnectionReset,
        ErrorKind::HostUnreachable,
        ErrorKind::NetworkUnreachable,
        ErrorKind::PermissionDenied,
    ];
    for (n, kind) in (0..).zip(passing) {
        out.fail_send(kind);
        local.write(packet(n)).await.unwrap();
        into.fail_receive(kind);
        settle().await;
        into.push(packet(n).to_bytes());
        assert_eq!(number(&remote.read().await.unwrap()), n);
    }
    local.write(packet(9)).await.unwrap();
    assert_eq!(out.take().len(), 1);
    let counters = session.counters();
    assert_eq!((counters.send_errors, counters.receive_errors, counters.sent_datagrams), (5, 5, 1));
    session.close().await.unwrap();
}

#[test]
fn a_runtime_that_goes_away_ends_the_session() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let first = runtime();
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = first.block_on(async { session(wire) });
    let local = session.bind_local_stream(video()).unwrap();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    drop(first);
    assert!(out.is_dropped());
    runtime().block_on(async {
        assert!(matches!(remote.read().await, Err(SessionError::TaskEnded)));
        assert!(matches!(local.write(packet(0)).await, Err(SessionError::TaskEnded)));
        assert!(matches!(session.close().await, Err(SessionError::TaskEnded)));
    });
}

/// Panics when it receives.
struct Panics;

impl Transport for Panics {
    type Sender = Self;
    type Receiver = Self;

    fn split(self) -> (Self, Self) {
        (Self, Self)
    }
}

impl TransportSender for Panics {
    fn poll_send(&mut self, _: &mut TaskContext<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        queue.pop(queue.len());
        Poll::Ready(Ok(()))
    }
}

impl TransportReceiver for Panics {
    fn poll_recv(&mut self, _: &mut TaskContext<'_>, _: &mut Datagrams) -> Poll<io::Result<()>> {
        panic!("out of paper")
    }
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_panics_ends_the_session_rather_than_hang_it() {
    let session = session(Panics);
    let local = session.bind_local_stream(video()).unwrap();
    assert!(matches!(session.accept().await, Err(SessionError::TaskEnded)));
    assert!(matches!(local.write(packet(0)).await, Err(SessionError::TaskEnded)));
    assert!(matches!(session.close().await, Err(SessionError::TaskEnded)));
}

#[tokio::test(start_paused = true)]
async fn an_incoming_stream_outlives_its_session_harmlessly() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    into.push(packet_of(5, 0).to_bytes());
    let incoming = session.accept().await.unwrap();
    session.close().await.unwrap();
    let info = interceptor_core::StreamInfo::new(5, 96, 90_000);
    let error = incoming.bind(info).unwrap_err();
    assert!(matches!(error.reason(), BindError::Session(SessionError::Closed)), "{error}");
    error.into_incoming().reject();
}

/// Fails to receive for ever, with an error that would pass on a UDP socket.
struct Reset(usize);

impl Transport for Reset {
    type Sender = Panics;
    type Receiver = Self;

    fn split(self) -> (Panics, Self) {
        (Panics, self)
    }
}

impl TransportReceiver for Reset {
    fn poll_recv(&mut self, _: &mut TaskContext<'_>, _: &mut Datagrams) -> Poll<io::Result<()>> {
        self.0 += 1;
        assert!(self.0 < 10_000, "it is tried again for ever");
        Poll::Ready(Err(ErrorKind::ConnectionReset.into()))
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_never_passes_ends_the_session() {
    let session = session(Reset(0));
    assert!(is_transport(&session.accept().await, ErrorKind::ConnectionReset));
    assert!((1..=200).contains(&session.counters().receive_errors));
}

/// Sends as its lane does; closing it takes for ever.
struct Stuck(Wire);

struct StuckSender(WireSender);

impl Transport for Stuck {
    type Sender = StuckSender;
    type Receiver = WireReceiver;

    fn split(self) -> (StuckSender, WireReceiver) {
        let (sender, receiver) = self.0.split();
        (StuckSender(sender), receiver)
    }
}

impl TransportSender for StuckSender {
    fn poll_send(&mut self, cx: &mut TaskContext<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        self.0.poll_send(cx, queue)
    }

    fn poll_close(&mut self, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        let _ = self.0.poll_close(cx);
        Poll::Pending
    }
}

const PATIENCE: Duration = Duration::from_secs(30);

/// A session with a packet that does not leave, and its lanes.
fn laden() -> (Session, Arc<Lane>, Arc<Lane>) {
    let wire = Wire::new();
    let (out, into) = wire.lanes();
    out.set_room(Some(0));
    let session = session_with(Stuck(wire), SessionOptions::default().with_close_timeout(PATIENCE));
    let local = session.bind_local_stream(video()).unwrap();
    for n in 0..3 {
        local.try_write(packet(n)).unwrap();
    }
    (session, out, into)
}

/// Closes while `fail` happens to the transport; must return at once, with the error.
async fn closes_at_once(session: &Session, kind: ErrorKind, fail: impl AsyncFnOnce()) {
    let start = Instant::now();
    let (closed, ()) = tokio::join!(session.close(), async {
        settle().await;
        fail().await;
    });
    assert!(is_transport(&closed, kind), "{closed:?}");
    assert!(is_transport(&session.close().await, kind));
    assert!(start.elapsed() < Duration::from_millis(50), "{:?}", start.elapsed());
    assert_eq!(session.counters().unsent_at_close, 3);
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_fails_to_send_while_closing_is_not_waited_for() {
    let (session, out, _) = laden();
    closes_at_once(&session, ErrorKind::BrokenPipe, async || out.fail_send(ErrorKind::BrokenPipe)).await;
    assert!(out.is_closed() && out.is_dropped(), "it is told all the same");
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_fails_to_receive_while_closing_is_not_waited_for() {
    let (session, _, into) = laden();
    closes_at_once(&session, ErrorKind::UnexpectedEof, async || {
        // What comes before is dropped and counted.
        into.push(packet_of(7, 0).to_bytes());
        settle().await;
        into.fail_receive(ErrorKind::UnexpectedEof);
    })
    .await;
    assert_eq!((session.counters().received_datagrams, session.counters().chain.after_close), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_had_failed_before_closing_is_not_waited_for() {
    let (session, out, _) = laden();
    out.fail_send(ErrorKind::BrokenPipe);
    closes_at_once(&session, ErrorKind::BrokenPipe, async || {}).await;
}

#[tokio::test(start_paused = true)]
async fn errors_that_pass_do_not_end_the_closing() {
    let (session, out, into) = laden();
    let closing = tokio::spawn({
        let session = session.clone();
        async move { session.close().await }
    });
    settle().await;
    into.fail_receive(ErrorKind::ConnectionRefused);
    out.fail_send(ErrorKind::ConnectionRefused);
    settle().await;
    assert!(!closing.is_finished());
    out.set_room(None);
    closing.await.unwrap().unwrap();
    assert_eq!((out.take().len(), session.counters().unsent_at_close), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_stops_sending_does_not_stretch_the_closing() {
    let (session, _, into) = laden();
    let flood = tokio::spawn(async move {
        loop {
            into.push(packet_of(7, 0).to_bytes());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let start = Instant::now();
    session.close().await.unwrap();
    flood.abort();
    assert_eq!(start.elapsed(), PATIENCE * 2);
    assert_eq!(session.counters().unsent_at_close, 3);
}

/// Panics when it is closed.
struct PanicsAtEnd;

impl Transport for PanicsAtEnd {
    type Sender = Self;
    type Receiver = WireReceiver;

    fn split(self) -> (Self, WireReceiver) {
        (Self, Wire::new().split().1)
    }
}

impl TransportSender for PanicsAtEnd {
    fn poll_send(&mut self, _: &mut TaskContext<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        queue.pop(queue.len());
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, _: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        panic!("out of paper")
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_while_closing_has_not_closed_in_order() {
    let session = session(PanicsAtEnd);
    for _ in 0..2 {
        assert!(matches!(session.close().await, Err(SessionError::TaskEnded)));
    }
}
