//! What a session has counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use interceptor_core::Counters;

/// What a session has counted since it was spawned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionCounters {
    /// What its chain has counted.
    pub chain: Counters,
    /// Datagrams that came from the transport.
    pub received_datagrams: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// Datagrams that the transport took.
    pub sent_datagrams: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Passing errors of the transport while receiving (ICMP unreachable); the session went on.
    pub receive_errors: u64,
    /// Passing errors of the transport while sending (ICMP unreachable, message too long); the session went on.
    pub send_errors: u64,
    /// Datagrams from somebody who is not the peer, and those that the transport took only a part of; dropped.
    pub rejected_datagrams: u64,
    /// Packets that interceptors made while the send queue was more than full; dropped.
    pub dropped_sends: u64,
    /// Packets that the readers of remote streams were too slow for; the oldest were dropped.
    pub dropped_reads: u64,
    /// Packets that nobody was left to read: still queued when their [`RemoteStream`](crate::RemoteStream) was dropped, or
    /// of a stream that was bound through [`with_chain`](crate::Session::with_chain), which has no reader.
    pub dropped_unread: u64,
    /// Packets of SSRCs that nobody has bound, beyond what is kept for [`accept`](crate::Session::accept) (packets, bytes,
    /// SSRCs); the oldest were dropped.
    pub dropped_unbound: u64,
    /// Packets of SSRCs that nobody wants: [rejected](crate::IncomingStream::reject), or of a
    /// [`RemoteStream`](crate::RemoteStream) that was dropped.
    pub dropped_rejected: u64,
    /// Packets still kept for [`accept`](crate::Session::accept) when the session ended.
    pub unaccepted_at_close: u64,
    /// Packets that could no longer be sent when the session ended: closing ran out of time, or the transport had
    /// failed.
    pub unsent_at_close: u64,
}

/// The same, as they are counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) received_datagrams: AtomicU64,
    pub(crate) received_bytes: AtomicU64,
    pub(crate) sent_datagrams: AtomicU64,
    pub(crate) sent_bytes: AtomicU64,
    pub(crate) receive_errors: AtomicU64,
    pub(crate) send_errors: AtomicU64,
    pub(crate) rejected_datagrams: AtomicU64,
    pub(crate) dropped_sends: AtomicU64,
    pub(crate) dropped_reads: AtomicU64,
    pub(crate) dropped_unread: AtomicU64,
    pub(crate) dropped_unbound: AtomicU64,
    pub(crate) dropped_rejected: AtomicU64,
    pub(crate) unaccepted_at_close: AtomicU64,
    /// The only one with several writers at a time: [`add_shared`].
    pub(crate) unsent_at_close: AtomicU64,
}

impl Counts {
    pub(crate) fn snapshot(&self, chain: Counters) -> SessionCounters {
        SessionCounters {
            chain,
            received_datagrams: self.received_datagrams.load(Relaxed),
            received_bytes: self.received_bytes.load(Relaxed),
            sent_datagrams: self.sent_datagrams.load(Relaxed),
            sent_bytes: self.sent_bytes.load(Relaxed),
            receive_errors: self.receive_errors.load(Relaxed),
            send_errors: self.send_errors.load(Relaxed),
            rejected_datagrams: self.rejected_datagrams.load(Relaxed),
            dropped_sends: self.dropped_sends.load(Relaxed),
            dropped_reads: self.dropped_reads.load(Relaxed),
            dropped_unread: self.dropped_unread.load(Relaxed),
            dropped_unbound: self.dropped_unbound.load(Relaxed),
            dropped_rejected: self.dropped_rejected.load(Relaxed),
            unaccepted_at_close: self.unaccepted_at_close.load(Relaxed),
            unsent_at_close: self.unsent_at_close.load(Relaxed),
        }
    }
}

/// Adds to a counter. Each has one writer at a time: who has the sending half, who has the state's lock, or the session's
/// task. Readers never wait, and adding costs no locked instruction.
#[inline]
pub(crate) fn add(counter: &AtomicU64, count: usize) {
    counter.store(counter.load(Relaxed).wrapping_add(count as u64), Relaxed);
}

/// [`add`], for a counter that may have several writers at a time.
pub(crate) fn add_shared(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Relaxed);
}
