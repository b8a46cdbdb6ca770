//! An owner's way to a connection's chain, for as long as the host has it.

use std::sync::{Arc, Weak};

use interceptor_core::{Chain, ChainError, Event, Factory, Layout};

use crate::connection::Connection;
use crate::counters::Counters;

/// One connection's chain: what it has counted and found out, and a way to change it while it runs.
///
/// It does not keep the connection: all of it says `None` once that is gone.
#[derive(Clone, Debug)]
pub struct ChainHandle {
    id: Arc<str>,
    connection: Weak<Connection>,
}

/// The connection is gone, or the chain refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandleError {
    /// The host has let go of the connection.
    #[error("the connection is gone")]
    Gone,
    /// The chain's own refusal.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl ChainHandle {
    pub(crate) fn new(connection: &Arc<Connection>) -> Self {
        Self { id: Arc::clone(&connection.id), connection: Arc::downgrade(connection) }
    }

    /// The connection's name: what statistics and captures know it by.
    #[must_use]
    pub const fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Has the host let go of the connection?
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.connection.strong_count() == 0
    }

    /// What was counted.
    #[must_use]
    pub fn counters(&self) -> Option<Counters> {
        let connection = self.connection.upgrade()?;
        Some(
            connection
                .look(|state| Counters { chain: state.chain.counters().clone(), adapter: state.counters }),
        )
    }

    /// The interceptors from the wire up, as a table to print.
    #[must_use]
    pub fn layout(&self) -> Option<Layout> {
        let connection = self.connection.upgrade()?;
        Some(connection.look(|state| state.chain.layout()))
    }

    /// The next event; waits for one. `None`: the connection is closed or gone, and all its events are read. Each event goes to
    /// one of those who wait. Nothing is lost with a future that is dropped.
    pub async fn next_event(&self) -> Option<Event> {
        let mut ending = self.connection.upgrade()?.ending();
        loop {
            let connection = self.connection.upgrade()?;
            // Asked first: what is raised in closing is there by then.
            let is_over = connection.is_over();
            if let Some(event) = connection.next_event() {
                return Some(event);
            }
            if is_over {
                return None;
            }
            let task = Arc::clone(&connection.events);
            drop(connection);
            tokio::select! {
                () = task.notified() => {}
                () = ending.wait() => {}
            }
        }
    }

    /// The next event, if there is one.
    #[must_use]
    pub fn try_event(&self) -> Option<Event> {
        self.connection.upgrade()?.next_event()
    }

    /// Adds what a factory makes for this connection, at the factory's stage, and binds it to every stream there is.
    ///
    /// # Errors
    /// The connection is gone or closed, the factory fails, or the interceptor refuses a stream.
    pub fn insert<F: Factory>(&self, factory: &F) -> Result<(), HandleError> {
        let connection = self.connection.upgrade().ok_or(HandleError::Gone)?;
        Ok(connection.with(|state, now| state.chain.insert_with(factory, now))?)
    }

    /// Takes an interceptor out; what it sends on that occasion still leaves. `Ok(false)`: there is none of that name.
    ///
    /// # Errors
    /// The connection is gone or closed, or what the interceptor's `close` returned; it is out all the same.
    pub fn remove(&self, name: &str) -> Result<bool, HandleError> {
        let connection = self.connection.upgrade().ok_or(HandleError::Gone)?;
        Ok(connection.with(|state, now| state.chain.remove(name, now))?)
    }

    /// Lends the chain, for what has no method here: counters of one interceptor, states of streams. The connection's packets
    /// wait meanwhile; what the chain leaves is moved on afterwards.
    ///
    /// It must not be polled, closed, or have its streams bound or unbound: that is the adapter's. `work` must not use this
    /// connection's handles: they wait for the chain.
    pub fn with_chain<R>(&self, work: impl FnOnce(&mut Chain) -> R) -> Option<R> {
        let connection = self.connection.upgrade()?;
        Some(connection.with(|state, _| work(&mut state.chain)))
    }
}
