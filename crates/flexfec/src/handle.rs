//! Reading counters and codes, from any thread.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::protection::{Protection, ProtectionCells, ProtectionCounters};
use crate::recovery::{RecoveryCells, RecoveryCounters};

/// Reads what the interceptors of a factory have counted, and how they protect which stream. Cheap to clone, `Send` and `Sync`; packets are
/// counted without a lock.
#[derive(Clone, Debug)]
pub struct FlexFecHandle {
    hub: Arc<Hub>,
    /// Only the connections of this name.
    id: Option<Arc<str>>,
}

/// What was counted of both roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlexFecTotals {
    /// Of protecting local streams.
    pub protection: ProtectionCounters,
    /// Of recovering remote streams.
    pub recovery: RecoveryCounters,
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
    closed: FlexFecTotals,
}

/// One connection, as it is seen from outside.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    pub(crate) protection: Arc<ProtectionCells>,
    pub(crate) recovery: Arc<RecoveryCells>,
}

impl FlexFecHandle {
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
    pub fn totals(&self) -> FlexFecTotals {
        let state = lock(&self.hub.state);
        let mut totals = if self.id.is_none() { state.closed } else { FlexFecTotals::default() };
        self.cells(&state).for_each(|cells| totals += cells.totals());
        totals
    }

    /// How each local stream is protected at present, in the order of their SSRCs.
    #[must_use]
    pub fn protected(&self) -> Vec<Protection> {
        let state = lock(&self.hub.state);
        let mut all: Vec<_> = self.cells(&state).flat_map(|cells| cells.protection.streams()).collect();
        all.sort_unstable_by_key(|stream| stream.ssrc);
        all
    }

    fn cells<'a>(&'a self, state: &'a HubState) -> impl Iterator<Item = &'a Arc<Cells>> {
        let of_id = |id: &Arc<str>| self.id.as_ref().is_none_or(|wanted| wanted == id);
        state.open.iter().filter(move |(id, _)| of_id(id)).flat_map(|(_, cells)| cells)
    }
}

/// Nothing is done under these locks that could leave things half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// A connection begins.
    pub(crate) fn open(&self, id: &Arc<str>) -> Arc<Cells> {
        let cells = Arc::<Cells>::default();
        lock(&self.state).open.entry(Arc::clone(id)).or_default().push(Arc::clone(&cells));
        cells
    }

    /// It ends; once.
    pub(crate) fn close(&self, id: &Arc<str>, cells: &Arc<Cells>) {
        let mut state = lock(&self.state);
        let Some(same_id) = state.open.get_mut(id) else { return };
        let Some(at) = same_id.iter().position(|other| Arc::ptr_eq(other, cells)) else { return };
        same_id.swap_remove(at);
        if same_id.is_empty() {
            state.open.remove(id);
        }
        state.closed += cells.totals();
    }
}

impl Cells {
    fn totals(&self) -> FlexFecTotals {
        FlexFecTotals { protection: self.protection.totals(), recovery: self.recovery.totals() }
    }
}

impl std::ops::AddAssign for FlexFecTotals {
    fn add_assign(&mut self, other: Self) {
        self.protection += other.protection;
        self.recovery += other.recovery;
    }
}
