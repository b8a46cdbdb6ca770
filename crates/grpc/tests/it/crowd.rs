//! A thousand calls at once, that end in every way: afterwards nothing is left of them, and nothing is missing.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use interceptor_grpc::{CallHandle, CallHead, Calls, Code, Status, StreamLayer, StreamLimits, StreamStats};
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio_stream::{Stream, StreamExt};
use tonic::transport::Channel;
use tonic::{Request, Streaming};

use crate::rig::{Accounts, Ledger, within};
use crate::support::{Got, Messages, Server, answer, begin, connect, drain, messages, never};

const STREAMS: usize = 1000;
const CONNECTIONS: usize = 8;
/// Messages each way, if nothing comes between.
const MESSAGES: usize = 7;

const ENDINGS: [&str; 6] = ["ok", "error", "limit", "cancel", "gone", "trailers only"];

struct Crowd {
    ledger: Ledger,
    calls: Calls,
    server: Server,
    channels: Vec<Channel>,
    go: Arc<watch::Sender<usize>>,
    read: Arc<AtomicUsize>,
}

async fn handle(
    request: Request<Streaming<Bytes>>,
    mut go: watch::Receiver<usize>,
    read: Arc<AtomicUsize>,
) -> Result<tonic::Response<Messages>, Status> {
    let ending = request.metadata().get("x-ending").unwrap().to_str().unwrap().to_owned();
    let round: usize = request.metadata().get("x-round").unwrap().to_str().unwrap().parse().unwrap();
    let call = request.extensions().get::<CallHandle>().unwrap().clone();
    let mut requests = request.into_inner();
    // Nobody ends before all have begun.
    go.wait_for(|now| *now >= round).await.unwrap();
    if ending == "limit" {
        while requests.message().await?.is_some() {
            read.fetch_add(1, Ordering::Relaxed);
        }
        unreachable!("the limit is below what is sent");
    }
    for _ in 0..MESSAGES {
        requests.message().await?.unwrap();
        read.fetch_add(1, Ordering::Relaxed);
    }
    match ending.as_str() {
        "ok" => answer(messages(MESSAGES, 10).map(Ok)),
        "error" => answer(
            messages(MESSAGES, 10).map(Ok).chain(tokio_stream::once(Err(Status::data_loss("it failed")))),
        ),
        "trailers only" => Err(Status::not_found("nothing")),
        "cancel" => answer(Cancels { messages: Box::pin(messages(MESSAGES, 10)), call, gone: false }),
        _ => answer(never(MESSAGES, 10).map(Ok)),
    }
}

/// Cancels its call when all of its messages have gone.
struct Cancels {
    messages: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
    call: CallHandle,
    gone: bool,
}

impl Stream for Cancels {
    type Item = Result<Bytes, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(message) = ready!(self.messages.as_mut().poll_next(cx)) {
            return Poll::Ready(Some(Ok(message)));
        }
        if self.gone {
            self.call.cancel(Status::unavailable("by hand"));
        } else {
            // tonic gathers what is ready into one frame, which goes when nothing more is.
            self.gone = true;
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Crowd {
    async fn gather() -> Self {
        let ledger = Ledger::new();
        let layer = StreamLayer::new(StreamLimits::control())
            .unwrap()
            .with_streams_per_peer(STREAMS)
            .with_max_streams(STREAMS)
            .with_observer(ledger.clone())
            .with_policy(|call: &CallHead<'_>| {
                let mut limits = *call.limits();
                if call.headers().get("x-ending").is_some_and(|ending| ending == "limit") {
                    limits.stream = limits.stream.with_max_messages(MESSAGES as u64 - 2);
                }
                Ok(limits)
            });
        let calls = layer.calls().clone();
        let (go, read) = (Arc::new(watch::Sender::new(0)), Arc::new(AtomicUsize::new(0)));
        let (goes, reads) = (go.subscribe(), Arc::clone(&read));
        let server =
            Server::start(layer, move |request| handle(request, goes.clone(), Arc::clone(&reads))).await;
        let mut channels = Vec::new();
        for _ in 0..CONNECTIONS {
            channels.push(connect(server.address).await);
        }
        Self { ledger, calls, server, channels, go, read }
    }

    async fn round(&self, round: usize) {
        let clients: Vec<_> = (0..STREAMS)
            .map(|n| {
                let (channel, ending) = (self.channels[n % CONNECTIONS].clone(), ENDINGS[n % ENDINGS.len()]);
                tokio::spawn(client(channel, ending, round))
            })
            .collect();
        self.ledger.until(|accounts| accounts.started == STREAMS).await;
        assert_eq!((self.calls.len(), self.calls.snapshot().len()), (STREAMS, STREAMS));
        // No place is left.
        assert_eq!(within(self.server.call(messages(1, 1))).await.code(), Code::ResourceExhausted);
        self.ledger.until(|accounts| accounts.handled.len() == 1).await;
        self.go.send_replace(round);
        let mut got_in_all = 0;
        for (n, client) in clients.into_iter().enumerate() {
            let got = within(client).await.unwrap();
            let ending = ENDINGS[n % ENDINGS.len()];
            let (code, count) = match ending {
                "ok" => (Code::Ok, MESSAGES),
                "error" => (Code::DataLoss, MESSAGES),
                "limit" => (Code::ResourceExhausted, 0),
                "cancel" => (Code::Unavailable, MESSAGES),
                "trailers only" => (Code::NotFound, 0),
                _ => (Code::Ok, 1),
            };
            assert_eq!((got.code(), got.messages.len()), (code, count), "{ending}");
            got_in_all += if ending == "gone" { MESSAGES } else { count };
        }
        let accounts = self.ledger.until(|accounts| accounts.released == STREAMS + 1).await;
        self.check(&accounts, got_in_all);
        self.ledger.clear();
    }

    /// Of a round that is over.
    fn check(&self, accounts: &Accounts, got: usize) {
        assert!(accounts.is_even() && self.calls.is_empty());
        let of = |ending| (0..STREAMS).filter(|n| ENDINGS[n % ENDINGS.len()] == ending).count();
        for (code, count) in [
            (Code::Ok, of("ok")),
            (Code::DataLoss, of("error")),
            // And the one for which there was no place.
            (Code::ResourceExhausted, of("limit") + 1),
            (Code::Unavailable, of("cancel")),
            (Code::NotFound, of("trailers only")),
            (Code::Cancelled, of("gone")),
        ] {
            assert_eq!(accounts.counted(code), count, "{code:?}");
        }
        let sum =
            |of: fn(&StreamStats) -> u64| accounts.handled.iter().map(|(_, stats)| of(stats)).sum::<u64>();
        assert_eq!(sum(|stats| stats.sent.messages), got as u64);
        assert_eq!(sum(|stats| stats.sent.bytes), 10 * got as u64);
        let read = self.read.swap(0, Ordering::Relaxed);
        assert_eq!(sum(|stats| stats.received.messages), read as u64);
        assert_eq!(sum(|stats| stats.received.refused_messages), of("limit") as u64);
    }
}

/// All on one thread, so that every byte of it is counted.
#[test]
fn a_thousand_calls_at_once_leave_nothing_behind() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let crowd = runtime.block_on(Crowd::gather());
    let kept: Vec<_> = (1..=4)
        .map(|round| {
            let allocated = allocation_counter::measure(|| runtime.block_on(crowd.round(round)));
            (allocated.bytes_current, allocated.bytes_max)
        })
        .collect();
    // The first rounds fill tables and buffers; a call that left something would leave it a thousand times.
    let [_, _, (third, high), (fourth, highest)] = kept[..] else { unreachable!() };
    assert!(third.abs() < 50 * STREAMS as i64 && fourth.abs() < 50 * STREAMS as i64, "{kept:?}");
    assert!(highest < high + high / 10, "{kept:?}");
    println!("{kept:?}");
}

async fn client(channel: Channel, ending: &'static str, round: usize) -> Got {
    let mut request = Request::new(messages(MESSAGES, 10));
    request.metadata_mut().insert("x-ending", ending.parse().unwrap());
    request.metadata_mut().insert("x-round", round.to_string().parse().unwrap());
    let mut response = match begin(channel, request).await {
        Ok(response) => response,
        Err(status) => return Got { messages: Vec::new(), end: Err(status) },
    };
    if ending == "gone" {
        let first = response.message().await.unwrap().unwrap();
        return Got { messages: vec![first], end: Ok(()) };
    }
    drain(response).await
}
