//! What a subscriber costs: a header. Payloads are the ones that came, and the heap is left alone.

use std::io;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll};

use allocation_counter::measure;
use interceptor_core::{Context, Flow, Interceptor, Registry, Result, Stage, StreamInfo};
use interceptor_packet::RtpPacket;
use interceptor_tokio::{
    Datagrams, Fanout, FanoutOptions, SendQueue, Session, Subscription, Transport, TransportReceiver,
    TransportSender,
};

use super::{A, B, FIRST, Viewer, fanout, frames, part};

/// Takes everything.
struct Sink;

impl Transport for Sink {
    type Sender = Self;
    type Receiver = Self;

    fn split(self) -> (Self, Self) {
        (Self, Self)
    }
}

impl TransportSender for Sink {
    fn poll_send(&mut self, _: &mut TaskContext<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        queue.pop(queue.len());
        Poll::Ready(Ok(()))
    }
}

impl TransportReceiver for Sink {
    fn poll_recv(&mut self, _: &mut TaskContext<'_>, _: &mut Datagrams) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

fn subscribe(fanout: &Fanout, number: u32) -> (Session, Subscription) {
    let session =
        Session::builder(&Registry::new(), "test").transport(Sink).seed(number.into()).spawn().unwrap();
    let stream = session.bind_local_stream(StreamInfo::new(number, 96, 90_000)).unwrap();
    let subscription = fanout.subscribe(stream, FIRST).unwrap();
    subscription.switch_to(A);
    (session, subscription)
}

#[tokio::test(start_paused = true)]
async fn forwarding_to_a_hundred_subscribers_does_not_allocate() {
    let fanout = Fanout::new(FanoutOptions::default()).unwrap();
    let all: Vec<_> = (0..100).map(|number| subscribe(&fanout, number)).collect();
    // Half of them do without the upper layers.
    all.iter().step_by(2).for_each(|(_, subscription)| subscription.set_max_layer(0));
    let batches: Vec<_> =
        (0..40).map(|nth| frames(nth * 8, if nth == 0 { "k1020102" } else { "01020102" })).collect();
    // Bytes that nobody has shared yet allocate when they are: those of a transport are parts of a larger buffer.
    let _shared = batches.clone();
    let (warm, measured) = batches.split_at(20);
    let forward = |batch: &Vec<RtpPacket>| fanout.forward(A, batch, part).packets;
    let mut sent: usize = warm.iter().map(forward).sum();
    tokio::task::yield_now().await;
    let counted = measure(|| sent += measured.iter().map(forward).sum::<usize>());
    assert_eq!(counted.count_total, 0);
    // Of the key frame on, each has got what it is to get.
    assert_eq!(sent, 40 * 8 * 50 + 40 * 4 * 50);
    let taken: u64 = all.iter().map(|(session, _)| session.counters().sent_datagrams).sum();
    assert_eq!(taken, sent as u64);
}

/// Notes where payloads are.
struct Addresses(Arc<Mutex<Vec<usize>>>);

impl Interceptor for Addresses {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        self.0.lock().unwrap().push(packet.payload().as_ptr() as usize);
        Ok(Flow::Forward)
    }
}

#[tokio::test(start_paused = true)]
async fn all_subscribers_share_the_payloads_that_came() {
    let fanout = fanout();
    let batch = frames(0, "k00");
    let came: Vec<usize> = batch.iter().map(|packet| packet.payload().as_ptr() as usize).collect();
    for source in [A, B] {
        let viewers = [1, 2, 3].map(|ssrc| Viewer::new(&fanout, ssrc));
        let noted = viewers.each_ref().map(|viewer| {
            let noted = Arc::default();
            let addresses = Addresses(Arc::clone(&noted));
            let inserted = viewer
                .session
                .with_chain(|chain, now| chain.insert("addresses", Stage::APPLICATION, addresses, now));
            inserted.unwrap();
            viewer.subscription.switch_to(source);
            noted
        });
        // At once, or kept back until the key frame begins.
        if source == A {
            fanout.forward(source, &batch, part);
        } else {
            fanout.forward(source, &batch[1..], part);
            fanout.forward(source, &batch[..1], part);
        }
        for noted in &noted {
            assert_eq!(*noted.lock().unwrap(), came);
        }
    }
}
