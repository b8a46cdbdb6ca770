//! Reading the statistics of all connections, from any thread.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::connection::{Connection, lock};
use crate::snapshot::{ConnectionStats, StreamStats};

/// Reads the statistics of every connection whose chain has an interceptor of the same [`StatsFactory`](crate::StatsFactory).
///
/// Cheap to clone, `Send` and `Sync`. Reading never stops media: packets write their numbers without a lock. The
/// numbers of one snapshot are each right but read one after the other, so they may be some packets apart.
///
/// A stream is there from bind to unbind, a connection from build to close (or drop). Of connections with the same
/// id the newest is read; `snapshot` has them all.
#[derive(Clone, Debug, Default)]
pub struct StatsHandle {
    hub: Arc<Hub>,
}

/// The connections there are.
#[derive(Debug, Default)]
struct Hub {
    connections: Mutex<Connections>,
}

#[derive(Debug, Default)]
struct Connections {
    by_id: BTreeMap<Arc<str>, Vec<Entry>>,
    /// How many there have been.
    opened: u64,
}

/// A connection and its number in the order of opening.
type Entry = (u64, Arc<Connection>);

impl StatsHandle {
    /// The ids of all connections, sorted.
    #[must_use]
    pub fn connections(&self) -> Vec<Arc<str>> {
        lock(&self.hub.connections).by_id.keys().cloned().collect()
    }

    /// A connection with all its streams; `None` when no chain of this id is open.
    #[must_use]
    pub fn connection(&self, id: &str) -> Option<ConnectionStats> {
        self.find(id).map(|connection| connection.snapshot())
    }

    /// What is known of the streams that own an SSRC (media, RTX or FEC); `None` when none is bound.
    #[must_use]
    pub fn stream(&self, id: &str, ssrc: u32) -> Option<StreamStats> {
        self.find(id)?.stream(ssrc)
    }

    /// All connections with all their streams, sorted by id.
    #[must_use]
    pub fn snapshot(&self) -> Vec<ConnectionStats> {
        self.entries().iter().map(|(_, connection)| connection.snapshot()).collect()
    }

    /// Adds to `packets_discarded` of a remote stream: a playout stage that throws packets away because they come too
    /// late or too early tells it here. `false` when no such stream is bound.
    pub fn add_discarded(&self, id: &str, ssrc: u32, packets: u64) -> bool {
        let Some(stream) = self.find(id).and_then(|connection| connection.inbound(ssrc)) else {
            return false;
        };
        stream.add_discarded(packets);
        true
    }

    fn find(&self, id: &str) -> Option<Arc<Connection>> {
        lock(&self.hub.connections).by_id.get(id)?.last().map(|(_, connection)| Arc::clone(connection))
    }

    /// All connections with their numbers, the oldest first.
    #[cfg(feature = "prometheus")]
    pub(crate) fn by_age(&self) -> Vec<(u64, ConnectionStats)> {
        let mut entries = self.entries();
        entries.sort_by_key(|(number, _)| *number);
        entries.iter().map(|(number, connection)| (*number, connection.snapshot())).collect()
    }

    /// Taken out first, so that no snapshot is made under the lock.
    fn entries(&self) -> Vec<Entry> {
        lock(&self.hub.connections).by_id.values().flatten().cloned().collect()
    }

    pub(crate) fn open(&self, connection: &Arc<Connection>) {
        let mut connections = lock(&self.hub.connections);
        let number = connections.opened;
        connections.opened += 1;
        let id = Arc::clone(&connection.id);
        connections.by_id.entry(id).or_default().push((number, Arc::clone(connection)));
    }

    pub(crate) fn end(&self, connection: &Arc<Connection>) {
        let connections = &mut lock(&self.hub.connections).by_id;
        let Some(same_id) = connections.get_mut(&connection.id) else { return };
        same_id.retain(|(_, other)| !Arc::ptr_eq(other, connection));
        if same_id.is_empty() {
            connections.remove(&connection.id);
        }
    }
}
