//! From a writer through the chain to the transport.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::task::{Context, Poll};
use std::time::Instant;

use interceptor_packet::RtpPacket;

use crate::counters::add;
use crate::error::SessionError;
use crate::inbox::Wakers;
use crate::outbox::Lease;
use crate::shared::Shared;
use crate::state::State;
use crate::transport::is_passing;

/// A writer that finds more than this many batches leaves the rest to the session's task.
const MAX_ROUNDS: usize = 4;

/// Passing errors in a row after which the session's task goes on, so that a writer is not kept.
const MAX_ERRORS: usize = 16;

impl Shared {
    /// Runs `put`, which hands a packet to the chain, if there is room and nobody waits; `true`: it has run.
    #[inline]
    pub(crate) fn try_write(&self, put: impl FnOnce(&mut State, Instant)) -> Result<bool, SessionError> {
        Ok(self.is_free() && self.attempt(|state, now, _| put(state, now))?)
    }

    /// Waits for room, then runs `put`, which hands a packet to the chain. It has not run if the future is dropped.
    #[inline]
    pub(crate) async fn write(&self, mut put: impl FnMut(&mut State, Instant)) -> Result<(), SessionError> {
        self.when_room(|| self.attempt(|state, now, _| put(state, now))).await
    }

    /// Takes `packets` from the front as there is room, until all are taken.
    pub(crate) async fn write_all(&self, packets: &mut Vec<RtpPacket>) -> Result<(), SessionError> {
        self.when_room(|| {
            let mut taken = 0;
            self.attempt(|state, now, wakers| {
                while let Some(packet) = packets.get_mut(taken).filter(|_| !self.outbox.is_full()) {
                    state.write_rtp(packet, now, self);
                    state.pump(self, wakers);
                    taken += 1;
                }
            })?;
            packets.drain(..taken);
            Ok(packets.is_empty())
        })
        .await
    }

    /// Waits for room, then takes a datagram past the chain, in order with its packets.
    pub(crate) async fn write_raw(&self, datagram: &[u8]) -> Result<(), SessionError> {
        self.when_room(|| self.attempt(|_, _, _| self.outbox.push_raw(datagram))).await
    }

    /// Repeats `attempt` until it has taken everything, whenever there is room; those who wait do so in order.
    async fn when_room(
        &self,
        mut attempt: impl FnMut() -> Result<bool, SessionError>,
    ) -> Result<(), SessionError> {
        // A writer that never waits must let the session's task run all the same.
        tokio::task::coop::consume_budget().await;
        if self.is_free() && attempt()? {
            return Ok(());
        }
        let _waiting = Waiting::new(self);
        let Ok(_turn) = self.writers.turn.acquire().await else { return Err(self.end_error()) };
        loop {
            let mut room = pin!(self.writers.room.notified());
            room.as_mut().enable();
            if attempt()? {
                return Ok(());
            }
            room.await;
        }
    }

    /// Does nobody wait for room? Who comes later does not overtake those who do.
    #[inline]
    fn is_free(&self) -> bool {
        self.writers.waiting.load(Relaxed) == 0
    }

    /// Runs `run` if the session takes packets and there is room for one; `true`: it has run.
    #[inline]
    fn attempt(&self, run: impl FnOnce(&mut State, Instant, &mut Wakers)) -> Result<bool, SessionError> {
        if let Some(error) = self.ended() {
            return Err(error.clone());
        }
        Ok(self.enter(|state, now, wakers| {
            // Under the lock that every writer needs: the outbox cannot fill up in between.
            let room = !self.outbox.is_full();
            if room {
                run(state, now, wakers);
            }
            room
        }))
    }

    /// Sends what is queued as far as the transport takes it, unless somebody does so already: they will send it all.
    #[inline]
    pub(crate) fn flush(&self) {
        // When closing, the session's task may be waiting for the sending half that was just put back.
        if self.flush_rounds() || self.ended().is_some() {
            self.driver.notify.notify_one();
        }
    }

    /// [`flush`](Self::flush) for the session's task itself; `true`: there may be more to send.
    #[inline]
    pub(crate) fn flush_rounds(&self) -> bool {
        for _ in 0..MAX_ROUNDS {
            let Some(lease) = self.outbox.lease() else { return false };
            if !self.send(lease) {
                return false;
            }
            if self.writers.waiting.load(SeqCst) > 0 && !self.outbox.is_full() {
                self.writers.room.notify_one();
            }
            if self.outbox.is_empty() {
                return false;
            }
        }
        true
    }

    /// Sends one batch; `false`: the transport has failed.
    #[inline]
    fn send(&self, mut lease: Lease<'_>) -> bool {
        let Some(half) = lease.as_mut() else { return false };
        let mut cx = Context::from_waker(&self.waker);
        let (count, bytes) = (half.queue.len(), half.queue.len_bytes());
        let (mut errors, mut alive) = (0, true);
        let blocked = loop {
            match half.sender.poll_send(&mut cx, &mut half.queue) {
                Poll::Ready(Ok(())) => break false,
                Poll::Pending => break true,
                Poll::Ready(Err(error)) => {
                    errors += 1;
                    alive = self.passes(error);
                    if !alive || errors >= MAX_ERRORS {
                        break false;
                    }
                }
            }
        };
        let (discarded, discarded_bytes) = half.queue.take_discarded();
        add(&self.counts.sent_datagrams, count.saturating_sub(half.queue.len() + discarded));
        add(&self.counts.sent_bytes, bytes.saturating_sub(half.queue.len_bytes() + discarded_bytes));
        lease.blocked = blocked;
        alive
    }

    /// Counts an error that passes; one that does not ends the session.
    fn passes(&self, error: io::Error) -> bool {
        if is_passing(&error) {
            add(&self.counts.send_errors, 1);
            tracing::trace!(session = %self.id, %error, "sending failed for now");
            return true;
        }
        tracing::debug!(session = %self.id, %error, "the transport failed");
        self.end(SessionError::Transport(Arc::new(error)));
        false
    }
}

/// Counts a writer that waits, until it is dropped.
struct Waiting<'a>(&'a Shared);

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.writers.waiting.fetch_add(1, SeqCst);
        Self(shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.writers.waiting.fetch_sub(1, SeqCst);
    }
}
