//! Rates: exact on virtual time, as backpressure over real connections; what waits, fails and is dropped.

use std::time::Duration;

use bytes::Bytes;
use interceptor_grpc::{Cause, Code, Direction, Excess, Pace, Rate, StreamLimits};
use tokio::time::Instant;
use tonic::Streaming;

use crate::support::{Framed, Server, answer, cut, echo, messages, rate, through, watched, wire};

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
