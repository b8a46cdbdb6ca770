//! Reading delays and counters, from any thread.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::counters::{Cells, JitterBufferCounters, StreamPlayout};

/// Reads the delays and counters of a factory's jitter buffers. Cheap to clone, `Send` and `Sync`; packets are counted without a
/// lock.
#[derive(Clone, Debug, Default)]
pub struct JitterBufferHandle {
    hub: Arc<Hub>,
}

/// All connections of a factory.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By connection, media SSRC, and a number: connections of one name may have a stream of the same SSRC each.
    streams: BTreeMap<(Arc<str>, u32, u32), Arc<Cells>>,
    /// What streams that have ended had counted.
    ended: JitterBufferCounters,
}

impl JitterBufferHandle {
    pub(crate) const fn new(hub: Arc<Hub>) -> Self {
        Self { hub }
    }

    /// What was counted of all streams, ended ones included.
    #[must_use]
    pub fn totals(&self) -> JitterBufferCounters {
        let state = self.hub.lock();
        let mut totals = state.ended;
        state.streams.values().for_each(|cells| totals += cells.counters());
        totals
    }

    /// A stream, by the connection's name and the media SSRC; `None` when it is not bound.
    #[must_use]
    pub fn stream(&self, connection: &str, ssrc: u32) -> Option<StreamPlayout> {
        let state = self.hub.lock();
        let same = state.streams.range((Arc::from(connection), ssrc, 0)..).next();
        same.filter(|((id, of, _), _)| **id == *connection && *of == ssrc).map(|(_, cells)| cells.playout())
    }
}

impl Hub {
    /// Nothing is done under the lock that could leave things half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream begins.
    pub(crate) fn open(&self, connection: &Arc<str>, ssrc: u32) -> Arc<Cells> {
        let cells = Arc::<Cells>::default();
        let mut state = self.lock();
        // One of the few that are free.
        let mut key = (Arc::clone(connection), ssrc, 0);
        while state.streams.contains_key(&key) {
            key.2 += 1;
        }
        state.streams.insert(key, Arc::clone(&cells));
        cells
    }

    /// It ends; once.
    pub(crate) fn close(&self, connection: &Arc<str>, ssrc: u32, cells: &Arc<Cells>) {
        let mut state = self.lock();
        let of_ssrc = (Arc::clone(connection), ssrc, 0)..=(Arc::clone(connection), ssrc, u32::MAX);
        let found = state.streams.range(of_ssrc).find(|(_, other)| Arc::ptr_eq(other, cells));
        let Some(key) = found.map(|(key, _)| key.clone()) else { return };
        state.streams.remove(&key);
        state.ended += cells.counters();
    }
}
