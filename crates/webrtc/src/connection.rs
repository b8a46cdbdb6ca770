//! One connection: its state behind a lock, and who is told when it changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use interceptor::Attributes;
use interceptor_core::{Chain, Event};
use tokio::sync::{Notify, watch};

use crate::AdapterOptions;
use crate::clock::now;
use crate::lock::Lock;
use crate::state::{Departure, Due, State};

/// Shared by the adapter, its readers and writers, its tasks and its handles; the tasks and the handles do not keep it.
pub(crate) struct Connection {
    pub(crate) id: Arc<str>,
    pub(crate) options: AdapterOptions,
    state: Lock<State>,
    closed: AtomicBool,
    /// Wakes the task that sends and keeps time.
    pub(crate) task: Arc<Notify>,
    /// Wakes who waits for events.
    pub(crate) events: Arc<Notify>,
    /// Says once that it is over, by its value or by being gone.
    end: watch::Sender<bool>,
}

impl Connection {
    pub(crate) fn new(id: Arc<str>, chain: Chain, options: AdapterOptions) -> Self {
        let state = Lock::new(State::new(chain, &options));
        let (task, events) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (end, _) = watch::channel(false);
        Self { id, options, state, closed: AtomicBool::new(false), task, events, end }
    }

    /// Works on the state, and moves on what came of it.
    #[inline]
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut State, Instant) -> R) -> R {
        let mut state = self.state.lock();
        // Not before: who has waited for the lock would come with an earlier instant than who had it.
        let now = now();
        let result = work(&mut state, now);
        let due = state.settle();
        drop(state);
        self.tell(due);
        result
    }

    /// Looks at the state, or takes from it, where the chain has nothing to do.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.state.lock())
    }

    #[inline]
    fn tell(&self, due: Due) {
        if due.task {
            self.task.notify_one();
        }
        if due.events {
            self.events.notify_one();
        }
    }

    /// The next event. Who else waits for one is woken if there are more.
    pub(crate) fn next_event(&self) -> Option<Event> {
        let (event, more) = self.look(State::next_event);
        if more {
            self.events.notify_one();
        }
        event
    }

    /// Fires what is due and sends what waits. Gives the next deadline.
    pub(crate) async fn turn(&self) -> Option<Instant> {
        loop {
            let (departures, next) = self.look(|state| {
                let now = now();
                if state.chain.next_timeout().is_some_and(|next| next <= now) {
                    state.chain.handle_timeout(now);
                }
                // The task looks at all of it now.
                if state.settle().events {
                    self.events.notify_one();
                }
                state.armed = state.chain.next_timeout();
                (state.departures(), state.armed)
            });
            if departures.is_empty() {
                return next;
            }
            self.depart(departures).await;
        }
    }

    async fn depart(&self, departures: Vec<Departure>) {
        let attributes = Attributes::new();
        for departure in departures {
            let written = match &departure {
                Departure::Rtp(writer, packet) => writer.write(packet, &attributes).await,
                Departure::Rtcp(writer, packets) => writer.write(packets, &attributes).await,
            };
            // Without a session the host says that it has written nothing, and no error.
            if !matches!(written, Ok(1..)) {
                self.look(|state| state.counters.write_errors += 1);
                tracing::trace!(connection = &*self.id, ?written, "the host did not take a packet");
            }
        }
    }

    /// Closes the chain, sends what it says on that occasion, and lets go of all that is the host's.
    pub(crate) async fn close(&self) -> Result<(), interceptor_core::ChainError> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let closed = self.with(|state, now| state.chain.close(now));
        let departures = self.look(State::departures);
        // Also if this future is dropped meanwhile: nobody closes a second time.
        let _end = End(self);
        self.depart(departures).await;
        closed
    }

    /// Is it closed, and has all been said on that occasion?
    pub(crate) fn is_over(&self) -> bool {
        *self.end.borrow()
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Waits for the end, by its `wait`.
    pub(crate) fn ending(&self) -> Ending {
        Ending(self.end.subscribe())
    }
}

/// Ends a connection when it is dropped.
struct End<'a>(&'a Connection);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let (writers, inboxes) = self.0.look(|state| (state.local.clear(), state.remote.clear()));
        inboxes.iter().for_each(|inbox| inbox.close());
        // What the host does when its writers go is its own affair: not under the lock.
        drop(writers);
        self.0.end.send_replace(true);
        self.0.events.notify_waiters();
    }
}

/// The end of a connection, for those who do not keep it.
pub(crate) struct Ending(watch::Receiver<bool>);

impl Ending {
    /// Until the connection is closed or gone.
    pub(crate) async fn wait(&mut self) {
        let _ = self.0.wait_for(|over| *over).await;
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("id", &self.id).finish_non_exhaustive()
    }
}
