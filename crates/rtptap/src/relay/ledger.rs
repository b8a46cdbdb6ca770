//! What is left of streams that have ended: their last statistics, and the leg's when it ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_stats::{ConnectionEnded, ConnectionStats, StreamEnded, StreamStats};
use interceptor_tokio::Session;
use tokio::task::JoinHandle;

/// Ended streams remembered of a leg; the oldest are forgotten first.
const MAX_ENDED: usize = 256;

/// Reads a session's events as long as it lives.
#[derive(Debug)]
pub(super) struct Ledger {
    entries: Arc<Mutex<Entries>>,
    reader: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Entries {
    ended: Vec<StreamStats>,
    last: Option<ConnectionStats>,
}

impl Ledger {
    pub(super) fn open(session: &Session) -> Self {
        let entries = Arc::<Mutex<Entries>>::default();
        let (mut events, noted) = (session.events(), Arc::clone(&entries));
        let reader = tokio::spawn(async move {
            while let Ok(event) = events.read().await {
                let mut entries = lock(&noted);
                if let Some(StreamEnded { stats, .. }) = event.raised() {
                    entries.ended.push(stats.clone());
                    let over = entries.ended.len().saturating_sub(MAX_ENDED);
                    entries.ended.drain(..over);
                }
                if let Some(ConnectionEnded { stats, .. }) = event.raised() {
                    entries.last = Some(stats.clone());
                }
            }
        });
        Self { entries, reader: Mutex::new(Some(reader)) }
    }

    /// The last statistics of streams that have ended, oldest first.
    pub(super) fn ended(&self) -> Vec<StreamStats> {
        lock(&self.entries).ended.clone()
    }

    /// The leg's last statistics, once its session has ended.
    pub(super) fn last(&self) -> Option<ConnectionStats> {
        lock(&self.entries).last.clone()
    }

    /// Waits until everything is noted; the session must have ended.
    pub(super) async fn finish(&self) {
        let reader = lock(&self.reader).take();
        if let Some(reader) = reader {
            // It ends with the session and does not panic.
            let _ = reader.await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
