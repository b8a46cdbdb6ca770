//! The captures under way, so many at a time, and what all of them have lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_pcap_dump::PcapDumpHandle;

/// What their interceptors are called in a chain: one name a place.
const NAMES: [&str; 4] = ["sent-capture-1", "sent-capture-2", "sent-capture-3", "sent-capture-4"];

/// All captures.
#[derive(Debug, Default)]
pub(in crate::relay::control) struct Captures(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    places: [Option<PcapDumpHandle>; NAMES.len()],
    ended: Counts,
}

/// Of captures, those under way and those that have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) under_way: u64,
    pub(super) packets: u64,
    pub(super) dropped: u64,
}

/// One of the places; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    all: Arc<Captures>,
    number: usize,
}

impl Captures {
    /// `None`: there are as many as there may be.
    pub(super) fn take(self: &Arc<Self>, handle: PcapDumpHandle) -> Option<Place> {
        let mut state = self.lock();
        let number = state.places.iter().position(Option::is_none)?;
        *state.places.get_mut(number)? = Some(handle);
        Some(Place { all: Arc::clone(self), number })
    }

    pub(super) fn counts(&self) -> Counts {
        let state = self.lock();
        state.places.iter().flatten().fold(state.ended, |sum, handle| sum.with(handle))
    }

    pub(super) const fn most() -> usize {
        NAMES.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn with(self, handle: &PcapDumpHandle) -> Self {
        let counters = handle.counters();
        Self {
            under_way: self.under_way + 1,
            packets: self.packets + counters.written,
            dropped: self.dropped + counters.dropped + counters.skipped,
        }
    }
}

impl Place {
    pub(super) fn name(&self) -> &'static str {
        NAMES.get(self.number).copied().unwrap_or_default()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.all.lock();
        let Some(handle) = state.places.get_mut(self.number).and_then(Option::take) else { return };
        let ended = state.ended.with(&handle);
        state.ended = Counts { under_way: 0, ..ended };
    }
}
