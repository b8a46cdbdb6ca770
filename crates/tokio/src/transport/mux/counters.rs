//! What a mux has counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a [`UdpMux`](crate::UdpMux) has counted since it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MuxCounters {
    /// Datagrams that came in.
    pub received: u64,
    /// Those that sessions have taken.
    pub delivered: u64,
    /// Those that wait for sessions to take them now.
    pub waiting: u64,
    /// Datagrams of unknown addresses for which the callback named no session, or none that is there; dropped.
    pub unknown: u64,
    /// Datagrams of unknown addresses about which the callback was not asked, because there were more than
    /// [`unknown_per_second`](crate::MuxOptions::unknown_per_second); dropped.
    pub unknown_limited: u64,
    /// Media, and noise, of addresses that belong to a session but are not its peer's; dropped. Each session counts its own in
    /// [`rejected_datagrams`](crate::SessionCounters::rejected_datagrams).
    pub rejected: u64,
    /// Datagrams that had to make room in the queue of a session that was too slow, the oldest first. Each session counts its own
    /// in [`overrun_datagrams`](crate::SessionCounters::overrun_datagrams).
    pub overrun: u64,
    /// Datagrams that waited for a session when it ended.
    pub untaken_at_close: u64,
    /// Addresses that sessions lost because they had
    /// [`session_addresses`](crate::MuxOptions::session_addresses) of them.
    pub evicted_addresses: u64,
    /// Addresses that went from one session to another, by the callback's word.
    pub moved_addresses: u64,
    /// Calls of the callback that panicked; it named no session then.
    pub callback_panics: u64,
    /// Passing errors of the socket while receiving; the mux went on.
    pub receive_errors: u64,
    /// Sessions there are now.
    pub sessions: u64,
    /// Addresses that belong to them now.
    pub addresses: u64,
}

impl MuxCounters {
    /// Datagrams that came in and of which nothing is known: 0 as long as the books close. Those that are just being moved from
    /// one place to another show while other threads run.
    #[must_use]
    pub const fn unaccounted(&self) -> i64 {
        let known = self.delivered
            + self.waiting
            + self.unknown
            + self.unknown_limited
            + self.rejected
            + self.overrun
            + self.untaken_at_close;
        self.received.wrapping_sub(known).cast_signed()
    }
}

/// The same, as they are counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) received: AtomicU64,
    /// The only one that sessions write.
    pub(super) delivered: AtomicU64,
    pub(super) unknown: AtomicU64,
    pub(super) unknown_limited: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) overrun: AtomicU64,
    pub(super) untaken_at_close: AtomicU64,
    pub(super) evicted_addresses: AtomicU64,
    pub(super) moved_addresses: AtomicU64,
    pub(super) callback_panics: AtomicU64,
    pub(super) receive_errors: AtomicU64,
}

impl Counts {
    /// With what there is now: datagrams that wait, sessions, addresses.
    pub(super) fn snapshot(&self, waiting: usize, sessions: usize, addresses: usize) -> MuxCounters {
        MuxCounters {
            received: self.received.load(Relaxed),
            delivered: self.delivered.load(Relaxed),
            waiting: waiting as u64,
            unknown: self.unknown.load(Relaxed),
            unknown_limited: self.unknown_limited.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            overrun: self.overrun.load(Relaxed),
            untaken_at_close: self.untaken_at_close.load(Relaxed),
            evicted_addresses: self.evicted_addresses.load(Relaxed),
            moved_addresses: self.moved_addresses.load(Relaxed),
            callback_panics: self.callback_panics.load(Relaxed),
            receive_errors: self.receive_errors.load(Relaxed),
            sessions: sessions as u64,
            addresses: addresses as u64,
        }
    }
}
