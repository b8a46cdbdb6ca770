//! The captures under way, so many at a time, and what all of them have lost.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use interceptor_pcap_dump::PcapDumpHandle;

/// What their interceptors are called in a chain: one name a place.
const NAMES: [&str; 4] = ["sent-capture-1", "sent-capture-2", "sent-capture-3", "sent-capture-4"];

/// All captures.
#[derive(Debug, Default)]
pub(in crate::relay::control) struct Captures(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    places: [Option<Arc<Tally>>; NAMES.len()],
    ended: Counts,
}

/// What one capture counts, from any thread.
#[derive(Debug, Default)]
pub(super) struct Tally {
    packets: AtomicU64,
    /// Of what finds no room; known once there is something that can.
    queue: OnceLock<PcapDumpHandle>,
}

/// Of captures, those under way and those that have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) under_way: u64,
    pub(super) packets: u64,
    pub(super) dropped: u64,
}

/// One of the places; free again when it is dropped, and what was counted stays.
#[derive(Debug)]
pub(super) struct Place {
    all: Arc<Captures>,
    number: usize,
    tally: Arc<Tally>,
}

impl Captures {
    /// `None`: there are as many as there may be.
    pub(super) fn take(self: &Arc<Self>) -> Option<Place> {
        let (mut state, tally) = (self.lock(), Arc::<Tally>::default());
        let number = state.places.iter().position(Option::is_none)?;
        *state.places.get_mut(number)? = Some(Arc::clone(&tally));
        Some(Place { all: Arc::clone(self), number, tally })
    }

    pub(super) fn counts(&self) -> Counts {
        let state = self.lock();
        state.places.iter().flatten().fold(state.ended, |sum, tally| sum.with(tally))
    }

    pub(super) const fn most() -> usize {
        NAMES.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn with(self, tally: &Tally) -> Self {
        Self {
            under_way: self.under_way + 1,
            packets: self.packets + tally.packets(),
            dropped: self.dropped + tally.dropped(),
        }
    }
}

impl Tally {
    pub(super) fn add_packet(&self) {
        self.packets.fetch_add(1, Relaxed);
    }

    pub(super) fn count_with(&self, queue: PcapDumpHandle) {
        // It is said once.
        let _ = self.queue.set(queue);
    }

    pub(super) fn packets(&self) -> u64 {
        self.packets.load(Relaxed)
    }

    pub(super) fn dropped(&self) -> u64 {
        self.queue.get().map_or(0, |queue| {
            let counters = queue.counters();
            counters.dropped + counters.skipped
        })
    }
}

impl Place {
    pub(super) fn name(&self) -> &'static str {
        NAMES.get(self.number).copied().unwrap_or_default()
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.all.lock();
        let Some(tally) = state.places.get_mut(self.number).and_then(Option::take) else { return };
        let ended = state.ended.with(&tally);
        state.ended = Counts { under_way: 0, ..ended };
    }
}
