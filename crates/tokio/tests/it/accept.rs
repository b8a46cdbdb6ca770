//! SSRCs that nobody has announced.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use interceptor_core::{
    ChainError, Context, Error, Flow, Interceptor, Limits, Registry, Result, Stage, StreamInfo,
};
use interceptor_packet::{Origin, RtpPacket};
use interceptor_tokio::{BindError, IncomingStream, RemoteStream, Session, SessionError, SessionOptions};
use tokio::time::Instant;

use crate::support::wire::Wire;
use crate::support::{SSRC, number, packet, packet_of, session, session_with, settle, video};

/// What an interceptor saw of incoming packets: number, arrival, whether it is a repetition, and its origin.
type Seen = Vec<(u32, Option<std::time::Instant>, bool, Origin)>;

#[derive(Clone, Default)]
struct Watch {
    bound: Arc<Mutex<Seen>>,
    unbound: Arc<Mutex<Seen>>,
}

fn note(seen: &Mutex<Seen>, packet: &RtpPacket) {
    let info = packet.info();
    seen.lock().unwrap().push((number(packet), info.arrival, info.seen_unbound, info.origin));
}

impl Interceptor for Watch {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        note(&self.bound, packet);
        Ok(Flow::Forward)
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        note(&self.unbound, packet);
        Ok(Flow::Forward)
    }
}

fn watch(session: &Session) -> Watch {
    let watch = Watch::default();
    let copy = watch.clone();
    session.with_chain(|chain, now| chain.insert("watch", Stage::NACK, copy, now)).unwrap();
    watch
}

#[tokio::test(start_paused = true)]
async fn the_first_packets_pass_the_chain_when_their_stream_is_bound() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let watch = watch(&session);
    let start = Instant::now().into_std();
    for n in 0..5 {
        into.push(packet(n).to_bytes());
        settle().await;
        tokio::time::advance(Duration::from_millis(20)).await;
    }
    let incoming = session.accept().await.unwrap();
    assert_eq!((incoming.ssrc(), incoming.payload_type()), (SSRC, 96));
    assert_eq!(number(incoming.first_packet()), 0);
    let mut remote = incoming.bind(video()).unwrap();
    into.push(packet(5).to_bytes());
    for n in 0..6 {
        assert_eq!(number(&remote.read().await.unwrap()), n);
    }
    let arrival = |n: u32| Some(start + Duration::from_millis(20) * n);
    let expected: Seen = (0..6).map(|n| (n, arrival(n), n < 5, Origin::Media)).collect();
    assert_eq!(*watch.bound.lock().unwrap(), expected);
    let expected: Seen = (0..5).map(|n| (n, arrival(n), false, Origin::Media)).collect();
    assert_eq!(*watch.unbound.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_stream_adopts_what_came_on_all_its_ssrcs_in_order_of_arrival() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let watch = watch(&session);
    for n in 0..6 {
        into.push(packet_of(if n % 2 == 0 { SSRC } else { 9 }, n).to_bytes());
        settle().await;
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    let mut remote = session.bind_remote_stream(video().with_rtx(9, 97)).unwrap();
    for n in 0..6 {
        assert_eq!(number(&remote.read().await.unwrap()), n);
    }
    let origins: Vec<Origin> = watch.bound.lock().unwrap().iter().map(|(.., origin)| *origin).collect();
    assert_eq!(origins, [Origin::Media, Origin::Retransmission].repeat(3));
    // Both had been waiting to be accepted.
    assert!(tokio::time::timeout(Duration::from_secs(1), session.accept()).await.is_err());
}

/// Nothing is accepted within a second.
async fn nothing_is_offered(session: &Session) {
    let offered = tokio::time::timeout(Duration::from_secs(1), session.accept()).await;
    assert!(offered.is_err(), "{offered:?}");
}

#[tokio::test(start_paused = true)]
async fn an_ssrc_that_is_dropped_undecided_is_offered_again_when_it_goes_on_but_not_at_once() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session =
        session_with(wire, SessionOptions::default().with_offer_again_after(Duration::from_secs(3)));
    into.push(packet(0).to_bytes());
    let start = Instant::now();
    drop(session.accept().await.unwrap());
    nothing_is_offered(&session).await;
    // Two wait, and the one who hears of it first gives up.
    let waiting = tokio::spawn({
        let session = session.clone();
        async move { session.accept().await.map(|incoming| incoming.ssrc()) }
    });
    settle().await;
    (1..100).for_each(|n| into.push(packet(n).to_bytes()));
    nothing_is_offered(&session).await;
    assert_eq!(waiting.await.unwrap().unwrap(), SSRC);
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    // The 64 newest are there still.
    into.push(packet(100).to_bytes());
    let incoming = session.accept().await.unwrap();
    assert_eq!((number(incoming.first_packet()), session.counters().dropped_unbound), (37, 37));
    assert_eq!(start.elapsed(), Duration::from_secs(6));
    assert_eq!(incoming.bind(video()).unwrap().queued(), 64);
}

fn one_stream(wire: Wire) -> Session {
    let limits = Limits::default().with_max_streams(1);
    Session::builder(&Registry::new(), "one").transport(wire).limits(limits).spawn().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_bind_that_fails_for_want_of_room_gives_the_stream_back_with_all_its_packets() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = one_stream(wire);
    let first = session.bind_remote_stream(StreamInfo::new(1, 96, 90_000)).unwrap();
    for n in 0..3 {
        into.push(packet(n).to_bytes());
    }
    let error = session.accept().await.unwrap().bind(video()).unwrap_err();
    assert!(matches!(error.reason(), BindError::Chain(ChainError::TooManyStreams { limit: 1 })), "{error}");
    let incoming = error.into_incoming();
    assert_eq!((incoming.ssrc(), number(incoming.first_packet())), (SSRC, 0));
    into.push(packet(3).to_bytes());
    settle().await;
    drop(first);
    let mut remote = incoming.bind(video()).unwrap();
    for n in 0..4 {
        assert_eq!(number(&remote.read().await.unwrap()), n);
    }
    assert_eq!(session.counters().dropped_unbound, 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_bind_failed_is_offered_again_until_there_is_room() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = one_stream(wire);
    let first = session.bind_remote_stream(StreamInfo::new(1, 96, 90_000)).unwrap();
    for n in 0..3 {
        into.push(packet(n).to_bytes());
        let incoming = session.accept().await.unwrap();
        assert!(incoming.bind(video()).is_err());
    }
    drop(first);
    into.push(packet(3).to_bytes());
    let mut remote = session.accept().await.unwrap().bind(video()).unwrap();
    for n in 0..4 {
        assert_eq!(number(&remote.read().await.unwrap()), n);
    }
}

/// Refuses streams of more than one SSRC.
struct Picky;

impl Interceptor for Picky {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        if stream.ssrcs().count() > 1 { Err(Error::msg("too much at once")) } else { Ok(None) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bind_that_is_refused_may_be_tried_otherwise() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    session.with_chain(|chain, now| chain.insert("picky", Stage::NACK, Picky, now)).unwrap();
    into.push(packet(0).to_bytes());
    let incoming = session.accept().await.unwrap();
    let (incoming, reason) = incoming.bind(StreamInfo::new(5, 96, 90_000)).unwrap_err().into_parts();
    assert!(matches!(reason, BindError::ForeignInfo { ssrc: SSRC }), "{reason}");
    let error = incoming.bind(video().with_rtx(9, 97)).unwrap_err();
    assert_eq!(error.to_string(), "interceptor `picky` refused the stream: too much at once");
    let mut remote = error.into_incoming().bind(video()).unwrap();
    assert_eq!(number(&remote.read().await.unwrap()), 0);
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_bind_goes_up_as_any_error() {
    fn bind(incoming: IncomingStream) -> std::result::Result<RemoteStream, BindError> {
        Ok(incoming.bind(StreamInfo::new(5, 96, 90_000))?)
    }
    fn bind_any(
        incoming: IncomingStream,
    ) -> std::result::Result<RemoteStream, Box<dyn StdError + Send + Sync>> {
        Ok(incoming.bind(StreamInfo::new(5, 96, 90_000))?)
    }
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let text = "the stream information lacks SSRC 0x11223344";
    into.push(packet(0).to_bytes());
    assert_eq!(bind(session.accept().await.unwrap()).unwrap_err().to_string(), text);
    into.push(packet(1).to_bytes());
    assert_eq!(bind_any(session.accept().await.unwrap()).unwrap_err().to_string(), text);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_offered_when_switched_off() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session_with(wire, SessionOptions::default().with_pending_streams(0));
    into.push(packet(0).to_bytes());
    assert!(tokio::time::timeout(Duration::from_secs(1), session.accept()).await.is_err());
    assert_eq!(session.counters().dropped_unbound, 1);
}

#[tokio::test(start_paused = true)]
async fn several_may_accept_and_all_hear_of_the_end() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let accept = || {
        let session = session.clone();
        tokio::spawn(async move { session.accept().await.map(|incoming| incoming.ssrc()) })
    };
    let (first, second) = (accept(), accept());
    settle().await;
    into.push(packet_of(1, 0).to_bytes());
    into.push(packet_of(2, 0).to_bytes());
    let mut ssrcs = [first.await.unwrap().unwrap(), second.await.unwrap().unwrap()];
    ssrcs.sort_unstable();
    assert_eq!(ssrcs, [1, 2]);
    let (third, fourth) = (accept(), accept());
    settle().await;
    session.close().await.unwrap();
    assert!(matches!(third.await.unwrap(), Err(SessionError::Closed)));
    assert!(matches!(fourth.await.unwrap(), Err(SessionError::Closed)));
}
