//! A panic is the business of whoever panics: of one subscriber, or of the caller.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context as TaskContext, Poll};

use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Registry, Result, Stage, StreamInfo,
};
use interceptor_packet::RtpPacket;
use interceptor_tokio::{
    Datagrams, Fanout, SendQueue, Session, Subscription, Transport, TransportReceiver, TransportSender,
};

use super::{A, FIRST, Viewer, fanout, frames, part};
use crate::support::settle;
use crate::support::wire::Wire;

/// Panics at the second packet of a stream.
struct Panicking;

impl Factory for Panicking {
    type Interceptor = Self;

    fn name(&self) -> &'static str {
        "panicking"
    }

    fn stage(&self) -> Stage {
        Stage::APPLICATION
    }

    fn build(&self, _: &BuildContext<'_>) -> std::result::Result<Self, BuildError> {
        Ok(Self)
    }
}

impl Interceptor for Panicking {
    type Local = u32;
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u32>> {
        Ok(Some(0))
    }

    fn write_rtp(&mut self, count: &mut u32, _: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        *count += 1;
        assert!(*count != 2, "the second packet");
        Ok(Flow::Forward)
    }
}

/// A transport that panics when it is first to send.
#[derive(Default)]
struct Broken {
    panicked: bool,
}

impl Transport for Broken {
    type Sender = Self;
    type Receiver = Self;

    fn split(self) -> (Self, Self) {
        (self, Self::default())
    }
}

impl TransportSender for Broken {
    fn poll_send(&mut self, _: &mut TaskContext<'_>, _: &mut SendQueue) -> Poll<io::Result<()>> {
        assert!(std::mem::replace(&mut self.panicked, true), "the first time");
        Poll::Pending
    }
}

impl TransportReceiver for Broken {
    fn poll_recv(&mut self, _: &mut TaskContext<'_>, _: &mut Datagrams) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

fn subscribe(fanout: &Fanout, session: &Session) -> Subscription {
    let stream = session.bind_local_stream(StreamInfo::new(9, 96, 90_000)).unwrap();
    let subscription = fanout.subscribe(stream, FIRST).unwrap();
    subscription.switch_to(A);
    subscription
}

/// Packets before and after the panic reach whoever subscribed earlier, and later.
fn goes_on_around(fanout: &Fanout, subscribe: impl FnOnce() -> Subscription) -> Subscription {
    let first = Viewer::new(fanout, 7);
    let between = subscribe();
    let last = Viewer::new(fanout, 8);
    for viewer in [&first, &last] {
        viewer.subscription.switch_to(A);
    }
    fanout.forward(A, &frames(0, "k00"), part);
    fanout.forward(A, &frames(3, "0k"), part);
    for viewer in [&first, &last] {
        assert_eq!(viewer.tags(), b"k000k");
        assert_eq!(viewer.subscription.counters().unaccounted(), 0);
    }
    assert_eq!((between.counters().given, between.counters().unaccounted()), (5, 0));
    between
}

#[tokio::test(start_paused = true)]
async fn an_interceptor_that_panics_is_bypassed_and_its_subscriber_served() {
    let (fanout, wire) = (fanout(), Wire::new());
    let (out, _) = wire.lanes();
    let registry = Registry::new().with(Panicking);
    let session = Session::builder(&registry, "test").transport(wire).seed(1).spawn().unwrap();
    let between = goes_on_around(&fanout, || subscribe(&fanout, &session));
    assert_eq!((between.counters().sent, out.take().len()), (5, 5));
    assert_eq!(session.counters().chain.panics, 1);
}

#[tokio::test(start_paused = true)]
async fn where_panics_are_not_isolated_one_ends_its_subscriber_alone() {
    let (fanout, wire) = (fanout(), Wire::new());
    let registry = Registry::new().with(Panicking);
    let session = Session::builder(&registry, "test").transport(wire).seed(1);
    let session = session.configure(|config| config.with_isolate_panics(false)).spawn().unwrap();
    let between = goes_on_around(&fanout, || subscribe(&fanout, &session));
    assert_eq!((between.counters().sent, between.counters().ended), (0, 5));
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_panics_ends_its_subscriber_alone() {
    let fanout = fanout();
    let session =
        Session::builder(&Registry::new(), "test").transport(Broken::default()).seed(1).spawn().unwrap();
    settle().await;
    let between = goes_on_around(&fanout, || subscribe(&fanout, &session));
    assert_eq!((between.counters().sent, between.counters().ended), (0, 5));
    drop(between);
    assert_eq!(fanout.subscribers(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_says_the_parts_may_panic_and_use_the_fan_out() {
    let fanout = fanout();
    let viewer = Viewer::new(&fanout, 7);
    let batch = frames(0, "k0");
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        fanout.forward(A, &batch, |packet| match packet.sequence_number() {
            0 => part(packet),
            _ => panic!("of the caller"),
        })
    }));
    assert!(panicked.is_err());
    let forwarded = fanout.forward(A, &batch, |packet| {
        viewer.subscription.switch_to(A);
        part(packet)
    });
    assert_eq!(forwarded.packets, 2);
    assert_eq!((viewer.tags(), viewer.subscription.counters().given), (b"k0".to_vec(), 2));
}
