//! An owner's way to a chain that the stack has.

use std::sync::{Arc, Weak};
use std::time::Instant;

use interceptor_core::{Chain, Counters, Event, Layout};

use crate::AdapterCounters;
use crate::shared::{Seat, Shared};

/// Reaches the chain of a connection from any thread, while the stack has it. Keeps nothing alive: everything but its name is `None` once the
/// stack has dropped its interceptors.
///
/// The chain is behind a lock that packets take as well, so what is done with it should be short; doing it from within
/// [`with_chain`](Self::with_chain) of the same handle blocks for ever.
#[derive(Clone, Debug)]
pub struct ChainHandle {
    shared: Weak<Shared>,
    id: Arc<str>,
}

impl ChainHandle {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        let id = Arc::clone(&shared.lock().chain.config().id);
        Self { shared: Arc::downgrade(shared), id }
    }

    /// The connection's name, by which statistics and captures know it; also once the connection is gone.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Does the stack still have the chain?
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.strong_count() > 0
    }

    /// The oldest event that nobody has taken.
    #[must_use]
    pub fn poll_event(&self) -> Option<Event> {
        self.look(|seat| seat.chain.poll_event()).flatten()
    }

    /// What the chain has counted.
    #[must_use]
    pub fn counters(&self) -> Option<Counters> {
        self.look(|seat| seat.chain.counters().clone())
    }

    /// What the adapter has counted.
    #[must_use]
    pub fn adapter_counters(&self) -> Option<AdapterCounters> {
        self.look(|seat| seat.counters)
    }

    /// The interceptors from the wire up, as a table to print.
    #[must_use]
    pub fn layout(&self) -> Option<Layout> {
        self.look(|seat| seat.chain.layout())
    }

    /// Works on the chain: inserts and removes interceptors, publishes facts, looks into states. What comes of it leaves when the
    /// stack polls next, which it does with every packet and timer; no call wakes it.
    pub fn with_chain<R>(&self, work: impl FnOnce(&mut Chain) -> R) -> Option<R> {
        let shared = self.shared.upgrade()?;
        let result = work(&mut shared.lock().chain);
        shared.touch();
        Some(result)
    }

    /// Ends every local stream, so that its goodbye leaves. To be called before the stack's `close`, which sends what waits and only
    /// then tells its interceptors: what they say after that goes nowhere.
    pub fn say_goodbye(&self, now: Instant) {
        let Some(shared) = self.shared.upgrade() else { return };
        shared.lock().say_goodbye(now);
        shared.touch();
    }

    fn look<R>(&self, look: impl FnOnce(&mut Seat) -> R) -> Option<R> {
        let shared = self.shared.upgrade()?;
        let result = look(&mut shared.lock());
        Some(result)
    }
}
