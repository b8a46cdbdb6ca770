//! All streams in one task: what a turn of it forwards leaves in one go, of all streams together.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use interceptor_tokio::Cork;
use tokio::sync::mpsc::UnboundedReceiver;

use super::forward::Forward;
use super::leg::Leg;

/// Forwards the streams that come until nobody brings any more and all have ended.
pub(super) async fn run(mut coming: UnboundedReceiver<Forward>, targets: Arc<[Arc<Leg>]>) {
    let mut streams = FuturesUnordered::new();
    let mut more = true;
    poll_fn(|cx| {
        while more {
            match coming.poll_recv(cx) {
                Poll::Ready(Some(stream)) => streams.push(alone(stream.run())),
                Poll::Ready(None) => more = false,
                Poll::Pending => break,
            }
        }
        // What one stream has leaves together in any case.
        let _corks: Vec<Cork<'_>> = match streams.len() {
            0 | 1 => Vec::new(),
            _ => targets.iter().map(|leg| leg.session.cork()).collect(),
        };
        match turn(&mut streams, cx) {
            Poll::Ready(()) if !more => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
}

/// A panic ends the stream that it is of, as in a task of its own. Panics of interceptors do not come this far.
async fn alone(stream: impl Future<Output = ()>) {
    if AssertUnwindSafe(stream).catch_unwind().await.is_err() {
        tracing::error!("a stream panicked: it is forwarded no more, until its source begins anew");
    }
}

/// Everybody who is ready, until none is; `Ready`: there is nobody.
fn turn<F: Future<Output = ()>>(streams: &mut FuturesUnordered<F>, cx: &mut Context<'_>) -> Poll<()> {
    loop {
        match streams.poll_next_unpin(cx) {
            Poll::Ready(Some(())) => {}
            Poll::Ready(None) => return Poll::Ready(()),
            Poll::Pending => return Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Mutex;

    use super::*;

    /// Notes its name at each of its turns, and panics or ends at the third.
    async fn stream(name: &'static str, panics: bool, turns: &Mutex<Vec<&'static str>>) {
        for _ in 0..3 {
            turns.lock().unwrap().push(name);
            tokio::task::yield_now().await;
        }
        assert!(!panics, "{name} panics");
        turns.lock().unwrap().push(name);
    }

    #[tokio::test]
    async fn a_stream_that_panics_ends_alone() {
        let turns = Mutex::default();
        let mut streams = FuturesUnordered::new();
        for (name, panics) in [("first", false), ("second", true), ("third", false)] {
            streams.push(alone(stream(name, panics, &turns)));
        }
        poll_fn(|cx| turn(&mut streams, cx)).await;
        drop(streams);
        let turns = turns.into_inner().unwrap();
        let of = |name: &str| turns.iter().filter(|turn| **turn == name).count();
        assert_eq!([of("first"), of("second"), of("third")], [4, 3, 4]);
    }
}
