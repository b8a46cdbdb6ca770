//! What the queues of many sessions may hold together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes that wait to be read in every session that has been given a clone of this, all together: what ten thousand slow readers can make
/// a process hold.
///
/// Each queue has its [`assured`](Self::with_assured) bytes in any case, so those who read in time lose nothing by others who do not. What
/// queues hold beyond comes out of the budget; a queue that finds nothing left there drops its own oldest, counted as when it is full. So `n` queues
/// hold at most `n` times the assured bytes and the budget. A session has a queue for each remote stream, and one for each reader of RTCP and of other
/// protocols; in a `UdpMux` one more.
#[derive(Clone, Debug)]
pub struct ReceiveBudget {
    common: Arc<Common>,
    /// What each queue may hold beside.
    assured: usize,
}

#[derive(Debug)]
struct Common {
    used: AtomicUsize,
    limit: usize,
}

/// A dozen large packets: what comes within one turn of whoever reads.
const ASSURED: usize = 16 << 10;

impl ReceiveBudget {
    /// So many bytes for all. 0: each queue has what it is assured of.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self { common: Arc::new(Common { used: AtomicUsize::new(0), limit: bytes }), assured: ASSURED }
    }

    /// Bytes that each queue of those who get this clone may hold beside the budget. Default 16 KiB: a dozen large packets, which is what comes
    /// within one turn of whoever reads. With less than the largest datagram (64 KiB) one that large may find no room in an empty queue.
    #[must_use]
    pub const fn with_assured(mut self, bytes: usize) -> Self {
        self.assured = bytes;
        self
    }

    /// The bytes for all.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.common.limit
    }

    /// Those that queues hold now, without what they are assured of.
    #[must_use]
    pub fn used(&self) -> usize {
        self.common.used.load(Relaxed)
    }

    fn borrowed(&self, held: usize) -> usize {
        held.saturating_sub(self.assured)
    }
}

/// The same budget, and as much assured?
impl PartialEq for ReceiveBudget {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.common, &other.common) && self.assured == other.assured
    }
}

impl Eq for ReceiveBudget {}

/// The bytes that one queue holds, some of them out of a budget.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: usize,
    budget: Option<ReceiveBudget>,
}

impl Held {
    pub(crate) const fn new(budget: Option<ReceiveBudget>) -> Self {
        Self { bytes: 0, budget }
    }

    #[inline]
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// `false`: the budget has not as much left, and nothing has changed.
    #[inline]
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        let held = self.bytes + bytes;
        if let Some(budget) = &self.budget {
            let more = budget.borrowed(held) - budget.borrowed(self.bytes);
            // Relaxed: it is a count, and guards nothing else. Two who find it full together may both be refused.
            let used = &budget.common.used;
            if more > 0 && used.fetch_add(more, Relaxed) + more > budget.common.limit {
                used.fetch_sub(more, Relaxed);
                return false;
            }
        }
        self.bytes = held;
        true
    }

    #[inline]
    pub(crate) fn give_back(&mut self, bytes: usize) {
        let held = self.bytes.saturating_sub(bytes);
        if let Some(budget) = &self.budget {
            let less = budget.borrowed(self.bytes) - budget.borrowed(held);
            if less > 0 {
                budget.common.used.fetch_sub(less, Relaxed);
            }
        }
        self.bytes = held;
    }

    pub(crate) fn give_back_all(&mut self) {
        self.give_back(self.bytes);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.give_back_all();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Held, ReceiveBudget};

    #[test]
    fn what_is_assured_is_there_when_others_have_taken_all_else() {
        let budget = ReceiveBudget::new(100).with_assured(10);
        let mut greedy = Held::new(Some(budget.clone()));
        assert!(greedy.take(110) && !greedy.take(1));
        let mut other = Held::new(Some(budget.clone()));
        assert!(other.take(10) && !other.take(1));
        greedy.give_back(1);
        assert!(other.take(1) && !other.take(1));
        assert_eq!((budget.used(), budget.limit()), (100, 100));
        drop((greedy, other));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn budgets_are_the_same_only_if_they_are_shared() {
        let budget = ReceiveBudget::new(1);
        assert_eq!(budget, budget.clone());
        assert_ne!(budget, ReceiveBudget::new(1));
        assert_ne!(budget, budget.clone().with_assured(1));
    }

    proptest! {
        #[test]
        fn it_is_never_overdrawn_and_all_comes_back(steps in prop::collection::vec((0..4_usize, any::<bool>(), 0..50_usize), 0..200)) {
            let budget = ReceiveBudget::new(60).with_assured(7);
            let mut queues: Vec<_> = (0..4).map(|_| Held::new(Some(budget.clone()))).collect();
            for (at, takes, bytes) in steps {
                let before = queues[at].bytes();
                if takes {
                    let taken = queues[at].take(bytes);
                    prop_assert_eq!(queues[at].bytes(), before + if taken { bytes } else { 0 });
                } else {
                    queues[at].give_back(bytes.min(before));
                }
                let beyond: usize = queues.iter().map(|queue| queue.bytes().saturating_sub(7)).sum();
                prop_assert_eq!(beyond, budget.used());
                prop_assert!(beyond <= 60);
            }
            drop(queues);
            prop_assert_eq!(budget.used(), 0);
        }
    }
}
