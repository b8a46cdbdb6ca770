//! Reading levels, from any thread.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::cell::Cell;
use super::level::Level;

/// Reads how loud the remote streams of a factory's connections are. Cheap to clone, `Send` and `Sync`; packets wait for no reader.
///
/// A level is what the sender says, and nobody has checked it (RFC 6464 §4): good enough to choose who is shown, not to be billed.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    streams: Arc<Mutex<Streams>>,
}

#[derive(Debug, Default)]
struct Streams {
    next: u64,
    all: BTreeMap<u64, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    connection: Arc<str>,
    ssrc: u32,
    cell: Arc<Cell>,
}

/// Where a stream's levels stand until it ends.
#[derive(Debug)]
pub(crate) struct Seat {
    number: u64,
    pub(crate) cell: Arc<Cell>,
}

impl Levels {
    /// Of one stream, by its connection's name and its media SSRC; `None` if there is no such stream or no packet has said anything.
    #[must_use]
    pub fn level(&self, connection: &str, ssrc: u32) -> Option<Level> {
        let streams = self.lock();
        let entry =
            streams.all.values().find(|entry| entry.ssrc == ssrc && &*entry.connection == connection)?;
        entry.cell.read()
    }

    /// Of all streams that have said something: the connection's name, the media SSRC, the level. In the order in which they were bound.
    #[must_use]
    pub fn all(&self) -> Vec<(Arc<str>, u32, Level)> {
        let entries: Vec<Entry> = self.lock().all.values().cloned().collect();
        let level = |entry: Entry| Some((entry.connection, entry.ssrc, entry.cell.read()?));
        entries.into_iter().filter_map(level).collect()
    }

    pub(crate) fn join(&self, connection: Arc<str>, ssrc: u32, start: Instant) -> Seat {
        let cell = Arc::new(Cell::new(start));
        let mut streams = self.lock();
        let number = streams.next;
        streams.next += 1;
        streams.all.insert(number, Entry { connection, ssrc, cell: Arc::clone(&cell) });
        Seat { number, cell }
    }

    pub(crate) fn leave(&self, seat: &Seat) {
        self.lock().all.remove(&seat.number);
    }

    /// Nothing is done under the lock that could leave things half done.
    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
