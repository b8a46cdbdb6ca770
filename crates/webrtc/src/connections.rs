//! The connections that a builder has made.

use std::sync::{Arc, Weak};

use crate::ChainHandle;
use crate::connection::Connection;
use crate::lock::Lock;

/// The connections of one [`ChainBuilder`](crate::ChainBuilder): it does not keep them.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    made: Arc<Lock<Made>>,
}

#[derive(Debug, Default)]
struct Made {
    /// In the order of making.
    connections: Vec<Weak<Connection>>,
    /// How many there were when those that are gone were last forgotten.
    swept: usize,
    count: u64,
}

/// So many are not worth looking for those that are gone.
const FEW: usize = 16;

impl Connections {
    /// A handle for each connection that is not gone, in the order in which they were made.
    #[must_use]
    pub fn all(&self) -> Vec<ChainHandle> {
        let made = self.made.lock();
        made.connections.iter().filter_map(Weak::upgrade).map(|it| ChainHandle::new(&it)).collect()
    }

    /// The connection of this name, if it is not gone; the one made last, should there be several.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<ChainHandle> {
        let made = self.made.lock();
        let mut found = made.connections.iter().rev().filter_map(Weak::upgrade);
        found.find(|it| &*it.id == id).map(|it| ChainHandle::new(&it))
    }

    /// The connection made last, if it is not gone: right after `new_peer_connection` it is that one's, where no other thread
    /// makes any.
    #[must_use]
    pub fn last(&self) -> Option<ChainHandle> {
        let made = self.made.lock();
        made.connections.last().and_then(Weak::upgrade).map(|it| ChainHandle::new(&it))
    }

    /// The number of the next connection, from 1.
    pub(crate) fn number(&self) -> u64 {
        let mut made = self.made.lock();
        made.count += 1;
        made.count
    }

    pub(crate) fn enter(&self, connection: &Arc<Connection>) {
        let mut made = self.made.lock();
        if made.connections.len() >= FEW.max(2 * made.swept) {
            made.connections.retain(|it| it.strong_count() > 0);
            made.swept = made.connections.len();
        }
        made.connections.push(Arc::downgrade(connection));
    }
}
