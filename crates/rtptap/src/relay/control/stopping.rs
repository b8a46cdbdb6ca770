//! The word that the relay stops, heard by every stream.

use tokio::sync::watch;
use tonic::Status;

/// Hears it, also if it was said before.
#[derive(Clone, Debug)]
pub(super) struct Stopping(watch::Receiver<bool>);

/// Says it.
#[derive(Debug)]
pub(super) struct Stop(watch::Sender<bool>);

pub(super) fn stopping() -> (Stop, Stopping) {
    let (say, hear) = watch::channel(false);
    (Stop(say), Stopping(hear))
}

impl Stop {
    pub(super) fn say(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Waits for it, or for the server to be gone. Cancel-safe.
    pub(super) async fn told(&mut self) {
        // An error: the server is gone.
        let _ = self.0.wait_for(|told| *told).await;
    }
}

/// How streams end then.
pub(super) fn unavailable() -> Status {
    Status::unavailable("the relay stops")
}
