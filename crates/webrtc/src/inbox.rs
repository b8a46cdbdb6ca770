//! A bounded queue that drops the oldest rather than wait, and that wakes who waits for it.

use std::collections::VecDeque;

use tokio::sync::Notify;

use crate::lock::Lock;

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capacity {
    pub(crate) values: usize,
    pub(crate) bytes: usize,
}

/// What waits for a reader of the host's. Several may read; each value goes to one.
#[derive(Debug)]
pub(crate) struct Inbox<T> {
    inner: Lock<Inner<T>>,
    capacity: Capacity,
    /// Told for each value, and by who takes one that is not the last: no wake is lost with a reader that gives up.
    pub(crate) filled: Notify,
}

#[derive(Debug)]
struct Inner<T> {
    /// Each value with the bytes that it counts for.
    queue: VecDeque<(T, usize)>,
    bytes: usize,
    closed: bool,
}

/// The next value.
pub(crate) enum Next<T> {
    Value(T),
    Empty,
    Closed,
}

impl<T> Inbox<T> {
    pub(crate) const fn new(capacity: Capacity) -> Self {
        let inner = Inner { queue: VecDeque::new(), bytes: 0, closed: false };
        Self { inner: Lock::new(inner), capacity, filled: Notify::const_new() }
    }

    /// Adds a value that counts for so many bytes. Returns how many had to go: the oldest, for it, or itself if it is larger
    /// than all that may wait or nobody reads any more.
    pub(crate) fn push(&self, value: T, bytes: usize) -> u64 {
        let mut inner = self.inner.lock();
        if inner.closed || bytes > self.capacity.bytes || self.capacity.values == 0 {
            return 1;
        }
        let mut dropped = 0;
        while inner.queue.len() >= self.capacity.values || inner.bytes + bytes > self.capacity.bytes {
            let Some((_, oldest)) = inner.queue.pop_front() else { break };
            inner.bytes -= oldest;
            dropped += 1;
        }
        inner.bytes += bytes;
        inner.queue.push_back((value, bytes));
        drop(inner);
        self.filled.notify_one();
        dropped
    }

    /// The oldest value. What was there when it was closed can still be read.
    pub(crate) fn next(&self) -> Next<T> {
        let mut inner = self.inner.lock();
        if let Some((value, bytes)) = inner.queue.pop_front() {
            inner.bytes -= bytes;
            if inner.queue.is_empty() {
                // A burst must not stay in memory.
                inner.queue = VecDeque::new();
            } else {
                // One wake is kept, however many values came before anybody waited.
                self.filled.notify_one();
            }
            return Next::Value(value);
        }
        if !inner.closed {
            return Next::Empty;
        }
        // Whoever else waits is told, too.
        self.filled.notify_one();
        Next::Closed
    }

    /// The oldest value, when there is one. `None`: closed and empty.
    pub(crate) async fn recv(&self) -> Option<T> {
        loop {
            match self.next() {
                Next::Value(value) => return Some(value),
                Next::Closed => return None,
                Next::Empty => self.filled.notified().await,
            }
        }
    }

    /// Nothing comes any more.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
        self.filled.notify_one();
    }
}
