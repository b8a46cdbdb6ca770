//! What a session's handles and its task share.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};
use std::task::{Wake, Waker};
use std::time::Instant;

use bytes::Bytes;
use interceptor_core::{Chain, ChainError, Event};
use interceptor_packet::RtcpPacket;
use tokio::sync::{Notify, Semaphore};

use crate::counters::{Counts, add};
use crate::error::SessionError;
use crate::fanout::Fanout;
use crate::inbox::Wakers;
use crate::lock::Lock;
use crate::options::SessionOptions;
use crate::outbox::Outbox;
use crate::pending::Pending;
use crate::state::State;
use crate::transport::TransportSender;

/// A session, but for its task and the transport's receiving half, which the task owns.
///
/// Locks are taken in this order: state, outbox, inboxes. None is held across an await, a system call or a wake.
pub(crate) struct Shared {
    pub(crate) id: Arc<str>,
    pub(crate) options: SessionOptions,
    pub(crate) state: Lock<State>,
    pub(crate) outbox: Outbox,
    pub(crate) writers: Writers,
    pub(crate) driver: Arc<DriverWake>,
    /// Wakes the session's task; what the transport's sending half is polled with.
    pub(crate) waker: Waker,
    pub(crate) rtcp: Fanout<RtcpPacket>,
    pub(crate) raw: Fanout<Bytes>,
    pub(crate) events: Fanout<Event>,
    /// There is an SSRC to accept, or the session has ended.
    pub(crate) announced: Notify,
    pub(crate) counts: Counts,
    ended: OnceLock<SessionError>,
    close_error: OnceLock<Arc<ChainError>>,
}

/// Writers that wait for room in the outbox: first come, first served, and only the first is woken.
pub(crate) struct Writers {
    pub(crate) turn: Semaphore,
    pub(crate) room: Notify,
    pub(crate) waiting: AtomicUsize,
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
        let pending = Pending::new(options.pending_streams, options.pending_packets);
        let driver = Arc::new(DriverWake::default());
        Self {
            id: Arc::clone(&chain.config().id),
            state: Lock::new(State::new(chain, pending)),
            outbox: Outbox::new(sender, options.send_queue),
            writers: Writers { turn: Semaphore::new(1), room: Notify::new(), waiting: AtomicUsize::new(0) },
            waker: Waker::from(Arc::clone(&driver)),
            driver,
            rtcp: Fanout::new(options.rtcp_queue),
            raw: Fanout::new(options.raw_queue),
            events: Fanout::new(options.event_queue),
            announced: Notify::new(),
            counts: Counts::default(),
            ended: OnceLock::new(),
            close_error: OnceLock::new(),
            options,
        }
    }

    /// Runs `run` on the state, then moves on what the chain puts out: to the transport, to readers, to the timer.
    #[inline]
    pub(crate) fn enter<R>(&self, run: impl FnOnce(&mut State, Instant, &mut Wakers) -> R) -> R {
        let mut wakers = Wakers::new();
        let (result, earlier) = {
            let now = now();
            let mut state = self.state.lock();
            let result = run(&mut state, now, &mut wakers);
            state.pump(self, &mut wakers);
            (result, state.earlier_deadline())
        };
        if earlier.is_some() {
            self.driver.notify.notify_one();
        }
        self.flush();
        wakers.into_iter().for_each(Waker::wake);
        result
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

    /// What [`Session::close`](crate::Session::close) returns.
    pub(crate) fn close_result(&self) -> Result<(), SessionError> {
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
            state.pump(self, &mut wakers);
            state.shut(&mut wakers);
        }
        self.tell(wakers);
    }

    /// Tells everybody who waits that the session has ended.
    fn tell(&self, mut wakers: Wakers) {
        self.rtcp.close(&mut wakers);
        self.raw.close(&mut wakers);
        self.events.close(&mut wakers);
        self.writers.turn.close();
        self.writers.room.notify_one();
        self.announced.notify_waiters();
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The session's task is gone without having closed it: a panic, or the runtime shut down.
    pub(crate) fn abandon(&self) {
        self.end(SessionError::TaskEnded);
        let mut wakers = Wakers::new();
        self.state.lock().shut(&mut wakers);
        let (unsent, half) = self.outbox.close();
        add(&self.counts.unsent_at_close, unsent);
        drop(half);
        self.tell(wakers);
    }
}

/// Tokio's clock, so that a paused one drives whole sessions.
#[inline]
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
