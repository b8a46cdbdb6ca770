//! What a mux, its task and its sessions share.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock, Weak};
use std::task::Waker;

use tokio::sync::Notify;

use super::counters::{Counts, MuxCounters};
use super::demux::Answer;
use super::options::MuxOptions;
use super::table::{Address, Table};
use crate::counters::{add, add_shared};
use crate::inbox::{Capacity, Inbox, Wakers};
use crate::lock::Lock;
use crate::receive_budget::ReceiveBudget;
use crate::transport::datagrams::Received;
use crate::transport::latch::{Latch, LatchOptions, PeerError};
use crate::transport::udp::BatchSocket;

/// The budget of a mux that shares none: half a second of 1 Gbit/s.
const BUDGET_BYTES: usize = 64 << 20;

/// Everything but the receiving side's working state, which the mux's task owns.
///
/// Locks are taken in this order: table, a latch, an inbox. None is held across the callback, a system call or a wake.
pub(super) struct Hub {
    pub(super) socket: BatchSocket,
    pub(super) options: MuxOptions,
    /// What waits for all sessions.
    budget: ReceiveBudget,
    pub(super) table: Lock<Table<Arc<Port>>>,
    pub(super) counts: Counts,
    /// Wakes the mux's task: a sender is blocked, or nobody is left.
    pub(super) notify: Notify,
    /// Nobody is left who could use the mux.
    pub(super) stopped: AtomicBool,
    /// Sessions whose send the socket did not take, first come, first served.
    blocked: Lock<VecDeque<(Arc<Port>, Waker)>>,
    /// Why no more comes.
    failure: OnceLock<Arc<io::Error>>,
    next_id: AtomicU64,
}

/// A session's place in the mux.
pub(super) struct Port {
    pub(super) id: u64,
    pub(super) inbox: Inbox<Received>,
    pub(super) latch: Latch,
    /// Dropped since the session was last told.
    pub(super) rejected: AtomicUsize,
    pub(super) overrun: AtomicUsize,
    /// Waits until the socket takes something again.
    blocked: AtomicBool,
}

impl Hub {
    pub(super) fn new(socket: BatchSocket, options: MuxOptions, seed: u64) -> Self {
        Self {
            socket,
            table: Lock::new(Table::new(options.session_addresses, seed)),
            budget: options.receive_budget.clone().unwrap_or_else(|| ReceiveBudget::new(BUDGET_BYTES)),
            options,
            counts: Counts::default(),
            notify: Notify::new(),
            stopped: AtomicBool::new(false),
            blocked: Lock::default(),
            failure: OnceLock::new(),
            next_id: AtomicU64::new(0),
        }
    }

    /// A place for one more session.
    pub(super) fn open(self: &Arc<Self>, options: LatchOptions) -> Arc<Port> {
        let id = self.next_id.fetch_add(1, Relaxed);
        let hub = Arc::downgrade(self);
        let port = Arc::new(Port {
            id,
            inbox: Inbox::new(Capacity {
                values: self.options.session_queue,
                bytes: self.options.session_queue_bytes,
                measure: |received| received.bytes.len(),
                budget: Some(self.budget.clone()),
            }),
            latch: Latch::gated(
                options,
                Arc::new(move |peer: SocketAddr, name: &dyn Fn()| admit(&hub, id, peer, name)),
            ),
            rejected: AtomicUsize::new(0),
            overrun: AtomicUsize::new(0),
            blocked: AtomicBool::new(false),
        });
        let mut table = self.table.lock();
        table.insert(id, Arc::clone(&port));
        if self.failure.get().is_some() {
            port.inbox.close(&mut Wakers::new());
        }
        drop(table);
        port
    }

    /// A session is gone, and leaves nothing.
    pub(super) fn remove(&self, port: &Port) {
        let mut table = self.table.lock();
        table.remove(port.id);
        // Under the table's lock, as all that is put in: nothing comes after this.
        add_shared(&self.counts.untaken_at_close, port.inbox.clear());
    }

    /// Gives an address to a session; `false`: it is not there.
    pub(super) fn assign(&self, table: &mut Table<Arc<Port>>, from: SocketAddr, id: u64) -> bool {
        let Some(port) = table.session(id) else { return false };
        let keep = port.latch.peer_addr().map(Address::from);
        let evicted = table.assign(from.into(), id, keep);
        add_shared(&self.counts.evicted_addresses, evicted);
        true
    }

    /// Whose datagram it is, after the callback has `answered`: the address is that session's from now on. `None`: nobody's. Whose
    /// it was is looked up again: it may have changed while the callback ran.
    pub(super) fn settle(
        &self,
        table: &mut Table<Arc<Port>>,
        from: SocketAddr,
        answered: Answer,
    ) -> Option<Arc<Port>> {
        let owner = table.owner(from.into()).map(|(id, port)| (id, Arc::clone(port)));
        let Answer::Session(named) = answered else { return owner.map(|(_, port)| port) };
        if !self.assign(table, from, named) {
            return owner.map(|(_, port)| port);
        }
        if let Some((_, before)) = owner.filter(|(id, _)| *id != named) {
            // It must not send to what is another's.
            before.latch.let_go_of(from);
            add(&self.counts.moved_addresses, 1);
        }
        table.session(named).cloned()
    }

    /// A sender waits for the socket to take something again.
    pub(super) fn block(&self, port: &Arc<Port>, waker: &Waker) {
        if !port.blocked.swap(true, Relaxed) {
            self.blocked.lock().push_back((Arc::clone(port), waker.clone()));
        }
        self.notify.notify_one();
    }

    pub(super) fn has_blocked(&self) -> bool {
        !self.blocked.lock().is_empty()
    }

    /// Wakes up to `max` senders that wait.
    pub(super) fn unblock(&self, max: usize) {
        for _ in 0..max {
            let Some((port, waker)) = self.blocked.lock().pop_front() else { return };
            port.blocked.store(false, Relaxed);
            waker.wake();
        }
    }

    /// No more comes, for any session.
    pub(super) fn fail(&self, error: io::Error) {
        // Only the first reason counts.
        let _ = self.failure.set(Arc::new(error));
        let mut wakers = Wakers::new();
        let table = self.table.lock();
        table.sessions().for_each(|port| port.inbox.close(&mut wakers));
        drop(table);
        wakers.into_iter().for_each(Waker::wake);
        self.unblock(usize::MAX);
    }

    /// Why no more comes.
    pub(super) fn failure(&self) -> io::Error {
        match self.failure.get() {
            Some(error) => io::Error::new(error.kind(), Arc::clone(error)),
            None => io::ErrorKind::UnexpectedEof.into(),
        }
    }

    pub(super) fn counters(&self) -> MuxCounters {
        let table = self.table.lock();
        let waiting = table.sessions().map(|port| port.inbox.len()).sum();
        self.counts.snapshot(waiting, table.len(), table.addresses())
    }
}

/// May this address be the peer of session `id`? It is the session's then, and named under the table's lock: it must not go to
/// another in between.
fn admit(hub: &Weak<Hub>, id: u64, peer: SocketAddr, name: &dyn Fn()) -> Result<(), PeerError> {
    let Some(hub) = hub.upgrade() else { return Err(PeerError::Ended) };
    let mut table = hub.table.lock();
    if table.owner(peer.into()).is_some_and(|(owner, _)| owner != id) {
        return Err(PeerError::Taken);
    }
    if !hub.assign(&mut table, peer, id) {
        return Err(PeerError::Ended);
    }
    name();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::{Context, Poll, Wake, Waker};

    use tokio::net::UdpSocket;

    use super::{BatchSocket, Hub, LatchOptions, MuxOptions};

    /// How often it was woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    #[tokio::test]
    async fn senders_that_are_blocked_are_woken_once_each_in_their_order() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let hub = Arc::new(Hub::new(BatchSocket::new(socket).unwrap(), MuxOptions::default(), 1));
        let senders = [(); 3].map(|()| (hub.open(LatchOptions::default()), Arc::new(Woken::default())));
        for _ in 0..5 {
            for (port, woken) in &senders {
                hub.block(port, &Waker::from(Arc::clone(woken)));
            }
        }
        let counts = || senders.each_ref().map(|(_, woken)| woken.0.load(Relaxed));
        hub.unblock(2);
        assert_eq!((counts(), hub.has_blocked()), ([1, 1, 0], true));
        hub.block(&senders[0].0, &Waker::from(Arc::clone(&senders[0].1)));
        hub.unblock(usize::MAX);
        assert_eq!((counts(), hub.has_blocked()), ([2, 1, 1], false));
    }

    #[tokio::test]
    async fn when_the_socket_fails_every_session_ends_also_one_that_comes_later() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let hub = Arc::new(Hub::new(BatchSocket::new(socket).unwrap(), MuxOptions::default(), 1));
        let before = hub.open(LatchOptions::default());
        hub.fail(io::ErrorKind::BrokenPipe.into());
        let cx = Context::from_waker(Waker::noop());
        for port in [before, hub.open(LatchOptions::default())] {
            assert!(matches!(port.inbox.poll_pop(&cx), Poll::Ready(None)));
        }
        assert_eq!(hub.failure().kind(), io::ErrorKind::BrokenPipe);
    }
}
