//! A bounded queue with one reader that drops the oldest rather than wait.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use crate::lock::Lock;
use crate::receive_budget::{Held, ReceiveBudget};

/// Readers to wake once the locks are released.
pub(crate) type Wakers = Vec<Waker>;

/// How much may wait for a reader.
#[derive(Debug)]
pub(crate) struct Capacity<T> {
    pub(crate) values: usize,
    pub(crate) bytes: usize,
    /// The bytes that a value counts for.
    pub(crate) measure: fn(&T) -> usize,
    /// What it shares with others.
    pub(crate) budget: Option<ReceiveBudget>,
}

impl<T> Clone for Capacity<T> {
    fn clone(&self) -> Self {
        Self { budget: self.budget.clone(), ..*self }
    }
}

/// What came in for one reader. Filling it never waits; who reads too slowly loses the oldest.
#[derive(Debug)]
pub(crate) struct Inbox<T> {
    inner: Lock<Inner<T>>,
    capacity: Capacity<T>,
}

#[derive(Debug)]
struct Inner<T> {
    queue: VecDeque<T>,
    /// What the queue's values count for.
    held: Held,
    reader: Option<Waker>,
    dropped: u64,
    closed: bool,
}

/// An empty queue keeps room for this many; a burst must not stay in memory.
const KEEP: usize = 128;

impl<T> Inner<T> {
    #[inline]
    fn pop(&mut self, capacity: &Capacity<T>) -> Option<T> {
        let value = self.queue.pop_front();
        self.held.give_back(value.as_ref().map_or(0, capacity.measure));
        self.shrink();
        value
    }

    /// Drops the oldest until there is room for another value of `bytes`, and takes that; how many were dropped, and `false` if
    /// there is no room all the same, as others hold what they share with this.
    #[inline]
    fn make_room(&mut self, capacity: &Capacity<T>, bytes: usize) -> (usize, bool) {
        let mut dropped = 0;
        loop {
            let full = self.queue.len() >= capacity.values || self.held.bytes() + bytes > capacity.bytes;
            if !full && self.held.take(bytes) {
                return (dropped, true);
            }
            let Some(oldest) = self.queue.pop_front() else { return (dropped, false) };
            self.held.give_back((capacity.measure)(&oldest));
            dropped += 1;
        }
    }

    #[inline]
    fn shrink(&mut self) {
        if self.queue.is_empty() && self.queue.capacity() > KEEP {
            self.queue = VecDeque::new();
        }
    }
}

impl<T> Inbox<T> {
    pub(crate) fn new(capacity: Capacity<T>) -> Self {
        let held = Held::new(capacity.budget.clone());
        let inner = Inner { queue: VecDeque::new(), held, reader: None, dropped: 0, closed: false };
        Self { inner: Lock::new(inner), capacity }
    }

    /// Adds a value; returns how many had to go: the oldest, for it, or itself if it is larger than all that may wait. The
    /// reader, if it waits, joins `wakers`.
    #[inline]
    pub(crate) fn push(&self, value: T, wakers: &mut Wakers) -> usize {
        let bytes = (self.capacity.measure)(&value);
        let mut inner = self.inner.lock();
        if inner.closed {
            return 1;
        }
        if bytes > self.capacity.bytes || self.capacity.values == 0 {
            inner.dropped += 1;
            return 1;
        }
        let (dropped, has_room) = inner.make_room(&self.capacity, bytes);
        if !has_room {
            inner.dropped += dropped as u64 + 1;
            return dropped + 1;
        }
        inner.dropped += dropped as u64;
        inner.queue.push_back(value);
        if let Some(reader) = inner.reader.take() {
            wakers.push(reader);
        }
        dropped
    }

    /// The oldest value; `None` when the inbox is closed and empty.
    pub(crate) fn poll_pop(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let mut inner = self.inner.lock();
        if let Some(value) = inner.pop(&self.capacity) {
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

    /// Gives up to `max` values to `take`, the oldest first; `false`: the inbox is closed and empty.
    #[cfg(feature = "udp")]
    pub(crate) fn poll_drain(&self, cx: &Context<'_>, max: usize, mut take: impl FnMut(T)) -> Poll<bool> {
        match self.poll_pop(cx) {
            Poll::Ready(Some(value)) => take(value),
            Poll::Ready(None) => return Poll::Ready(false),
            Poll::Pending => return Poll::Pending,
        }
        let mut inner = self.inner.lock();
        for _ in 1..max {
            let Some(value) = inner.pop(&self.capacity) else { break };
            take(value);
        }
        Poll::Ready(true)
    }

    pub(crate) fn try_pop(&self) -> Option<T> {
        self.inner.lock().pop(&self.capacity)
    }

    /// Moves up to `max` values to `out`.
    pub(crate) fn drain(&self, out: &mut Vec<T>, max: usize) -> usize {
        let mut inner = self.inner.lock();
        let count = inner.queue.len().min(max);
        let before = out.len();
        out.extend(inner.queue.drain(..count));
        // Nothing to measure if nothing is left, which is the rule.
        if inner.queue.is_empty() {
            inner.held.give_back_all();
        } else {
            inner.held.give_back(out.iter().skip(before).map(self.capacity.measure).sum());
        }
        inner.shrink();
        count
    }

    pub(crate) fn len(&self) -> usize {
        self.inner.lock().queue.len()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.inner.lock().dropped
    }

    /// Closes it and drops what is queued; returns how many that were.
    #[cfg(feature = "udp")]
    pub(crate) fn clear(&self) -> usize {
        let mut inner = self.inner.lock();
        inner.closed = true;
        inner.held.give_back_all();
        let queue = std::mem::take(&mut inner.queue);
        drop(inner);
        queue.len()
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

    use super::{Capacity, Inbox, Wakers};
    use crate::receive_budget::ReceiveBudget;

    /// Values count for themselves.
    fn inbox(values: usize, bytes: usize) -> Inbox<usize> {
        Inbox::new(Capacity { values, bytes, measure: |value| *value, budget: None })
    }

    fn sharing(budget: &ReceiveBudget) -> Inbox<usize> {
        Inbox::new(Capacity {
            values: 100,
            bytes: 100,
            measure: |value| *value,
            budget: Some(budget.clone()),
        })
    }

    fn push(inbox: &Inbox<usize>, values: &[usize]) -> Vec<usize> {
        values.iter().map(|value| inbox.push(*value, &mut Wakers::new())).collect()
    }

    fn rest(inbox: &Inbox<usize>) -> Vec<usize> {
        std::iter::from_fn(|| inbox.try_pop()).collect()
    }

    #[test]
    fn drops_the_oldest_when_full() {
        let inbox = inbox(2, 100);
        assert_eq!(push(&inbox, &[1, 2, 3]), [0, 0, 1]);
        assert_eq!((rest(&inbox), inbox.dropped()), (vec![2, 3], 1));
    }

    #[test]
    fn bytes_count_as_well_and_are_given_back_however_values_leave() {
        let inbox = inbox(100, 10);
        assert_eq!(push(&inbox, &[4, 5, 1, 7]), [0, 0, 0, 2]);
        assert_eq!((rest(&inbox), inbox.dropped()), (vec![1, 7], 2));
        assert_eq!(push(&inbox, &[3, 3, 3]), [0, 0, 0]);
        assert_eq!(inbox.drain(&mut Vec::new(), 2), 2);
        assert_eq!(push(&inbox, &[7, 1]), [0, 1]);
        assert_eq!(rest(&inbox), [7, 1]);
    }

    #[test]
    fn a_value_larger_than_everything_goes_itself() {
        let inbox = inbox(100, 10);
        assert_eq!(push(&inbox, &[4, 11, 5]), [0, 1, 0]);
        assert_eq!((rest(&inbox), inbox.dropped()), (vec![4, 5], 1));
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let inbox = inbox(0, 10);
        assert_eq!((push(&inbox, &[1, 0]), inbox.dropped(), inbox.len()), (vec![1, 1], 2, 0));
    }

    #[test]
    fn where_others_hold_what_is_shared_the_own_oldest_go_and_then_the_value_itself() {
        let budget = ReceiveBudget::new(20).with_assured(5);
        let (greedy, other) = (sharing(&budget), sharing(&budget));
        assert_eq!(push(&greedy, &[9, 9, 7]), [0, 0, 0]);
        assert_eq!(push(&other, &[3, 2, 1, 4, 6]), [0, 0, 1, 1, 3]);
        assert_eq!((other.len(), other.dropped()), (0, 5));
        assert_eq!(push(&other, &[5]), [0]);
        assert_eq!((rest(&greedy), greedy.dropped(), budget.used()), (vec![9, 9, 7], 0, 0));
        assert_eq!(push(&other, &[20]), [0]);
        drop(other);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn gives_what_is_left_after_closing() {
        let (inbox, mut wakers) = (inbox(2, 100), Wakers::new());
        let cx = Context::from_waker(Waker::noop());
        assert_eq!(inbox.poll_pop(&cx), Poll::Pending);
        inbox.push(1, &mut wakers);
        assert_eq!(wakers.len(), 1);
        inbox.close(&mut wakers);
        assert_eq!(inbox.push(2, &mut wakers), 1);
        assert_eq!((inbox.poll_pop(&cx), inbox.poll_pop(&cx)), (Poll::Ready(Some(1)), Poll::Ready(None)));
    }
}
