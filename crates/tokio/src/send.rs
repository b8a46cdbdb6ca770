//! From the outbox to the transport.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::counters::{add, add_shared};
use crate::error::SessionError;
use crate::outbox::{Outcome, SendHalf};
use crate::shared::Shared;
use crate::transport::is_passing;

/// A writer that finds more than this many batches leaves the rest to the session's task.
const MAX_ROUNDS: usize = 4;

/// Passing errors in a row after which the session's task goes on, so that a writer is not kept.
const MAX_ERRORS: usize = 16;

impl Shared {
    /// Sends what is queued as far as the transport takes it, unless somebody does so already, or holds it back: they will send
    /// it all.
    #[inline]
    pub(crate) fn flush(&self) {
        if self.is_corked() && self.ended().is_none() {
            return;
        }
        // When closing, the session's task may be waiting for the sending half that was just put back.
        if self.flush_rounds() || self.ended().is_some() {
            self.driver.notify.notify_one();
        }
    }

    /// [`flush`](Self::flush) for the session's task itself; `true`: there may be more to send.
    #[inline]
    pub(crate) fn flush_rounds(&self) -> bool {
        let outbox = &self.exits.outbox;
        let flushed = outbox.flush(MAX_ROUNDS, |half| self.send(half), || self.writers.room.notify_one());
        if flushed.unsent > 0 {
            add_shared(&self.exits.counts.unsent_at_close, flushed.unsent);
        }
        flushed.more
    }

    /// Sends one batch.
    #[inline]
    fn send(&self, half: &mut SendHalf) -> Outcome {
        let mut cx = Context::from_waker(&self.waker);
        let (count, bytes) = (half.queue.len(), half.queue.len_bytes());
        let mut errors = 0;
        let outcome = loop {
            match half.sender.poll_send(&mut cx, &mut half.queue) {
                Poll::Ready(Ok(())) => break Outcome::Sent,
                Poll::Pending if half.sender.sends_past_waiting() => break Outcome::Partly,
                Poll::Pending => break Outcome::Blocked,
                Poll::Ready(Err(error)) => {
                    errors += 1;
                    if !self.passes(error) {
                        break Outcome::Failed;
                    }
                    if errors >= MAX_ERRORS {
                        break Outcome::Sent;
                    }
                }
            }
        };
        let (discarded, discarded_bytes) = half.queue.take_discarded();
        let counts = &self.exits.counts;
        add(&counts.sent_datagrams, count.saturating_sub(half.queue.len() + discarded));
        add(&counts.sent_bytes, bytes.saturating_sub(half.queue.len_bytes() + discarded_bytes));
        if outcome == Outcome::Failed {
            add_shared(&counts.unsent_at_close, discarded);
        } else if discarded > 0 {
            add(&counts.discarded_sends, discarded);
        }
        outcome
    }

    /// Counts an error that passes; one that does not ends the session.
    fn passes(&self, error: io::Error) -> bool {
        if is_passing(&error) {
            add(&self.exits.counts.send_errors, 1);
            tracing::trace!(session = %self.id, %error, "sending failed for now");
            return true;
        }
        tracing::debug!(session = %self.id, %error, "the transport failed");
        self.fail(SessionError::Transport(Arc::new(error)));
        false
    }
}
