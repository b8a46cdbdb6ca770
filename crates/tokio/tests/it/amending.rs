//! Streams that are described anew while they run, and facts that the application tells.

use std::sync::{Arc, Mutex};

use interceptor_core::packet::RtcpPacket;
use interceptor_core::{
    Amend, ChainError, Context, Error, Fact, Interceptor, KeyframeNeeded, Result, Stage, StreamInfo, Streams,
    TargetBitrate,
};
use interceptor_tokio::{BindError, Session};

use crate::support::wire::Wire;
use crate::support::{SSRC, number, packet, packet_of, session, settle, video};

const RTX: u32 = 0x5566_7788;

/// Refuses to lose RTX, and answers facts with a PLI.
#[derive(Clone, Default)]
struct Picky {
    heard: Arc<Mutex<Vec<Fact>>>,
}

impl Interceptor for Picky {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn amend_local(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        if old.rtx.is_some() && new.rtx.is_none() { Err(Error::msg("rtx stays")) } else { Ok(Amend::Keep) }
    }

    fn handle_fact(&mut self, fact: &Fact, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.heard.lock().unwrap().push(*fact);
        if let Fact::KeyframeNeeded(needed) = fact {
            cx.send_rtcp(RtcpPacket::builder().pli(cx.sender_ssrc(), needed.ssrc).build()?);
        }
        Ok(())
    }
}

fn picky(session: &Session) -> Picky {
    let picky = Picky::default();
    let copy = picky.clone();
    session.with_chain(|chain, now| chain.insert("picky", Stage::NACK, copy, now)).unwrap();
    picky
}

#[tokio::test(start_paused = true)]
async fn what_waits_of_an_ssrc_that_a_stream_gains_is_read_there() {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let session = session(wire);
    let mut remote = session.bind_remote_stream(video()).unwrap();
    into.push(packet_of(RTX, 7).to_bytes());
    into.push(packet(1).to_bytes());
    settle().await;
    assert_eq!(number(&remote.read().await.unwrap()), 1, "the other SSRC is nobody's");
    remote.amend(video().with_rtx(RTX, 97)).unwrap();
    assert_eq!(remote.info().rtx.as_ref().map(|rtx| rtx.ssrc), Some(RTX));
    assert_eq!(number(&remote.read().await.unwrap()), 7, "now it is the stream's");
    into.push(packet_of(RTX, 8).to_bytes());
    assert_eq!(number(&remote.read().await.unwrap()), 8);
    remote.amend(video()).unwrap();
    into.push(packet_of(RTX, 9).to_bytes());
    settle().await;
    assert!(remote.try_read().is_none(), "and not any more");
    assert_eq!(session.accept().await.unwrap().ssrc(), RTX, "but a stream that nobody has announced");
}

#[tokio::test(start_paused = true)]
async fn a_local_stream_may_send_on_the_ssrcs_that_it_gains() {
    let session = session(Wire::new());
    let mut local = session.bind_local_stream(video()).unwrap();
    assert!(local.write(packet_of(RTX, 1)).await.is_err());
    local.amend(video().with_rtx(RTX, 97)).unwrap();
    local.write(packet_of(RTX, 1)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refused_change_leaves_the_stream_as_it_was() {
    let session = session(Wire::new());
    picky(&session);
    let mut local = session.bind_local_stream(video().with_rtx(RTX, 97)).unwrap();
    let refused = local.amend(video());
    assert!(matches!(refused, Err(BindError::Chain(ChainError::Refused { .. }))), "{refused:?}");
    assert!(local.info().rtx.is_some());
    let foreign = local.amend(StreamInfo::new(SSRC + 1, 96, 90_000));
    assert!(matches!(foreign, Err(BindError::ForeignInfo { ssrc: SSRC })), "{foreign:?}");
}

#[tokio::test(start_paused = true)]
async fn a_handle_that_has_outlived_its_stream_changes_no_newer_one() {
    let session = session(Wire::new());
    let mut old = session.bind_remote_stream(video()).unwrap();
    session.with_chain(|chain, now| chain.unbind_remote(SSRC, now)).unwrap();
    let new = session.bind_remote_stream(video()).unwrap();
    let amended = old.amend(video().with_rtx(RTX, 97));
    assert!(matches!(amended, Err(BindError::Chain(ChainError::UnknownSsrc { ssrc: SSRC }))), "{amended:?}");
    assert!(session.with_chain(|chain, _| chain.remote_stream(RTX).is_none()));
    drop(new);
    session.close().await.unwrap();
    assert!(matches!(old.amend(video()), Err(BindError::Session(_))));
}

#[tokio::test(start_paused = true)]
async fn a_fact_of_the_application_is_heard_and_what_it_causes_leaves() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session(wire);
    let picky = picky(&session);
    session.publish(TargetBitrate { bits_per_second: 500_000, stable: 400_000 });
    session.request_keyframe(SSRC);
    settle().await;
    let target = TargetBitrate { bits_per_second: 500_000, stable: 400_000 };
    let needed = KeyframeNeeded { ssrc: SSRC };
    assert_eq!(*picky.heard.lock().unwrap(), [Fact::from(target), Fact::from(needed)]);
    assert_eq!(out.take().len(), 1, "a PLI");
}
