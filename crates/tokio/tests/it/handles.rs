//! Handles, and streams that end or begin anew behind their back.

use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_tokio::{Session, SessionError};

use crate::support::wire::Wire;
use crate::support::{SSRC, number, packet, packet_of, session, settle, video};

fn counts(session: &Session) -> (usize, usize) {
    session.with_chain(|chain, _| chain.stream_counts())
}

/// As the application may, by the chain that it is lent.
fn unbind(session: &Session) {
    session.with_chain(|chain, now| {
        chain.unbind_remote(SSRC, now).unwrap();
        chain.unbind_local(SSRC, now).unwrap();
    });
}

#[tokio::test(start_paused = true)]
async fn an_old_handle_ends_no_newer_stream_of_its_ssrc() {
    let wire = Wire::new();
    let (out, into) = wire.lanes();
    let session = session(wire);
    let info = || video().with_rtx(9, 97);
    let old = (session.bind_remote_stream(info()).unwrap(), session.bind_local_stream(info()).unwrap());
    unbind(&session);
    let mut remote = session.bind_remote_stream(info()).unwrap();
    let local = session.bind_local_stream(info()).unwrap();
    drop(old);
    assert_eq!(counts(&session), (1, 1));
    into.push(packet(0).to_bytes());
    into.push(packet_of(9, 1).to_bytes());
    assert_eq!(number(&remote.read().await.unwrap()), 0);
    assert_eq!(number(&remote.read().await.unwrap()), 1);
    local.write(packet(2)).await.unwrap();
    assert_eq!(out.take().len(), 1);
    drop((remote, local));
    assert_eq!(counts(&session), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_old_handle_ends_no_stream_that_the_chain_has_bound_since() {
    let session = session(Wire::new());
    let old = (session.bind_remote_stream(video()).unwrap(), session.bind_local_stream(video()).unwrap());
    unbind(&session);
    session.with_chain(|chain, now| {
        chain.bind_remote(video(), now).unwrap();
        chain.bind_local(video(), now).unwrap();
    });
    drop(old);
    assert_eq!(counts(&session), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_unbound_by_the_chain_ends_for_its_reader_and_is_offered_again() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let mut remote = session.bind_remote_stream(video()).unwrap();
    let mut other = session.bind_remote_stream(StreamInfo::new(7, 96, 90_000)).unwrap();
    into.push(packet(0).to_bytes());
    settle().await;
    session.with_chain(|chain, now| chain.unbind_remote(SSRC, now)).unwrap();
    assert_eq!(number(&remote.read().await.unwrap()), 0, "what is queued can still be read");
    let error = remote.read().await.unwrap_err();
    assert!(matches!(error, SessionError::Unbound { ssrc: SSRC }), "{error}");
    into.push(packet(1).to_bytes());
    assert_eq!(session.accept().await.unwrap().ssrc(), SSRC);
    drop(remote);
    into.push(packet_of(7, 2).to_bytes());
    assert_eq!(number(&other.read().await.unwrap()), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_bound_anew_in_one_go_stays_with_its_handle() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let mut remote = session.bind_remote_stream(video()).unwrap();
    session.with_chain(|chain, now| {
        chain.unbind_remote(SSRC, now).unwrap();
        chain.bind_remote(video().with_feedback("nack", ""), now).unwrap();
    });
    into.push(packet(0).to_bytes());
    assert_eq!(number(&remote.read().await.unwrap()), 0);
    drop(remote);
    assert_eq!(counts(&session), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_handle_that_goes_while_its_owner_panics_ends_its_stream() {
    let session = session(Wire::new());
    let remote = session.bind_remote_stream(video()).unwrap();
    let task = tokio::spawn(async move {
        let _remote = remote;
        panic!("on purpose");
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(counts(&session), (0, 0));
    tokio::time::timeout(Duration::from_secs(1), session.close()).await.unwrap().unwrap();
}
