//! What a session's handles and its task share.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};
use std::task::{Wake, Waker};
use std::time::Instant;

use interceptor_core::{Chain, ChainError};
use tokio::sync::{Notify, Semaphore};

use crate::counters::add_shared;
use crate::error::SessionError;
use crate::exits::Exits;
use crate::inbox::Wakers;
use crate::lock::Lock;
use crate::options::SessionOptions;
use crate::state::State;
use crate::transport::TransportSender;

/// A session, but for its task and the transport's receiving half, which the task owns.
///
/// Locks are taken in this order: state, outbox, inboxes. None is held across an await, a system call or a reader's wake.
pub(crate) struct Shared {
    pub(crate) id: Arc<str>,
    pub(crate) options: SessionOptions,
    pub(crate) state: Lock<State>,
    pub(crate) exits: Exits,
    pub(crate) writers: Writers,
    /// Datagrams may go to others than the peer.
    pub(crate) can_send_to: bool,
    pub(crate) driver: Arc<DriverWake>,
    /// How many hold back what is queued.
    pub(crate) corks: AtomicUsize,
    /// Wakes the session's task; what the transport's sending half is polled with.
    pub(crate) waker: Waker,
    /// Why nothing is taken any more.
    ended: OnceLock<SessionError>,
    /// Why it did not, or could not, end in order.
    failure: OnceLock<SessionError>,
    /// Which interceptors failed to close.
    close_error: OnceLock<Arc<ChainError>>,
}

/// Writers that wait for room in the outbox: first come, first served, and only the first is woken.
pub(crate) struct Writers {
    pub(crate) turn: Semaphore,
    pub(crate) room: Notify,
}

/// Wakes the session's task.
#[derive(Default)]
pub(crate) struct DriverWake {
    pub(crate) notify: Notify,
}

impl Wake for DriverWake {
    fn wake(self: Arc<Self>) {
        self.notify.notify_one();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.notify.notify_one();
    }
}

impl Shared {
    pub(crate) fn new(chain: Chain, options: SessionOptions, sender: Box<dyn TransportSender>) -> Self {
        let driver = Arc::new(DriverWake::default());
        Self {
            id: Arc::clone(&chain.config().id),
            state: Lock::new(State::new(chain, &options)),
            can_send_to: sender.can_send_to(),
            exits: Exits::new(&options, sender),
            writers: Writers { turn: Semaphore::new(1), room: Notify::new() },
            waker: Waker::from(Arc::clone(&driver)),
            driver,
            corks: AtomicUsize::new(0),
            ended: OnceLock::new(),
            failure: OnceLock::new(),
            close_error: OnceLock::new(),
            options,
        }
    }

    /// Why the session takes nothing any more, `None` while it does.
    #[inline]
    pub(crate) fn ended(&self) -> Option<&SessionError> {
        self.ended.get()
    }

    /// The error for handles of a session that has ended.
    pub(crate) fn end_error(&self) -> SessionError {
        self.ended().cloned().unwrap_or(SessionError::TaskEnded)
    }

    /// Ends the session; the first reason counts. Its task does the rest.
    pub(crate) fn end(&self, reason: SessionError) {
        if self.ended.set(reason).is_ok() {
            self.driver.notify.notify_one();
        }
    }

    /// Ends the session because it cannot go on, not even to send what is queued. Closing says so, also when it had begun
    /// before.
    pub(crate) fn fail(&self, reason: SessionError) {
        // Only the first reason counts.
        let _ = self.failure.set(reason.clone());
        self.end(reason);
        self.driver.notify.notify_one();
    }

    /// Is there nothing left to close in order?
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.get().is_some()
    }

    /// What [`Session::close`](crate::Session::close) returns.
    pub(crate) fn close_result(&self) -> Result<(), SessionError> {
        if let Some(failure) = self.failure.get() {
            return Err(failure.clone());
        }
        match (self.end_error(), self.close_error.get()) {
            (SessionError::Closed, None) => Ok(()),
            (SessionError::Closed, Some(error)) => Err(SessionError::Close(Arc::clone(error))),
            (error, _) => Err(error),
        }
    }

    /// Closes the chain, whose last packets go to the outbox, and tells everybody who waits.
    pub(crate) fn shut(&self) {
        let mut wakers = Wakers::new();
        {
            let now = now();
            let mut state = self.state.lock();
            if let Err(error) = state.chain.close(now) {
                tracing::debug!(session = %self.id, %error, "closing interceptors failed");
                let _ = self.close_error.set(Arc::new(error));
            }
            state.pump(&self.exits, &mut wakers);
            state.shut(&self.exits, &mut wakers);
        }
        self.tell(wakers);
    }

    /// Tells everybody who waits that the session has ended.
    fn tell(&self, mut wakers: Wakers) {
        self.exits.close(&mut wakers);
        self.writers.turn.close();
        self.writers.room.notify_one();
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The session's task is gone without having closed it: a panic, or the runtime shut down.
    pub(crate) fn abandon(&self) {
        self.fail(SessionError::TaskEnded);
        let mut wakers = Wakers::new();
        self.state.lock().shut(&self.exits, &mut wakers);
        let (unsent, half) = self.exits.outbox.close();
        add_shared(&self.exits.counts.unsent_at_close, unsent);
        drop(half);
        self.tell(wakers);
    }
}

/// Tokio's clock, so that a paused one drives whole sessions.
#[inline]
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
