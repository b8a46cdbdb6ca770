//! Panics in what belongs to others: a handler, an observer, a policy. Its own call ends and is counted; the others do not notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use interceptor_grpc::{
    CallHandle, CallHead, CallInfo, Code, Message, Observer, PeerKey, StreamLayer, StreamLimits, StreamStats,
};
use tokio_stream::StreamExt;

use crate::rig::{Ledger, within};
use crate::support::{Server, answer, echo, messages};

/// Where it panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Handler,
    HandlerStream,
    Started,
    Message,
    Handled,
    GivingBack,
    Policy,
    Key,
}

/// Panics at one place, once.
#[derive(Clone, Debug)]
struct Panics(Where, Arc<AtomicBool>);

impl Panics {
    fn at(place: Where) -> Self {
        Self(place, Arc::new(AtomicBool::new(true)))
    }

    fn here(&self, here: Where) {
        assert!(here != self.0 || !self.1.swap(false, Ordering::SeqCst), "wanted, at {here:?}");
    }
}

struct GivesBack(Panics);

impl Drop for GivesBack {
    fn drop(&mut self) {
        self.0.here(Where::GivingBack);
    }
}

impl Observer for Panics {
    type PerCall = GivesBack;

    fn started(&self, _: &CallInfo, _: &CallHandle) -> GivesBack {
        self.here(Where::Started);
        GivesBack(self.clone())
    }

    fn message(&self, _: &GivesBack, _: &CallInfo, _: &Message) {
        self.here(Where::Message);
    }

    fn handled(&self, _: &GivesBack, _: &CallInfo, _: &StreamStats, _: Code) {
        self.here(Where::Handled);
    }
}

async fn panics_once(place: Where, ledger_first: bool) {
    let panics = Panics::at(place);
    let (in_policy, in_key, in_handler) = (panics.clone(), panics.clone(), panics.clone());
    let ledger = Ledger::new();
    let mut layer = StreamLayer::new(StreamLimits::default())
        .unwrap()
        .with_streams_per_peer(1)
        .with_max_streams(1)
        .with_policy(move |call: &CallHead<'_>| {
            in_policy.here(Where::Policy);
            Ok(*call.limits())
        })
        .with_key(move |call| {
            in_key.here(Where::Key);
            call.peer().map(|peer| PeerKey::from(peer.ip()))
        });
    layer = if ledger_first {
        layer.with_observer(ledger.clone()).with_observer(panics)
    } else {
        layer.with_observer(panics).with_observer(ledger.clone())
    };
    let calls = layer.calls().clone();
    let server = Server::start(layer, move |request| {
        let panics = in_handler.clone();
        async move {
            panics.here(Where::Handler);
            let echoed = echo(request).await?.into_inner();
            answer(echoed.map(move |message| {
                panics.here(Where::HandlerStream);
                message
            }))
        }
    })
    .await;

    let first = within(server.call(messages(3, 10))).await;
    let known = ledger.now().started;
    let accounts = ledger.over(known).await;
    let context = format!("{place:?}, ledger first: {ledger_first}: {first:?}, {accounts:?}");
    match place {
        // It had ended, well.
        Where::Handled | Where::GivingBack => assert_eq!(accounts.codes(), [Code::Ok], "{context}"),
        Where::Handler | Where::HandlerStream | Where::Message => {
            assert_ne!(first.code(), Code::Ok, "{context}");
            assert_eq!(accounts.codes(), [Code::Unknown], "{context}");
        }
        // Before anybody heard of it, or after the ledger alone has.
        Where::Policy | Where::Key | Where::Started => {
            assert_ne!(first.code(), Code::Ok, "{context}");
            assert_eq!(known, usize::from(place == Where::Started && ledger_first), "{context}");
        }
    }
    assert!(calls.is_empty(), "{context}");
    // The one place of this peer is free, and nothing is poisoned.
    let second = within(server.call(messages(3, 10))).await;
    assert_eq!((second.messages.len(), second.code()), (3, Code::Ok), "{context}");
    let accounts = ledger.over(known + 1).await;
    assert!(accounts.is_even() && calls.is_empty(), "{context}");
}

#[tokio::test]
async fn panics_cost_one_call_and_no_place() {
    for place in [
        Where::Handler,
        Where::HandlerStream,
        Where::Started,
        Where::Message,
        Where::Handled,
        Where::GivingBack,
        Where::Policy,
        Where::Key,
    ] {
        for ledger_first in [true, false] {
            panics_once(place, ledger_first).await;
        }
    }
}
