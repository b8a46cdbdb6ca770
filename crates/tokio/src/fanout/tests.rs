//! Whose lock a batch takes: that of those who want its source, and of nobody else.

use std::io;
use std::task::{Context, Poll};

use interceptor_core::{Registry, StreamInfo};
use proptest::prelude::*;

use super::*;
use crate::{Datagrams, SendQueue, Session, SessionOptions, Transport, TransportReceiver, TransportSender};

/// Takes so many packets, and then none.
struct Bounded(usize);
struct Silent;

impl Transport for Bounded {
    type Sender = Self;
    type Receiver = Silent;

    fn split(self) -> (Self, Silent) {
        (self, Silent)
    }
}

impl TransportSender for Bounded {
    fn poll_send(&mut self, _: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        while queue.front().is_some() && self.0 > 0 {
            queue.pop(1);
            self.0 -= 1;
        }
        if queue.front().is_some() { Poll::Pending } else { Poll::Ready(Ok(())) }
    }
}

impl TransportReceiver for Silent {
    fn poll_recv(&mut self, _: &mut Context<'_>, _: &mut Datagrams) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[derive(Clone, Debug)]
enum Step {
    Switch(usize, u32),
    Pause(usize),
    Leave(usize),
    /// Frames of a source: do they begin with a key frame, and how many are there?
    Frames(u32, bool, u16),
}

fn step() -> impl Strategy<Value = Step> {
    let (viewer, source) = (|| 0..SUBSCRIBERS, || 0..3_u32);
    prop_oneof![
        6 => (viewer(), source()).prop_map(|(viewer, source)| Step::Switch(viewer, source)),
        1 => viewer().prop_map(Step::Pause),
        1 => viewer().prop_map(Step::Leave),
        8 => (source(), any::<bool>(), 1..6_u16).prop_map(|(source, key, packets)| Step::Frames(source, key, packets)),
    ]
}

const SUBSCRIBERS: usize = 6;

/// Some of them have transports that take a few packets only, and are cut.
fn subscribe(fanout: &Fanout, ssrc: u32) -> (Session, Option<Subscription>) {
    let transport = Bounded(if ssrc.is_multiple_of(2) { 5 } else { usize::MAX });
    let options = SessionOptions::default().with_send_queue(4);
    let registry = Registry::new();
    let session = Session::builder(&registry, "test").transport(transport).options(options).seed(1);
    let session = session.spawn().unwrap();
    let stream = session.bind_local_stream(StreamInfo::new(ssrc, 96, 90_000)).unwrap();
    let first = Numbers { sequence_number: 0, timestamp: 0 };
    (session, Some(fanout.subscribe(stream, first).unwrap()))
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let fanout = Fanout::new(FanoutOptions::default()).unwrap();
    let mut all: Vec<_> = (0..SUBSCRIBERS as u32).map(|ssrc| subscribe(&fanout, ssrc)).collect();
    let mut number = 0_u16;
    for step in steps {
        match step {
            Step::Switch(viewer, source) => {
                all[viewer].1.iter().for_each(|subscription| subscription.switch_to(SourceId(source)));
            }
            Step::Pause(viewer) => all[viewer].1.iter().for_each(Subscription::pause),
            Step::Leave(viewer) => all[viewer].1 = None,
            Step::Frames(source, key, packets) => {
                let source = SourceId(source);
                let wanting = |subscription: &Subscription| {
                    subscription.selected() == Some(source) || subscription.waiting_for() == Some(source)
                };
                let those = || all.iter().filter_map(|(_, subscription)| subscription.as_ref());
                let before: Vec<usize> =
                    those().map(|one| one.visits() + usize::from(wanting(one))).collect();
                let batch: Vec<RtpPacket> = (number..number + packets)
                    .map(|number| {
                        let packet =
                            RtpPacket::builder().sequence_number(number).timestamp(u32::from(number) * 3000);
                        packet.payload(vec![0]).build().unwrap()
                    })
                    .collect();
                number += packets;
                let first = batch[0].sequence_number();
                let forwarded = fanout.forward(source, &batch, |packet| {
                    if key && packet.sequence_number() == first { Part::KEY } else { Part::BASE }
                });
                prop_assert_eq!(those().map(Subscription::visits).collect::<Vec<_>>(), before);
                let waits = those().any(|one| one.waiting_for() == Some(source));
                prop_assert_eq!(forwarded.key_frame_wanted, waits);
            }
        }
        prop_assert_eq!(
            fanout.subscribers(),
            all.iter().filter(|(_, subscription)| subscription.is_some()).count()
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_batch_visits_those_who_want_its_source_and_nobody_else(steps in prop::collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(run(steps))?;
    }
}
