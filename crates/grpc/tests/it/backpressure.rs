//! What waits, waits at its sender: the peer's window closes, and no more is held back than came in one frame.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use h2::SendStream;
use http_body::Frame;
use http_body_util::StreamBody;
use interceptor_grpc::{Code, Pace, Rate, StreamLayer, StreamLimits};
use tokio_stream::StreamExt;

use crate::rig::{Ended, Ledger, Piped, RawClient, grpc, prefixed, within};
use crate::support::{Server, answer, echo};

/// One message at once, the next one tomorrow.
fn one_a_day() -> Pace {
    Pace::default().with_messages(Rate::new(1, Duration::from_secs(86_400), 1).unwrap())
}

/// Sends as much as there is room for, and stops when there is none.
async fn fill(client: &mut RawClient, stream: &mut SendStream<Bytes>, data: &Bytes) -> usize {
    let mut sent = 0;
    loop {
        // Whatever room the server has given by now is here afterwards.
        client.ping().await;
        client.ping().await;
        stream.reserve_capacity(data.len());
        let room = poll_fn(|cx| match stream.poll_capacity(cx) {
            Poll::Ready(room) => Poll::Ready(room.map(Result::unwrap).unwrap_or(0)),
            Poll::Pending => Poll::Ready(0),
        })
        .await
        .max(stream.capacity())
        .min(data.len());
        if room == 0 {
            return sent;
        }
        stream.send_data(data.slice(..room), false).unwrap();
        sent += room;
    }
}

/// Whatever its messages and frames are: what it can get rid of is the window that HTTP/2 gives it, and that is all that anybody keeps.
#[tokio::test]
async fn a_peer_that_is_paced_cannot_send_more_than_its_window() {
    const WINDOW: usize = 64 << 10;
    for message in [0, 1, 100, 16 << 10, 60 << 10, 1 << 20] {
        let ledger = Ledger::new();
        let limits = StreamLimits::default().with_received(one_a_day()).with_max_held_bytes(16 << 10);
        let layer = StreamLayer::new(limits).unwrap().with_observer(ledger.clone());
        let calls = layer.calls().clone();
        let server = Server::start_with(layer, echo, |builder| {
            builder.initial_stream_window_size(WINDOW as u32).initial_connection_window_size(1 << 20)
        })
        .await;
        let mut client = RawClient::connect(server.address).await;
        let (response, mut request) = client.begin();
        let wire: Bytes = prefixed(&vec![7; message]).repeat((256 << 10) / (message + 5) + 1).into();
        let sent = within(fill(&mut client, &mut request, &wire)).await;
        // The first message has gone through, with what of the window it took.
        let most = WINDOW + 2 * (message + 5) + (16 << 10);
        assert!((WINDOW..=most).contains(&sent), "{message}: {sent} of at most {most}");
        let [call] = &calls.snapshot()[..] else { panic!("it runs") };
        let stats = call.stats();
        assert_eq!((stats.received.messages, stats.ended), (1, None), "{message}: held back, not ended");
        drop((request, response, client));
        let accounts = ledger.over(1).await;
        let (code, stats) = accounts.handled[0];
        assert_eq!((code, stats.received.messages), (Code::Cancelled, 1), "{message}");
    }
}

/// A frame that is larger than what may be held back ends the call.
#[tokio::test]
async fn more_than_may_be_held_back_is_not() {
    let ledger = Ledger::new();
    let limits = StreamLimits::default().with_received(one_a_day()).with_max_held_bytes(1000);
    let layer = StreamLayer::new(limits).unwrap().with_observer(ledger.clone());
    let server = Server::start(layer, echo).await;
    for (bytes, code) in [(990, None), (991, Some(Code::ResourceExhausted))] {
        let mut client = RawClient::connect(server.address).await;
        let (response, mut request) = client.begin();
        // In one frame; the first leaves it at once.
        let frame = [prefixed(&[1; 10]), prefixed(&vec![2; bytes]), prefixed(&[])].concat();
        request.send_data(frame.into(), false).unwrap();
        match code {
            None => {
                let mut body = within(response).await.unwrap().into_body();
                assert_eq!(within(body.data()).await.unwrap().unwrap(), prefixed(&[1; 10]));
                client.ping().await;
                assert_eq!(ledger.now().handled.len(), 0);
            }
            Some(code) => assert_eq!(within(Ended::of(response)).await.code, Some(code)),
        }
    }
}

/// The other way: a handler is asked for no more than its client's window takes.
#[tokio::test]
async fn a_client_that_does_not_read_stops_the_handler() {
    let made = Arc::new(AtomicU64::new(0));
    let counts = Arc::clone(&made);
    let (layer, ledger) = {
        let ledger = Ledger::new();
        (StreamLayer::new(StreamLimits::default()).unwrap().with_observer(ledger.clone()), ledger)
    };
    let calls = layer.calls().clone();
    let server = Server::start(layer, move |_| {
        let counts = Arc::clone(&counts);
        async move {
            answer(tokio_stream::iter(0..10_000).map(move |_| {
                counts.fetch_add(1, Ordering::Relaxed);
                Ok(Bytes::from_static(&[7; 1000]))
            }))
        }
    })
    .await;
    let mut client = RawClient::connect(server.address).await;
    let (response, request) = client.begin();
    let mut body = within(response).await.unwrap().into_body();
    let mut read = within(body.data()).await.unwrap().unwrap().len() as u64;
    client.ping().await;
    let [call] = &calls.snapshot()[..] else { panic!("it runs") };
    let sent = call.stats().sent.messages;
    // A window of 65 535 bytes, and two of tonic's frames of 32 KiB.
    assert!(sent <= 140 && made.load(Ordering::Relaxed) <= 140, "{sent} {made:?}");
    while read < 10_000 * 1005 {
        let used = body.flow_control().used_capacity();
        body.flow_control().release_capacity(used).unwrap();
        read += within(body.data()).await.unwrap().unwrap().len() as u64;
    }
    drop(request);
    let accounts = ledger.over(1).await;
    assert_eq!((accounts.codes(), accounts.handled[0].1.sent.messages), (vec![Code::Ok], 10_000));
}

/// hyper asks a body for nothing as long as the client has no room for what was there before. So such a call, and its peer's place, lasts until the
/// client makes room or its connection is gone; then it is over at once.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_keeps_its_place_and_is_told_of_the_end_when_it_does() {
    let max = Duration::from_secs(60);
    let hour = Duration::from_secs(3600);
    for goes in [false, true] {
        let ledger = Ledger::new();
        let limits = StreamLimits::default().with_max_duration(max);
        let layer = StreamLayer::new(limits).unwrap().with_streams_per_peer(1).with_observer(ledger.clone());
        let calls = layer.calls().clone();
        let pipe = Piped::serve(layer, |_| async {
            grpc(StreamBody::new(
                tokio_stream::iter(0..1000).map(|_| Ok::<_, Infallible>(Frame::data(prefixed(&[7; 1000])))),
            ))
        });
        let mut client = RawClient::over(pipe, 100).await;
        let (response, request) = client.begin();
        let response = response.await.unwrap();
        tokio::time::sleep(hour).await;
        let [call] = &calls.snapshot()[..] else { panic!("it has its place") };
        assert_eq!((call.stats().duration, ledger.now().handled.len()), (hour, 0));
        let code = if goes {
            drop((request, response, client));
            Code::Cancelled
        } else {
            let mut body = response.into_body();
            let mut read = 0;
            while let Some(Ok(data)) = body.data().await {
                read += data.len();
                body.flow_control().release_capacity(data.len()).unwrap();
            }
            let trailers = body.trailers().await.unwrap().unwrap();
            assert_eq!((trailers["grpc-status"].to_str().unwrap(), read), ("4", 2 * 1005));
            Code::DeadlineExceeded
        };
        assert_eq!(ledger.over(1).await.codes(), [code]);
        assert!(calls.is_empty());
    }
}
