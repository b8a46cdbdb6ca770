//! Reading queues and counters, from any thread.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::counters::{Cells, PacerTotals, Queue};

/// Reads the queues and counters of a factory's pacers. Cheap to clone, `Send` and `Sync`; packets are counted without a lock.
#[derive(Clone, Debug)]
pub struct PacerHandle {
    hub: Arc<Hub>,
    /// Only the connections of this name.
    id: Option<Arc<str>>,
}

/// All connections of a factory.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    state: Mutex<HubState>,
}

#[derive(Debug, Default)]
struct HubState {
    open: BTreeMap<Arc<str>, Vec<Arc<Cells>>>,
    /// What closed connections had counted.
    closed: PacerTotals,
}

impl PacerHandle {
    pub(crate) const fn new(hub: Arc<Hub>) -> Self {
        Self { hub, id: None }
    }

    /// The same for connections of this name only, whether there are any or not.
    #[must_use]
    pub fn connection(&self, id: &str) -> Self {
        Self { hub: Arc::clone(&self.hub), id: Some(id.into()) }
    }

    /// What was counted; closed connections included unless this is one [`connection`](Self::connection)'s.
    #[must_use]
    pub fn totals(&self) -> PacerTotals {
        let state = self.hub.lock();
        let mut totals = if self.id.is_none() { state.closed } else { PacerTotals::default() };
        self.cells(&state).for_each(|cells| totals += cells.totals());
        totals
    }

    /// What waits: of the connection with the longest queue, where this is not one [`connection`](Self::connection)'s.
    #[must_use]
    pub fn queue(&self) -> Queue {
        let state = self.hub.lock();
        self.cells(&state)
            .map(|cells| cells.queue())
            .max_by_key(|queue| (queue.time, queue.bytes))
            .unwrap_or_default()
    }

    fn cells<'a>(&'a self, state: &'a HubState) -> impl Iterator<Item = &'a Arc<Cells>> {
        let of_id = |id: &Arc<str>| self.id.as_ref().is_none_or(|wanted| wanted == id);
        state.open.iter().filter(move |(id, _)| of_id(id)).flat_map(|(_, cells)| cells)
    }
}

impl Hub {
    /// Nothing is done under the lock that could leave things half done.
    fn lock(&self) -> MutexGuard<'_, HubState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection begins.
    pub(crate) fn open(&self, id: &Arc<str>) -> Arc<Cells> {
        let cells = Arc::<Cells>::default();
        self.lock().open.entry(Arc::clone(id)).or_default().push(Arc::clone(&cells));
        cells
    }

    /// It ends; once.
    pub(crate) fn close(&self, id: &Arc<str>, cells: &Arc<Cells>) {
        let mut state = self.lock();
        let Some(same_id) = state.open.get_mut(id) else { return };
        let Some(at) = same_id.iter().position(|other| Arc::ptr_eq(other, cells)) else { return };
        same_id.swap_remove(at);
        if same_id.is_empty() {
            state.open.remove(id);
        }
        cells.end_all();
        state.closed += cells.totals();
    }
}
