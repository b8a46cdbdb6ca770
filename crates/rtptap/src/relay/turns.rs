//! All streams in one task: what a turn of it forwards leaves in one go, of all streams together.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
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
                Poll::Ready(Some(stream)) => streams.push(stream.run()),
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
