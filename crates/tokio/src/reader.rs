//! Readers of what concerns the whole session: RTCP, events.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use interceptor_core::Event;
use interceptor_packet::RtcpPacket;

use crate::broadcast::Broadcast;
use crate::error::SessionError;
use crate::exits::Exits;
use crate::inbox::Inbox;
use crate::shared::Shared;
use crate::traits::RtcpReader;

/// Reads what concerns the whole session; each reader gets all of it. A slow one loses the oldest, and nobody else notices.
/// Does not keep the session alive.
///
/// It goes by the names of what it reads: [`RtcpReceiver`], [`Events`].
pub struct Reader<T: Clone> {
    shared: Arc<Shared>,
    source: fn(&Exits) -> &Broadcast<T>,
    inbox: Arc<Inbox<T>>,
}

/// Reads the RTCP that came through the chain. Nothing depends on it: interceptors have seen every compound. Up to
/// [`rtcp_queue`](crate::SessionOptions::rtcp_queue) compounds wait.
pub type RtcpReceiver = Reader<RtcpPacket>;

/// Reads what interceptors find out and raise: round-trip times, key frames that are needed, a panic. Up to
/// [`event_queue`](crate::SessionOptions::event_queue) events wait.
pub type Events = Reader<Event>;

impl<T: Clone> Reader<T> {
    pub(crate) fn new(shared: Arc<Shared>, source: fn(&Exits) -> &Broadcast<T>) -> Self {
        let inbox = source(&shared.exits).subscribe();
        Self { shared, source, inbox }
    }

    /// The next one.
    ///
    /// Cancel-safe: it is taken out only when the future is ready.
    ///
    /// # Errors
    /// The session has ended and everything queued has been read.
    pub async fn read(&mut self) -> Result<T, SessionError> {
        tokio::task::coop::consume_budget().await;
        poll_fn(|cx| self.poll_next(cx)).await.ok_or_else(|| self.end_error())
    }

    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        self.inbox.poll_pop(cx)
    }

    pub(crate) fn end_error(&self) -> SessionError {
        self.shared.end_error()
    }

    /// The next one, if it is there.
    #[must_use]
    pub fn try_read(&mut self) -> Option<T> {
        self.inbox.try_pop()
    }

    /// How many were dropped because they were not read in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.inbox.dropped()
    }
}

#[async_trait]
impl RtcpReader for RtcpReceiver {
    async fn read_rtcp(&mut self) -> Result<RtcpPacket, SessionError> {
        self.read().await
    }
}

impl<T: Clone> Drop for Reader<T> {
    fn drop(&mut self) {
        (self.source)(&self.shared.exits).unsubscribe(&self.inbox);
    }
}

impl<T: Clone> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("of", &std::any::type_name::<T>())
            .field("session", &self.shared.id)
            .field("queued", &self.inbox.len())
            .finish_non_exhaustive()
    }
}
