//! The session's one task: reads the transport, runs timers, sends what writers could not, closes.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::sync::futures::Notified;
use tokio::time::{Sleep, timeout};

use crate::counters::{add, add_shared};
use crate::error::SessionError;
use crate::inbox::Wakers;
use crate::shared::{Shared, now};
use crate::transport::{Datagrams, TransportReceiver, is_passing};

/// Datagrams that pass the chain in one go; then writers get the lock.
const CHUNK: usize = 32;

/// Passing errors in a row, with nothing sent or received in between, that cannot pass: an ICMP answer needs a
/// datagram that it answers.
const MAX_ERRORS: u32 = 100;

/// A session's task.
pub(crate) struct Driver<R> {
    shared: Arc<Shared>,
    receiver: R,
    datagrams: Datagrams,
    /// Empty between batches: kept for its buffer.
    wakers: Wakers,
    errors: u32,
    /// Datagrams that had been sent when the last error came.
    sent: u64,
    closed: bool,
}

/// Why the task runs: everything that is due, so that nothing keeps anything else from its turn.
#[derive(Default)]
struct Due {
    woken: bool,
    timeout: bool,
    received: Option<io::Result<()>>,
}

impl<R: TransportReceiver> Driver<R> {
    pub(crate) fn new(shared: Arc<Shared>, receiver: R) -> Self {
        let (datagrams, wakers) = (Datagrams::new(), Wakers::new());
        Self { shared, receiver, datagrams, wakers, errors: 0, sent: 0, closed: false }
    }

    /// Until the session ends.
    pub(crate) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let mut woken = pin!(shared.driver.notify.notified());
        let mut timer = pin!(tokio::time::sleep(Duration::ZERO));
        let mut deadline: Option<Instant> = None;
        while shared.ended().is_none() {
            let next = shared.state.lock().arm();
            if let Some(at) = next.filter(|_| next != deadline) {
                timer.as_mut().reset(at.into());
            }
            deadline = next;
            let armed = deadline.is_some().then_some(timer.as_mut());
            let due = poll_fn(due(&mut self.receiver, &mut self.datagrams, woken.as_mut(), armed)).await;
            if due.woken {
                woken.set(shared.driver.notify.notified());
                shared.exits.outbox.unblock();
                shared.flush();
            }
            if due.timeout {
                deadline = None;
                let mut entered = shared.enter();
                let now = entered.now;
                entered.state.chain.handle_timeout(now);
            }
            if let Some(result) = due.received {
                self.received(result);
            }
            // A transport that is always ready must not keep the others of this thread waiting.
            tokio::task::coop::consume_budget().await;
        }
        self.finish().await;
    }

    fn received(&mut self, result: io::Result<()>) {
        match result {
            Ok(()) => self.errors = 0,
            Err(error) if is_passing(&error) && self.may_pass() => {
                add(&self.shared.exits.counts.receive_errors, 1);
                tracing::trace!(session = %self.shared.id, %error, "receiving failed for now");
            }
            Err(error) => {
                tracing::debug!(session = %self.shared.id, %error, "the transport failed");
                self.shared.fail(SessionError::Transport(Arc::new(error)));
            }
        }
        let rejected = self.datagrams.take_rejected();
        add(&self.shared.exits.counts.rejected_datagrams, rejected);
        let overrun = self.datagrams.take_overrun();
        add(&self.shared.exits.counts.overrun_datagrams, overrun);
        if !self.datagrams.is_empty() {
            add(&self.shared.exits.counts.received_datagrams, self.datagrams.len());
            add(&self.shared.exits.counts.received_bytes, self.datagrams.len_bytes());
            self.read();
            self.datagrams.shrink();
        }
    }

    /// Counts a passing error; `false`: there have been too many for nothing.
    fn may_pass(&mut self) -> bool {
        let sent = self.shared.exits.counts.sent_datagrams.load(Relaxed);
        if sent != std::mem::replace(&mut self.sent, sent) {
            self.errors = 0;
        }
        self.errors += 1;
        self.errors <= MAX_ERRORS
    }

    /// Runs a batch through the chain: one reading of the clock, one lock and one wake for many packets.
    fn read(&mut self) {
        let shared = &*self.shared;
        let now = now();
        let mut datagrams = self.datagrams.drain_received().peekable();
        let wakers = &mut self.wakers;
        while datagrams.peek().is_some() {
            {
                let mut state = shared.state.lock();
                if state.chain.next_timeout().is_some_and(|at| at <= now) {
                    state.chain.handle_timeout(now);
                    state.pump(&shared.exits, wakers);
                }
                for received in datagrams.by_ref().take(CHUNK) {
                    state.read(received, now, &shared.exits, wakers);
                }
            }
            shared.flush();
            wakers.drain(..).for_each(Waker::wake);
        }
    }

    /// Says goodbye, sends what is queued, closes the transport.
    async fn finish(mut self) {
        let shared = Arc::clone(&self.shared);
        shared.shut();
        let limit = shared.options.close_timeout;
        // What does not leave in time is counted below.
        let _ = timeout(limit, self.drain()).await;
        let (unsent, half) = shared.exits.outbox.close();
        add_shared(&shared.exits.counts.unsent_at_close, unsent);
        if let Some(mut half) = half.filter(|_| shared.options.close_transport) {
            // One that has failed is told, and not waited for.
            let limit = if shared.has_failed() { Duration::ZERO } else { limit };
            match timeout(limit, poll_fn(|cx| half.sender.poll_close(cx))).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(session = %shared.id, %error, "closing the transport failed")
                }
                Err(_) => tracing::debug!(session = %shared.id, "closing the transport took too long"),
            }
        }
        self.closed = true;
        tracing::debug!(session = %shared.id, unsent, "session closed");
    }

    /// Waits until everything is sent, or the transport has failed. Goes on receiving, which may be what shows that; what
    /// comes is counted by the chain, which is closed.
    async fn drain(&mut self) {
        let shared = Arc::clone(&self.shared);
        let mut woken = pin!(shared.driver.notify.notified());
        while !shared.has_failed() {
            shared.exits.outbox.unblock();
            if shared.flush_rounds() {
                tokio::task::yield_now().await;
                continue;
            }
            if shared.exits.outbox.is_done() {
                return;
            }
            let due = poll_fn(due(&mut self.receiver, &mut self.datagrams, woken.as_mut(), None)).await;
            if due.woken {
                woken.set(shared.driver.notify.notified());
            }
            if let Some(result) = due.received {
                self.received(result);
            }
            // A transport that is always ready must let the time run out all the same.
            tokio::task::coop::consume_budget().await;
        }
    }
}

fn due<'a, R: TransportReceiver>(
    receiver: &'a mut R,
    datagrams: &'a mut Datagrams,
    mut woken: Pin<&'a mut Notified<'_>>,
    mut timer: Option<Pin<&'a mut Sleep>>,
) -> impl FnMut(&mut Context<'_>) -> Poll<Due> {
    move |cx| {
        let due = Due {
            woken: woken.as_mut().poll(cx).is_ready(),
            timeout: timer.as_mut().is_some_and(|timer| timer.as_mut().poll(cx).is_ready()),
            received: match receiver.poll_recv(cx, datagrams) {
                Poll::Ready(result) => Some(result),
                Poll::Pending => datagrams.has_dropped().then_some(Ok(())),
            },
        };
        if due.woken || due.timeout || due.received.is_some() { Poll::Ready(due) } else { Poll::Pending }
    }
}

impl<R> Drop for Driver<R> {
    fn drop(&mut self) {
        if !self.closed {
            self.shared.abandon();
        }
    }
}
