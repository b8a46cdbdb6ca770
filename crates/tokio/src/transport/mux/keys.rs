//! What sessions are called by.

use std::collections::HashMap;
use std::hash::Hash;

/// Keys and the sessions that they name: several may name one.
#[derive(Debug)]
pub(super) struct Keys<K> {
    sessions: HashMap<K, u64>,
    of: HashMap<u64, Vec<K>>,
}

impl<K: Clone + Eq + Hash> Keys<K> {
    pub(super) fn new() -> Self {
        Self { sessions: HashMap::new(), of: HashMap::new() }
    }

    pub(super) fn session(&self, key: &K) -> Option<u64> {
        self.sessions.get(key).copied()
    }

    /// Gives a session a key that no session has.
    pub(super) fn insert(&mut self, key: K, session: u64) {
        self.of.entry(session).or_default().push(key.clone());
        self.sessions.insert(key, session);
    }

    /// A session is gone.
    pub(super) fn remove(&mut self, session: u64) {
        for key in self.of.remove(&session).unwrap_or_default() {
            self.sessions.remove(&key);
        }
    }
}
