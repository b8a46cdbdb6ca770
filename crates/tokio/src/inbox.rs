//! A bounded queue with one reader that drops the oldest rather than wait.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use smallvec::SmallVec;

use crate::lock::Lock;

/// Readers to wake once the locks are released.
pub(crate) type Wakers = SmallVec<[Waker; 8]>;

/// What came in for one reader. Filling it never waits; who reads too slowly loses the oldest.
#[derive(Debug)]
pub(crate) struct Inbox<T> {
    inner: Lock<Inner<T>>,
    capacity: usize,
}

#[derive(Debug)]
struct Inner<T> {
    queue: VecDeque<T>,
    reader: Option<Waker>,
    dropped: u64,
    closed: bool,
}

/// An empty queue keeps room for this many; a burst must not stay in memory.
const KEEP: usize = 128;

impl<T> Inner<T> {
    #[inline]
    fn pop(&mut self) -> Option<T> {
        let value = self.queue.pop_front();
        self.shrink();
        value
    }

    #[inline]
    fn shrink(&mut self) {
        if self.queue.is_empty() && self.queue.capacity() > KEEP {
            self.queue = VecDeque::new();
        }
    }
}

impl<T> Inbox<T> {
    pub(crate) const fn new(capacity: usize) -> Self {
        let inner = Inner { queue: VecDeque::new(), reader: None, dropped: 0, closed: false };
        Self { inner: Lock::new(inner), capacity }
    }

    /// Adds a value; `true`: the oldest had to go for it. The reader, if it waits, joins `wakers`.
    #[inline]
    pub(crate) fn push(&self, value: T, wakers: &mut Wakers) -> bool {
        let mut inner = self.inner.lock();
        if inner.closed {
            return false;
        }
        let full = inner.queue.len() >= self.capacity;
        if full {
            inner.queue.pop_front();
            inner.dropped += 1;
        }
        inner.queue.push_back(value);
        if let Some(reader) = inner.reader.take() {
            wakers.push(reader);
        }
        full
    }

    /// The oldest value; `None` when the inbox is closed and empty.
    pub(crate) fn poll_pop(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let mut inner = self.inner.lock();
        if let Some(value) = inner.pop() {
            return Poll::Ready(Some(value));
        }
        if inner.closed {
            return Poll::Ready(None);
        }
        if !inner.reader.as_ref().is_some_and(|reader| reader.will_wake(cx.waker())) {
            let before = inner.reader.replace(cx.waker().clone());
            // Dropping a waker may run anybody's code: not under the lock.
            drop(inner);
            drop(before);
        }
        Poll::Pending
    }

    pub(crate) fn try_pop(&self) -> Option<T> {
        self.inner.lock().pop()
    }

    /// Moves up to `max` values to `out`.
    pub(crate) fn drain(&self, out: &mut Vec<T>, max: usize) -> usize {
        let mut inner = self.inner.lock();
        let count = inner.queue.len().min(max);
        out.extend(inner.queue.drain(..count));
        inner.shrink();
        count
    }

    pub(crate) fn len(&self) -> usize {
        self.inner.lock().queue.len()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.inner.lock().dropped
    }

    /// Nothing comes any more; what is queued can still be read.
    pub(crate) fn close(&self, wakers: &mut Wakers) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        wakers.extend(inner.reader.take());
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::{Inbox, Wakers};

    #[test]
    fn drops_the_oldest_when_full() {
        let inbox = Inbox::new(2);
        let dropped = [1, 2, 3].map(|value| inbox.push(value, &mut Wakers::new()));
        assert_eq!(dropped, [false, false, true]);
        assert_eq!((inbox.try_pop(), inbox.try_pop(), inbox.try_pop()), (Some(2), Some(3), None));
        assert_eq!(inbox.dropped(), 1);
    }

    #[test]
    fn gives_what_is_left_after_closing() {
        let (inbox, mut wakers) = (Inbox::new(2), Wakers::new());
        let cx = Context::from_waker(Waker::noop());
        assert_eq!(inbox.poll_pop(&cx), Poll::Pending);
        inbox.push(1, &mut wakers);
        assert_eq!(wakers.len(), 1);
        inbox.close(&mut wakers);
        assert!(!inbox.push(2, &mut wakers));
        assert_eq!((inbox.poll_pop(&cx), inbox.poll_pop(&cx)), (Poll::Ready(Some(1)), Poll::Ready(None)));
    }
}
