//! What the parts of a call share: the handler's future, both bodies, and the handles outside.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use atomic_waker::AtomicWaker;
use interceptor_stream::{Cause, Meter};
use tokio::time::Instant;
use tonic::Status;

use super::CallInfo;
use crate::span::CallSpan;
use crate::status;

/// Which end of the connection the layer is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Requests are received, responses sent.
    Server,
    /// Requests are sent, responses received.
    Client,
}

/// Shared by the parts of a call. The first cause of its end stays; all parts are woken by it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) info: CallInfo,
    pub(crate) meter: Arc<Meter>,
    pub(crate) side: Side,
    pub(crate) span: CallSpan,
    origin: Instant,
    /// Whether any limit asks for the time; else the clock is not read for messages.
    timed: bool,
    deadline: bool,
    /// What the peer is told, if the cause is [`Cause::Cancelled`].
    cancelled: OnceLock<Status>,
    panicked: AtomicBool,
    /// The response was given up before its end.
    pub(super) abandoned: AtomicBool,
    /// Who polls the handler, then the response.
    pub(crate) answering: AtomicWaker,
    /// Who polls the request's body.
    pub(crate) requesting: AtomicWaker,
}

impl Shared {
    pub(super) fn new(
        info: CallInfo,
        meter: Arc<Meter>,
        side: Side,
        span: CallSpan,
        origin: Instant,
    ) -> Self {
        let limits = meter.limits();
        let deadline = limits.max_duration.is_some() || limits.max_idle.is_some();
        let paces = [limits.received, limits.sent, limits.both];
        let timed = deadline || paces.iter().any(|pace| !pace.is_unlimited());
        Self {
            info,
            side,
            span,
            origin,
            timed,
            deadline,
            meter,
            cancelled: OnceLock::new(),
            panicked: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
            answering: AtomicWaker::new(),
            requesting: AtomicWaker::new(),
        }
    }

    /// Nanoseconds since the call began, for a message: 0 if nobody wants to know.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        if self.timed { self.elapsed() } else { 0 }
    }

    /// Nanoseconds since the call began.
    #[inline]
    pub(crate) fn elapsed(&self) -> u64 {
        let elapsed = self.origin.elapsed();
        elapsed.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(elapsed.subsec_nanos()))
    }

    /// The instant of a time of the meter's; `None` if no clock gets there.
    pub(crate) fn instant(&self, nanos: u64) -> Option<Instant> {
        self.origin.checked_add(Duration::from_nanos(nanos))
    }

    /// Bytes of a message have come: not idle. Ends the call if it has been open for too long, should no timer have been polled meanwhile.
    #[inline]
    pub(crate) fn moved(&self, now: u64) {
        if self.deadline {
            self.meter.moved(now);
            if let Some(cause) = self.meter.expired(now) {
                self.end(cause);
            }
        }
    }

    /// True once something has ended the call before its time.
    #[inline]
    pub(crate) fn is_ended(&self) -> bool {
        self.meter.ended().is_some()
    }

    /// What the peer is told of that.
    pub(crate) fn status(&self) -> Option<Status> {
        match self.meter.ended()? {
            cause @ Cause::Cancelled => {
                Some(self.cancelled.get().cloned().unwrap_or_else(|| status::of_cause(cause)))
            }
            cause => Some(status::of_cause(cause)),
        }
    }

    /// What becomes of the request once the call has been ended or is over: an error, or a clean end. `None` as long as it goes on.
    #[inline]
    pub(crate) fn cut(&self) -> Option<Option<Status>> {
        if self.is_ended() || self.meter.is_closed() { Some(self.cut_with()) } else { None }
    }

    #[cold]
    fn cut_with(&self) -> Option<Status> {
        let ended = self.status();
        match self.side {
            Side::Server => {
                Some(ended.map_or_else(|| Status::aborted("the call is over"), status::for_reader))
            }
            Side::Client if ended.is_some() => ended.map(status::resetting),
            Side::Client if self.abandoned.load(Ordering::Relaxed) => {
                Some(status::resetting(Status::cancelled("the response was dropped")))
            }
            // The server has answered, and waits for nothing.
            Side::Client => None,
        }
    }

    /// Ends the call, unless it has been or is over.
    pub(crate) fn end(&self, cause: Cause) {
        if !self.meter.is_closed() && self.meter.end(cause) {
            self.wake();
        }
    }

    /// Ends the call with a status of somebody's own. False if it was ended or over already.
    pub(crate) fn cancel(&self, status: Status) -> bool {
        // Whoever is second here has lost, or the cause is a limit and nobody asks for the status.
        if self.meter.is_closed() || self.cancelled.set(status).is_err() || !self.meter.end(Cause::Cancelled)
        {
            return false;
        }
        self.wake();
        true
    }

    /// Around what belongs to others, so that a call whose handler panics is not taken for one whose client has gone.
    #[inline]
    pub(crate) fn guard(&self) -> Guard<'_> {
        Guard(&self.panicked)
    }

    pub(crate) fn has_panicked(&self) -> bool {
        self.panicked.load(Ordering::Relaxed)
    }

    /// All parts look at the cause.
    pub(crate) fn wake(&self) {
        self.answering.wake();
        self.requesting.wake();
    }
}

/// Sees whether it is dropped by a panic.
pub(crate) struct Guard<'a>(&'a AtomicBool);

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}
