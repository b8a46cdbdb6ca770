//! SSRCs that nobody has announced.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use interceptor_core::{Context, Flow, Interceptor, Result, Stage, StreamInfo};
use interceptor_packet::{Origin, RtpPacket};
use interceptor_tokio::{BindError, Session, SessionError, SessionOptions};
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

#[tokio::test(start_paused = true)]
async fn an_ssrc_that_is_declined_is_not_offered_again() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    into.push(packet_of(1, 0).to_bytes());
    into.push(packet_of(2, 0).to_bytes());
    let first = session.accept().await.unwrap();
    let second = session.accept().await.unwrap();
    assert_eq!((first.ssrc(), second.ssrc()), (1, 2));
    drop(first);
    into.push(packet_of(1, 1).to_bytes());
    into.push(packet_of(3, 0).to_bytes());
    assert_eq!(session.accept().await.unwrap().ssrc(), 3);
    assert_eq!(session.counters().dropped_unbound, 1);
    let error = second.bind(video()).unwrap_err();
    assert!(matches!(error, BindError::ForeignInfo { ssrc: 2 }), "{error}");
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
