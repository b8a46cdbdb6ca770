//! A look at a running stream from outside, and the hand that ends it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Waker;

use crate::clock::Clock;
use crate::{BoxError, Cause, Direction, Meter, Reason, StreamError, StreamStats};

/// What a stream's halves and handles share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) meter: Arc<Meter>,
    reason: OnceLock<Reason>,
    /// Who waits, in each direction, to be woken when the stream is ended by somebody else.
    wakers: Mutex<[Option<Waker>; 2]>,
    /// Wrapped streams of this meter that are not over, and places for more.
    open: Mutex<usize>,
}

impl Shared {
    pub(crate) fn new(clock: Clock, meter: Arc<Meter>) -> Self {
        Self { clock, meter, reason: OnceLock::new(), wakers: Mutex::default(), open: Mutex::new(0) }
    }

    pub(crate) fn register(&self, direction: Direction, waker: &Waker) {
        // Dropped outside the lock: it may be the last to hold a task, and that task the other half of this stream.
        drop(self.exchange(direction, Some(waker)));
    }

    /// Nobody waits in this direction any more.
    pub(crate) fn unregister(&self, direction: Direction) {
        drop(self.exchange(direction, None));
    }

    /// What was there before, if it is another one.
    fn exchange(&self, direction: Direction, waker: Option<&Waker>) -> Option<Waker> {
        let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        let [received, sent] = &mut *wakers;
        let slot = if direction == Direction::Received { received } else { sent };
        match (&*slot, waker) {
            (Some(old), Some(waker)) if old.will_wake(waker) => None,
            _ => std::mem::replace(slot, waker.cloned()),
        }
    }

    /// Ends the stream, in both directions.
    pub(crate) fn end(&self, cause: Cause) {
        self.meter.end(cause);
        self.wake();
    }

    pub(crate) fn wake(&self) {
        let wakers = std::mem::take(&mut *self.wakers.lock().unwrap_or_else(PoisonError::into_inner));
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    /// What who asks is told once the stream was ended.
    pub(crate) fn error<E>(&self) -> Option<StreamError<E>> {
        match (self.meter.ended()?, self.reason.get()) {
            (Cause::Cancelled, Some(reason)) => Some(StreamError::Cancelled(Arc::clone(reason))),
            (Cause::Interceptor { .. }, _) => Some(StreamError::Over),
            (cause, _) => Some(StreamError::Limit(cause)),
        }
    }

    pub(crate) fn opened(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }

    /// The last one takes the time.
    pub(crate) fn closed(&self) -> StreamStats {
        let elapsed = self.clock.elapsed_nanos();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open = open.saturating_sub(1);
        if *open == 0 {
            self.meter.close(elapsed);
        }
        self.meter.stats(elapsed)
    }

    /// True if this is what ended it. Nothing closes it in the meantime: it is either cancelled or at its own end.
    fn cancel(&self, reason: BoxError) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if self.meter.is_closed() || self.reason.set(Reason::from(reason)).is_err() {
            return false;
        }
        let first = self.meter.end(Cause::Cancelled);
        drop(open);
        self.wake();
        first
    }
}

/// The place of a wrapped stream that is yet to be made: until then, or until it is given up, the meter is not closed.
#[derive(Debug)]
pub(crate) struct Place(Arc<Shared>);

impl Place {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        shared.opened();
        Self(Arc::clone(shared))
    }

    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.closed();
    }
}

/// A look at a running stream from outside, and the hand that ends it. Cloned freely; it keeps nothing of the stream alive but its counts.
#[derive(Clone, Debug)]
pub struct StreamHandle {
    pub(crate) shared: Arc<Shared>,
}

impl StreamHandle {
    /// What the stream has done until now; after its end, what it had done by then.
    #[must_use]
    pub fn stats(&self) -> StreamStats {
        self.shared.meter.stats(self.shared.clock.elapsed_nanos())
    }

    /// Ends the stream: whoever waits for it is woken, and gets [`StreamError::Cancelled`] with this reason. True if it was not ended or over before;
    /// a stream is ended once.
    pub fn cancel(&self, reason: impl Into<BoxError>) -> bool {
        self.shared.cancel(reason.into())
    }

    /// True once the stream has come to its end, failed, was ended, or was dropped, and that has been seen by who reads or writes it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shared.meter.is_closed()
    }
}
