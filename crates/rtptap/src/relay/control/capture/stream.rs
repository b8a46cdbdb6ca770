//! The call: begins with the first message, ends by a word, a bound, the client or the relay.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{StreamExt, once, unfold};
use tokio::sync::{Notify, mpsc};
use tonic::codegen::BoxStream;
use tonic::{Status, Streaming};

use super::Captures;
use super::tap::{Parts, Tap};
use crate::relay::RelayHandle;
use crate::relay::control::generated::capture_request::Command;
use crate::relay::control::generated::{CaptureRequest, CaptureResponse, CaptureStart};
use crate::relay::control::stopping::{Stopping, unavailable};

/// Messages on their way to a client.
const MESSAGES: usize = 16;

/// How long the first message may take.
const MAX_SILENCE: Duration = Duration::from_secs(10);

impl Captures {
    /// Waits for the first message and begins.
    pub(in crate::relay::control) async fn begin(
        self: &Arc<Self>,
        relay: &RelayHandle,
        mut requests: Streaming<CaptureRequest>,
        mut stopping: Stopping,
    ) -> Result<BoxStream<CaptureResponse>, Status> {
        let start = tokio::select! {
            biased;
            () = stopping.told() => return Err(unavailable()),
            start = first(&mut requests) => start?,
        };
        let (messages, queue) = mpsc::channel(MESSAGES);
        let gone = messages.clone();
        let Parts { tap, head, full } = Tap::begin(self, relay, &start, messages)?;
        tracing::info!(legs = ?start.legs, "a client captures");
        tokio::spawn(async move {
            let bound = Some(start.max_ms).filter(|ms| *ms > 0).map(|ms| Duration::from_millis(ms.into()));
            until_over(requests, &gone, &full, bound).await;
            // Its interceptors go, then their thread, which has the other senders of messages: the stream ends when all has been sent.
            drop(tap);
        });
        let packets = unfold(Some((queue, stopping)), |state| async {
            let (mut queue, mut stopping) = state?;
            tokio::select! {
                biased;
                () = stopping.told() => Some((Err(unavailable()), None)),
                message = queue.recv() => message.map(|message| (Ok(message), Some((queue, stopping)))),
            }
        });
        Ok(Box::pin(once(async { Ok(head) }).chain(packets)))
    }
}

async fn first(requests: &mut Streaming<CaptureRequest>) -> Result<CaptureStart, Status> {
    let message = tokio::time::timeout(MAX_SILENCE, requests.message());
    let message = message.await.map_err(|_| Status::deadline_exceeded("nothing was asked for"))??;
    match message.and_then(|message| message.command) {
        Some(Command::Start(start)) => Ok(start),
        _ => Err(Status::invalid_argument("the first message must be `start`")),
    }
}

/// Told to stop, full, late, or the client is gone.
async fn until_over(
    mut requests: Streaming<CaptureRequest>,
    gone: &mpsc::Sender<CaptureResponse>,
    full: &Notify,
    bound: Option<Duration>,
) {
    let stopped = async {
        loop {
            match requests.message().await {
                Ok(Some(CaptureRequest { command: Some(Command::Stop(_)) })) => return,
                // A second start is none.
                Ok(Some(_)) => {}
                // It has nothing more to say, and goes on listening; or it is gone, which is seen elsewhere.
                Ok(None) | Err(_) => std::future::pending().await,
            }
        }
    };
    let late = async {
        match bound {
            Some(bound) => tokio::time::sleep(bound).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = stopped => {}
        () = late => {}
        () = full.notified() => {}
        () = gone.closed() => {}
    }
}
