//! Resources that a call has as long as it runs, and somebody outside who watches how much of them is used.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use interceptor_grpc::{
    CallHandle, CallInfo, Calls, Cause, Code, Observer, Status, StreamLayer, StreamLimits,
};
use tokio::sync::watch;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Streaming};

use crate::rig::{Ledger, within};
use crate::support::{Messages, Server, answer, begin, call, messages, never};

/// A pool: how much of it is in use.
#[derive(Clone, Debug)]
struct Pool(Arc<watch::Sender<usize>>);

/// What one call has of it; given back when it is dropped.
#[derive(Debug)]
struct Share {
    pool: Pool,
    units: usize,
}

impl Pool {
    fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    fn used(&self) -> usize {
        *self.0.borrow()
    }
}

impl Share {
    fn take(&mut self, units: usize) {
        self.units += units;
        self.pool.0.send_modify(|used| *used += units);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.pool.0.send_modify(|used| *used -= self.units);
    }
}

/// A unit for the call, and one for each message that it has received.
impl Observer for Pool {
    type PerCall = std::sync::Mutex<Share>;

    fn started(&self, _: &CallInfo, _: &CallHandle) -> Self::PerCall {
        let mut share = Share { pool: self.clone(), units: 0 };
        share.take(1);
        share.into()
    }

    fn message(&self, share: &Self::PerCall, _: &CallInfo, message: &interceptor_grpc::Message) {
        if message.direction == interceptor_grpc::Direction::Received {
            share.lock().unwrap().take(1);
        }
    }
}

/// Cancels the largest call whenever more is used than there may be.
async fn watch_over(pool: Pool, calls: Calls, max: usize) {
    let mut used = pool.0.subscribe();
    while used.wait_for(|used| *used > max).await.is_ok() {
        let largest = calls.snapshot().into_iter().max_by_key(|call| call.stats().received.messages);
        if let Some(call) = largest {
            call.cancel(Status::unavailable("the pool is exhausted"));
        }
        // It has been given back before the next look.
        if used.wait_for(|used| *used <= max).await.is_err() {
            break;
        }
    }
}

#[tokio::test]
async fn a_watcher_ends_the_call_that_uses_up_the_pool_and_no_other() {
    let (pool, ledger) = (Pool::new(), Ledger::new());
    let layer = StreamLayer::unlimited().with_observer(pool.clone()).with_observer(ledger.clone());
    let calls = layer.calls().clone();
    let server = Server::start(layer, crate::support::echo).await;
    let watcher = tokio::spawn(watch_over(pool.clone(), calls.clone(), 20));
    // Four units of the pool, and as many of them as are read.
    let (to, from) = tokio::sync::mpsc::channel::<Bytes>(1);
    let mut modest = server.begin(tokio_stream::wrappers::ReceiverStream::new(from)).await.unwrap();
    for n in 0..3_u8 {
        to.send(vec![n].into()).await.unwrap();
        assert_eq!(within(modest.message()).await.unwrap().unwrap(), vec![n]);
    }
    for round in 1..=5 {
        let got = within(server.call(never(100, 10))).await;
        let status = got.end.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::Unavailable, "the pool is exhausted"));
        let accounts = ledger.over(round).await;
        assert_eq!(accounts.handled[round - 1].1.ended, Some(Cause::Cancelled));
        assert_eq!((pool.used(), calls.len()), (4, 1));
    }
    drop(to);
    assert!(within(modest.message()).await.unwrap().is_none());
    ledger.over(6).await;
    assert_eq!((pool.used(), ledger.now().counted(Code::Ok)), (0, 1));
    watcher.abort();
}

async fn ends_somehow(request: Request<Streaming<Bytes>>) -> Result<tonic::Response<Messages>, Status> {
    let how = request.metadata().get("x-how").unwrap().to_str().unwrap().to_owned();
    let call = request.extensions().get::<CallHandle>().unwrap().clone();
    let mut requests = request.into_inner();
    requests.message().await?;
    match how.as_str() {
        "ok" => answer(messages(3, 10).map(Ok)),
        "error" => Err(Status::not_found("")),
        "error in the stream" => {
            answer(messages(3, 10).map(Ok).chain(tokio_stream::once(Err(Status::data_loss("")))))
        }
        "cancelled" => {
            call.cancel(Status::unavailable(""));
            answer(messages(3, 10).map(Ok))
        }
        "cancelled in the stream" => answer(never(3, 10).map(move |message| {
            call.cancel(Status::unavailable(""));
            Ok(message)
        })),
        "panic" => panic!("wanted"),
        "panic in the stream" => answer(messages(3, 10).map(|_| panic!("wanted"))),
        "client gone" | "response dropped" | "idle" => answer(never(3, 10).map(Ok)),
        "limit" => {
            while requests.message().await?.is_some() {}
            answer(tokio_stream::empty())
        }
        _ => unreachable!("{how}"),
    }
}

type Boxed = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

#[tokio::test]
async fn what_a_call_has_is_given_back_on_every_path() {
    let (pool, ledger) = (Pool::new(), Ledger::new());
    let limits =
        StreamLimits::default().with_max_messages(3).with_max_idle(std::time::Duration::from_millis(50));
    let layer = StreamLayer::new(limits)
        .unwrap()
        .with_streams_per_peer(1)
        .with_observer(pool.clone())
        .with_observer(ledger.clone());
    let calls = layer.calls().clone();
    let server = Server::start(layer, ends_somehow).await;
    for (n, (how, code)) in [
        ("ok", Code::Ok),
        ("error", Code::NotFound),
        ("error in the stream", Code::DataLoss),
        ("cancelled", Code::Unavailable),
        ("cancelled in the stream", Code::Unavailable),
        ("panic", Code::Unknown),
        ("panic in the stream", Code::Unknown),
        ("idle", Code::DeadlineExceeded),
        ("limit", Code::ResourceExhausted),
        ("client gone", Code::Cancelled),
        // As long as it has its request to send, tonic's client says nothing of that: the server has to find out.
        ("response dropped", Code::DeadlineExceeded),
    ]
    .into_iter()
    .enumerate()
    {
        let count = if how == "limit" { 5 } else { 1 };
        let mut request = if how == "client gone" {
            Request::new(Box::pin(messages(count, 10)) as Boxed)
        } else {
            Request::new(Box::pin(never(count, 10)) as Boxed)
        };
        request.metadata_mut().insert("x-how", how.parse().unwrap());
        if how == "client gone" || how == "response dropped" {
            let mut response = begin(server.channel.clone(), request).await.unwrap();
            assert!(response.message().await.unwrap().is_some());
            assert!(pool.used() > 0);
        } else {
            let got = within(call(server.channel.clone(), request)).await;
            // Whose handler panics, the client hears of a reset and no more.
            let seen = if code == Code::Unknown { Code::Cancelled } else { code };
            assert_eq!(got.code(), seen, "{how}");
        }
        let accounts = ledger.over(n + 1).await;
        assert_eq!(accounts.codes().last(), Some(&code), "{how}");
        assert_eq!((pool.used(), calls.len()), (0, 0), "{how}");
    }
}
