//! Rates: exact on virtual time, as backpressure over real connections; what waits, fails and is dropped.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use http::{Request, Response};
use http_body::{Body, Frame};
use interceptor_grpc::{Cause, Code, Direction, Excess, Pace, Rate, StreamLayer, StreamLimits};
use tokio::time::Instant;
use tokio_stream::StreamExt;
use tonic::Streaming;
use tower::{Service, ServiceBuilder, service_fn};

use crate::support::{Heard, Record, Server, answer, drain, echo, messages};

fn watched(limits: StreamLimits) -> (StreamLayer, Heard) {
    let (record, heard) = Record::new();
    (StreamLayer::new(limits).unwrap().with_observer(record), heard)
}

fn rate(amount: u64, burst: u64) -> Rate {
    Rate::new(amount, Duration::from_secs(1), burst).unwrap()
}

/// A body of frames, with trailers after them if it is a response's; or without an end.
struct Framed {
    frames: std::vec::IntoIter<Bytes>,
    ends: bool,
    trailers: Option<http::HeaderMap>,
}

impl Framed {
    fn new(frames: Vec<Bytes>) -> Self {
        Self { frames: frames.into_iter(), ends: true, trailers: None }
    }

    fn response(frames: Vec<Bytes>) -> Self {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("grpc-status", "0".parse().unwrap());
        Self { trailers: Some(trailers), ..Self::new(frames) }
    }

    fn endless(frames: Vec<Bytes>) -> Self {
        Self { ends: false, ..Self::new(frames) }
    }
}

impl Body for Framed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.frames.next().map(Frame::data).or_else(|| self.trailers.take().map(Frame::trailers));
        if next.is_none() && !self.ends { Poll::Pending } else { Poll::Ready(next.map(Ok)) }
    }
}

/// What came of a body: its data in one, when each message was whole, the trailers, the error.
#[derive(Debug, Default)]
struct Read {
    data: BytesMut,
    frames: Vec<usize>,
    trailers: Option<http::HeaderMap>,
    error: Option<String>,
}

async fn read<B>(body: B) -> Read
where
    B: Body<Data = Bytes>,
    B::Error: std::fmt::Display,
{
    let mut body = Box::pin(body);
    let mut read = Read::default();
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => {
                read.frames.push(data.len());
                read.data.put(data);
            }
            Ok(Err(frame)) => read.trailers = frame.into_trailers().ok(),
            Err(error) => read.error = Some(error.to_string()),
        }
    }
    read
}

/// So many messages of so many bytes as they are on the wire.
fn wire(count: u8, bytes: u32) -> Bytes {
    let mut wire = BytesMut::new();
    for n in 0..count {
        wire.put_u8(0);
        wire.put_u32(bytes);
        wire.put_bytes(n, bytes as usize);
    }
    wire.freeze()
}

fn cut(wire: &Bytes, chunk: usize) -> Vec<Bytes> {
    wire.chunks(chunk).map(Bytes::copy_from_slice).collect()
}

/// Sends the request through the layer to a handler that reads it and answers with its response; both are read to their end.
async fn through(layer: StreamLayer, request: Framed, response: Framed) -> (Read, Read) {
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut ends = Some((tell, response));
    let mut service = ServiceBuilder::new().layer(layer).service(service_fn(move |request: Request<_>| {
        let (tell, response) = ends.take().unwrap();
        async move {
            _ = tell.send(read(request.into_body()).await);
            Ok::<_, Infallible>(Response::new(response))
        }
    }));
    let request = Request::builder().uri("/test.Echo/Talk").body(request).unwrap();
    let response = service.call(request).await.unwrap();
    let response = read(response.into_body()).await;
    (told.await.unwrap_or_default(), response)
}

#[tokio::test(start_paused = true)]
async fn split_frames_pace_exactly() {
    let pace = Pace::default().with_messages(rate(2, 2));
    let wire = wire(10, 7);
    for chunk in [1, 3, 5, 64, wire.len()] {
        for received in [true, false] {
            let limits = StreamLimits::default();
            let (layer, mut heard) =
                watched(if received { limits.with_received(pace) } else { limits.with_sent(pace) });
            let start = Instant::now();
            let frames = cut(&wire, chunk);
            let (request, response) = if received {
                through(layer, Framed::new(frames), Framed::response(Vec::new())).await
            } else {
                through(layer, Framed::new(Vec::new()), Framed::response(frames)).await
            };
            // Two at once, then one each half second.
            assert_eq!(start.elapsed(), Duration::from_secs(4), "{chunk}");
            assert_eq!(if received { request.data } else { response.data }, wire, "{chunk}");
            assert_eq!(response.trailers.unwrap()["grpc-status"], "0");
            let ended = heard.next().await;
            let traffic = if received { ended.stats.received } else { ended.stats.sent };
            assert_eq!((traffic.messages, traffic.bytes, ended.code), (10, 70, Code::Ok));
            // Seven are held back until their turn, one after the other.
            assert!(traffic.waited >= Duration::from_secs(3) && traffic.waited <= Duration::from_secs(4));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_are_paced_as_messages_are() {
    let pace = Pace::default().with_bytes(rate(100, 100));
    let (layer, mut heard) = watched(StreamLimits::default().with_sent(pace));
    let start = Instant::now();
    let (_, response) = through(layer, Framed::new(Vec::new()), Framed::response(vec![wire(10, 50)])).await;
    assert_eq!((start.elapsed(), response.data.freeze()), (Duration::from_secs(4), wire(10, 50)));
    assert_eq!(heard.next().await.stats.sent.messages, 10);
}

/// One bucket for what comes and what goes: five each way, one a second.
#[tokio::test(start_paused = true)]
async fn both_directions_may_share_a_rate() {
    let pace = Pace::default().with_messages(rate(1, 1));
    let (layer, mut heard) = watched(StreamLimits::default().with_both(pace));
    let start = Instant::now();
    through(layer, Framed::new(vec![wire(5, 1)]), Framed::response(vec![wire(5, 1)])).await;
    assert_eq!(start.elapsed(), Duration::from_secs(9));
    assert_eq!(heard.next().await.stats.messages(), 10);
}

/// The limiter that is asked for in one sentence: two a second, three messages, each at least half a second after the start.
#[tokio::test(start_paused = true)]
async fn a_bucket_that_starts_empty_holds_back_the_first() {
    let pace = Pace::default().with_messages(rate(2, 1).starting_empty());
    let (layer, mut heard) = watched(StreamLimits::default().with_sent(pace));
    let start = Instant::now();
    through(layer, Framed::new(Vec::new()), Framed::response(vec![wire(3, 1)])).await;
    assert_eq!(start.elapsed(), Duration::from_millis(1500));
    assert_eq!(heard.next().await.stats.sent.waited, Duration::from_millis(1500));
}

#[tokio::test(start_paused = true)]
async fn what_comes_too_quickly_fails_where_that_is_wanted() {
    let pace = Pace::default().with_messages(rate(1, 3)).with_excess(Excess::Fail);
    for chunk in [1, 3, 5, 64, 1000] {
        let (layer, mut heard) = watched(StreamLimits::default().with_sent(pace));
        let wire = wire(10, 7);
        let (_, response) =
            through(layer, Framed::new(Vec::new()), Framed::response(cut(&wire, chunk))).await;
        // Not even the prefix of the fourth.
        assert_eq!(response.data, wire[..3 * 12], "{chunk}");
        assert_eq!(response.trailers.unwrap()["grpc-status"], "8");
        let ended = heard.next().await;
        let cause = Cause::Rate { direction: Direction::Sent };
        assert_eq!((ended.code, ended.stats.ended), (Code::ResourceExhausted, Some(cause)));
        assert_eq!((ended.stats.sent.messages, ended.stats.sent.refused_messages), (3, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_too_quickly_is_dropped_where_that_is_wanted() {
    let pace = Pace::default().with_messages(rate(1, 3)).with_excess(Excess::Drop);
    for chunk in [1, 3, 5, 64, 1000] {
        let (layer, mut heard) = watched(StreamLimits::default().with_received(pace));
        let wire = wire(10, 7);
        let (request, response) =
            through(layer, Framed::new(cut(&wire, chunk)), Framed::response(Vec::new())).await;
        assert_eq!((&request.data[..], request.error), (&wire[..3 * 12], None), "{chunk}");
        assert_eq!(response.trailers.unwrap()["grpc-status"], "0");
        let received = heard.next().await.stats.received;
        assert_eq!((received.messages, received.dropped_messages, received.dropped_bytes), (3, 7, 49));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_larger_than_the_burst_fails_and_does_not_wait() {
    let pace = Pace::default().with_bytes(rate(100, 100));
    let (layer, mut heard) = watched(StreamLimits::default().with_received(pace));
    let start = Instant::now();
    let (request, response) =
        through(layer, Framed::new(vec![wire(1, 101)]), Framed::response(Vec::new())).await;
    assert_eq!((request.data.len(), start.elapsed()), (0, Duration::ZERO));
    assert!(response.data.is_empty());
    let ended = heard.next().await;
    assert_eq!(
        ended.stats.ended,
        Some(Cause::Burst { direction: Direction::Received, bytes: 101, burst: 100 })
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_max_wait() {
    let pace = Pace::default().with_messages(rate(1, 1)).with_max_wait(Duration::from_millis(999));
    let (layer, mut heard) = watched(StreamLimits::default().with_sent(pace));
    let (_, response) = through(layer, Framed::new(Vec::new()), Framed::response(vec![wire(2, 1)])).await;
    assert_eq!(response.trailers.unwrap()["grpc-status"], "8");
    let cause = Cause::Wait { direction: Direction::Sent, max: Duration::from_millis(999) };
    assert_eq!(heard.next().await.stats.ended, Some(cause));
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_has_a_limit_in_bytes() {
    let pace = Pace::default().with_messages(rate(1, 1));
    // Of three messages of 105 bytes on the wire in one frame, two are held back at first.
    for (max, fits) in [(210, true), (209, false)] {
        let limits = StreamLimits::default().with_sent(pace).with_max_held_bytes(max);
        let (layer, mut heard) = watched(limits);
        let (_, response) =
            through(layer, Framed::new(Vec::new()), Framed::response(vec![wire(3, 100)])).await;
        assert_eq!(response.data.len(), if fits { 315 } else { 105 });
        let ended = heard.next().await;
        let cause = Cause::HeldBytes { direction: Direction::Sent, bytes: 210, max };
        assert_eq!(ended.stats.ended, (!fits).then_some(cause));
        assert_eq!(ended.stats.sent.refused_messages, u64::from(!fits));
    }
}

/// One message a minute, and idle after half of one: that it waits is our doing.
#[tokio::test(start_paused = true)]
async fn who_is_held_back_is_not_idle() {
    let pace = Pace::default().with_messages(Rate::new(1, Duration::from_secs(60), 1).unwrap());
    let limits = StreamLimits::default().with_sent(pace).with_max_idle(Duration::from_secs(30));
    let (layer, mut heard) = watched(limits);
    let start = Instant::now();
    let (_, response) = through(layer, Framed::new(Vec::new()), Framed::response(vec![wire(3, 1)])).await;
    assert_eq!(response.trailers.unwrap()["grpc-status"], "0");
    assert_eq!((start.elapsed(), heard.next().await.code), (Duration::from_secs(120), Code::Ok));
}

/// A length of 4 GiB that is only claimed.
#[tokio::test(start_paused = true)]
async fn a_message_that_is_never_sent_is_idle() {
    let limits = StreamLimits::default().with_max_idle(Duration::from_secs(30));
    let (layer, mut heard) = watched(limits);
    let start = Instant::now();
    let prefix = Bytes::from_static(&[0, 0xff, 0xff, 0xff, 0xff]);
    let (request, response) =
        through(layer, Framed::endless(vec![prefix]), Framed::response(Vec::new())).await;
    assert_eq!(start.elapsed(), Duration::from_secs(30));
    assert!(response.trailers.is_none() && request.data.is_empty(), "the handler is dropped");
    let ended = heard.next().await;
    assert_eq!((ended.code, ended.stats.received.messages), (Code::DeadlineExceeded, 0));
    assert_eq!((ended.stats.received.refused_messages, ended.stats.received.refused_bytes), (1, 0xffff_ffff));
}

/// A body that ends within a message reaches its reader as it is: who reads it finds the mistake.
#[tokio::test(start_paused = true)]
async fn a_torn_message_stays_torn() {
    let whole = wire(2, 7);
    for end in [1, 4, 5, 11, 13, 16, 17, 23] {
        for chunk in [1, 5, 64] {
            let (layer, mut heard) = watched(StreamLimits::default());
            let torn = whole.slice(..end);
            let frames = cut(&torn, chunk);
            let (request, response) =
                through(layer, Framed::new(frames.clone()), Framed::response(frames)).await;
            assert_eq!((&request.data[..], &response.data[..]), (&torn[..], &torn[..]), "{end} {chunk}");
            assert_eq!(response.trailers.unwrap()["grpc-status"], "0");
            assert_eq!(heard.next().await.stats.sent.messages, end as u64 / 12);
        }
    }
}

/// 11 messages at 50 a second, 1 at once: a fifth of a second, by the clock of the machine.
#[tokio::test]
async fn a_real_connection_is_paced_each_way() {
    let pace = Pace::default().with_messages(rate(50, 1));
    for received in [true, false] {
        let limits = StreamLimits::default();
        let (layer, mut heard) =
            watched(if received { limits.with_received(pace) } else { limits.with_sent(pace) });
        let server = Server::start(layer, echo).await;
        let start = Instant::now();
        let got = server.call(messages(11, 10)).await;
        assert_eq!((got.messages.len(), got.code()), (11, Code::Ok));
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(200), "{took:?}");
        let stats = heard.next().await.stats;
        let waited = if received { stats.received.waited } else { stats.sent.waited };
        assert!(waited >= Duration::from_millis(150) && waited <= took, "{waited:?}");
    }
}

#[tokio::test]
async fn a_client_that_goes_while_its_messages_wait_is_cancelled() {
    let pace = Pace::default().with_messages(rate(50, 1));
    let (layer, mut heard) = watched(StreamLimits::default().with_received(pace));
    let server = Server::start(layer, |request: tonic::Request<Streaming<Bytes>>| async {
        answer(request.into_inner())
    })
    .await;
    let mut response = server.begin(messages(1000, 10)).await.unwrap();
    assert!(response.message().await.unwrap().is_some());
    drop(response);
    let ended = heard.next().await;
    assert_eq!(ended.code, Code::Cancelled);
    assert!(ended.stats.received.messages < 20, "{:?}", ended.stats);
}

/// Who sends too much is slowed down by HTTP/2: of a hundred messages of 64 KiB, not many more than one window are on their way.
#[tokio::test]
async fn who_sends_too_much_has_to_wait() {
    let pace = Pace::default().with_messages(Rate::new(1, Duration::from_secs(3600), 1).unwrap());
    let limits = StreamLimits::default().with_received(pace).with_max_idle(Duration::from_millis(100));
    let (layer, mut heard) = watched(limits.with_max_duration(Duration::from_millis(300)));
    let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let takes = std::sync::Arc::clone(&taken);
    let server = Server::start(layer, echo).await;
    let response = server
        .begin(messages(100, 64 << 10).map(move |message| {
            takes.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            message
        }))
        .await
        .unwrap();
    let got = drain(response).await;
    assert_eq!((got.messages.len(), got.code()), (1, Code::DeadlineExceeded));
    assert_eq!(heard.next().await.stats.received.messages, 1);
    let taken = taken.load(std::sync::atomic::Ordering::Relaxed);
    assert!(taken < 60, "{taken} of 100 were sent");
}
