//! One source, any number of readers with a bounded inbox each.

use std::sync::Arc;

use crate::inbox::{Capacity, Inbox, Wakers};
use crate::lock::Lock;

/// Hands every value to every reader. The first reader also gets what came before it subscribed, so that nothing of a
/// session's start is lost; once all readers are gone values are dropped at once.
#[derive(Debug)]
pub(crate) struct Broadcast<T> {
    inner: Lock<Inner<T>>,
    capacity: Capacity<T>,
}

#[derive(Debug)]
struct Inner<T> {
    readers: Vec<Arc<Inbox<T>>>,
    /// The first inbox waits for its reader.
    unclaimed: bool,
    closed: bool,
}

impl<T: Clone> Broadcast<T> {
    pub(crate) fn new(capacity: Capacity<T>) -> Self {
        let readers = vec![Arc::new(Inbox::new(capacity.clone()))];
        Self { inner: Lock::new(Inner { readers, unclaimed: true, closed: false }), capacity }
    }

    /// Returns how many values readers lost by it, all together.
    pub(crate) fn publish(&self, value: T, wakers: &mut Wakers) -> usize {
        let inner = self.inner.lock();
        let Some((last, others)) = inner.readers.split_last() else { return 0 };
        let lost: usize = others.iter().map(|reader| reader.push(value.clone(), wakers)).sum();
        lost + last.push(value, wakers)
    }

    pub(crate) fn subscribe(&self) -> Arc<Inbox<T>> {
        let mut inner = self.inner.lock();
        if let (true, Some(first)) = (inner.unclaimed, inner.readers.first()) {
            let first = Arc::clone(first);
            inner.unclaimed = false;
            return first;
        }
        let inbox = Arc::new(Inbox::new(self.capacity.clone()));
        if inner.closed {
            inbox.close(&mut Wakers::new());
        } else {
            inner.readers.push(Arc::clone(&inbox));
        }
        inbox
    }

    pub(crate) fn unsubscribe(&self, reader: &Arc<Inbox<T>>) {
        self.inner.lock().readers.retain(|other| !Arc::ptr_eq(other, reader));
    }

    pub(crate) fn close(&self, wakers: &mut Wakers) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        inner.readers.iter().for_each(|reader| reader.close(wakers));
    }
}

#[cfg(test)]
mod tests {
    use super::Broadcast;
    use crate::inbox::{Capacity, Wakers};

    const FOUR: Capacity<i32> = Capacity { values: 4, bytes: 0, measure: |_| 0, budget: None };

    #[test]
    fn the_first_reader_gets_what_came_before_it_and_later_ones_do_not() {
        let (broadcast, mut wakers) = (Broadcast::new(FOUR), Wakers::new());
        broadcast.publish(1, &mut wakers);
        let (first, second) = (broadcast.subscribe(), broadcast.subscribe());
        broadcast.publish(2, &mut wakers);
        assert_eq!((first.try_pop(), first.try_pop()), (Some(1), Some(2)));
        assert_eq!((second.try_pop(), second.try_pop()), (Some(2), None));
    }

    #[test]
    fn keeps_nothing_for_readers_that_are_gone() {
        let (broadcast, mut wakers) = (Broadcast::new(FOUR), Wakers::new());
        let first = broadcast.subscribe();
        broadcast.unsubscribe(&first);
        broadcast.publish(1, &mut wakers);
        assert_eq!((first.len(), broadcast.subscribe().len()), (0, 0));
    }
}
