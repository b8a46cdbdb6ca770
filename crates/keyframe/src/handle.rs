//! Reading counters, from any thread.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::side::{Side, lock};
use crate::{AnswerCounters, AskCounters, KeyframeCounters};

/// Reads what the interceptors of a factory count while they run. Cheap to clone, `Send` and `Sync`; packets never wait for it.
///
/// Numbers that are read one after the other may be some packets apart.
#[derive(Clone, Debug, Default)]
pub struct KeyframeHandle {
    book: Arc<Book>,
}

/// All connections of a factory.
#[derive(Debug, Default)]
pub(crate) struct Book {
    state: Mutex<Connections>,
}

#[derive(Debug, Default)]
struct Connections {
    /// By name; several may have the same.
    open: BTreeMap<Arc<str>, Vec<Arc<Side>>>,
    /// What closed connections had counted.
    closed: KeyframeCounters,
}

impl KeyframeHandle {
    /// Of all connections, closed ones included.
    #[must_use]
    pub fn totals(&self) -> KeyframeCounters {
        let state = lock(&self.book.state);
        let mut totals = state.closed;
        state.open.values().flatten().for_each(|side| totals += side.counters());
        totals
    }

    /// Of the open connections of this name, ended streams included; `None` when there is none.
    #[must_use]
    pub fn connection(&self, id: &str) -> Option<KeyframeCounters> {
        let state = lock(&self.book.state);
        let mut totals = KeyframeCounters::default();
        state.open.get(id)?.iter().for_each(|side| totals += side.counters());
        Some(totals)
    }

    /// Of a bound remote stream, by the name of its connection and its media SSRC.
    #[must_use]
    pub fn remote(&self, connection: &str, ssrc: u32) -> Option<AskCounters> {
        lock(&self.book.state).open.get(connection)?.iter().find_map(|side| side.remote(ssrc))
    }

    /// Of a bound local stream, by the name of its connection and its media SSRC.
    #[must_use]
    pub fn local(&self, connection: &str, ssrc: u32) -> Option<AnswerCounters> {
        lock(&self.book.state).open.get(connection)?.iter().find_map(|side| side.local(ssrc))
    }

    pub(crate) const fn book(&self) -> &Arc<Book> {
        &self.book
    }
}

impl Book {
    /// A connection begins.
    pub(crate) fn open(&self, id: &Arc<str>) -> Arc<Side> {
        let side = Arc::new(Side::new(Arc::clone(id)));
        lock(&self.state).open.entry(Arc::clone(id)).or_default().push(Arc::clone(&side));
        side
    }

    /// It ends; once.
    pub(crate) fn close(&self, side: &Arc<Side>) {
        let mut state = lock(&self.state);
        let Some(same_id) = state.open.get_mut(&side.id) else { return };
        let Some(at) = same_id.iter().position(|other| Arc::ptr_eq(other, side)) else { return };
        same_id.swap_remove(at);
        if same_id.is_empty() {
            state.open.remove(&side.id);
        }
        state.closed += side.counters();
    }
}
