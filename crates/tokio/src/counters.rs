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
    /// Datagrams of the peer that the transport dropped because this session was too slow for them: the oldest of its queue in a
    /// `UdpMux`. They are not in `received_datagrams`.
    pub overrun_datagrams: u64,
    /// Datagrams of other protocols from others than the peer, beyond
    /// [`stranger_queue`](crate::SessionOptions::stranger_queue), by each [`RawReceiver`](crate::RawReceiver); dropped.
    pub dropped_strangers: u64,
    /// RTP packets that came in, well-formed, before the session ended.
    pub received_rtp: u64,
    /// RTP packets that interceptors made of others and gave the application: what RTX or FEC restored.
    pub restored_rtp: u64,
    /// RTP packets that interceptors kept: retransmissions and repair packets that are no media themselves, second copies.
    pub consumed_rtp: u64,
    /// RTP packets that wait to be read or accepted now.
    pub waiting_rtp: u64,
    /// RTP packets that the application wrote: to a [`LocalStream`](crate::LocalStream), with room for them.
    pub written_rtp: u64,
    /// Those of them that interceptors kept.
    pub consumed_writes: u64,
    /// Datagrams that this end made besides: RTCP, retransmissions, repair packets, other protocols.
    pub made_datagrams: u64,
    /// Datagrams that wait for the transport now.
    pub waiting_sends: u64,
    /// Datagrams that the transport gave up, with an error that passed.
    pub discarded_sends: u64,
    /// Packets that were made while the send queue was more than full; dropped.
    pub dropped_sends: u64,
    /// Packets that the readers of remote streams were too slow for; the oldest were dropped.
    pub dropped_reads: u64,
    /// Packets that nobody was left to read: still queued when their [`RemoteStream`](crate::RemoteStream) was dropped, or
    /// of a stream that was bound through [`with_chain`](crate::Session::with_chain), which has no reader.
    pub dropped_unread: u64,
    /// Packets of SSRCs that nobody has bound, beyond what is kept for [`accept`](crate::Session::accept) (packets, bytes,
    /// SSRCs); the oldest were dropped.
    pub dropped_unbound: u64,
    /// Packets of SSRCs that had not proven to be a stream's, beyond what is kept of those
    /// ([`probation_packets`](crate::SessionOptions::probation_packets)).
    pub dropped_unproven: u64,
    /// Packets of SSRCs that nobody wants: [rejected](crate::IncomingStream::reject), or of a
    /// [`RemoteStream`](crate::RemoteStream) that was dropped.
    pub dropped_rejected: u64,
    /// Packets still kept for [`accept`](crate::Session::accept) when the session ended.
    pub unaccepted_at_close: u64,
    /// Packets that could no longer be sent when the session ended: closing ran out of time, or the transport had
    /// failed.
    pub unsent_at_close: u64,
}

impl SessionCounters {
    /// RTP packets that came in, or were restored, of which nothing is known, if `read` have been read: 0 as long as the books
    /// close. Those that are just being moved from one place to another show while other threads run.
    #[must_use]
    pub const fn unaccounted_rtp(&self, read: u64) -> i64 {
        let known = self.consumed_rtp
            + self.waiting_rtp
            + self.dropped_reads
            + self.dropped_unread
            + self.dropped_unbound
            + self.dropped_unproven
            + self.dropped_rejected
            + self.unaccepted_at_close
            + read;
        (self.received_rtp + self.restored_rtp).wrapping_sub(known).cast_signed()
    }

    /// The same of what was written, or made by this end.
    #[must_use]
    pub const fn unaccounted_sends(&self) -> i64 {
        let known = self.consumed_writes
            + self.sent_datagrams
            + self.waiting_sends
            + self.discarded_sends
            + self.dropped_sends
            + self.unsent_at_close;
        (self.written_rtp + self.made_datagrams).wrapping_sub(known).cast_signed()
    }
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
    pub(crate) overrun_datagrams: AtomicU64,
    pub(crate) dropped_strangers: AtomicU64,
    pub(crate) received_rtp: AtomicU64,
    pub(crate) restored_rtp: AtomicU64,
    pub(crate) consumed_rtp: AtomicU64,
    pub(crate) written_rtp: AtomicU64,
    pub(crate) consumed_writes: AtomicU64,
    pub(crate) made_datagrams: AtomicU64,
    pub(crate) discarded_sends: AtomicU64,
    pub(crate) dropped_sends: AtomicU64,
    pub(crate) dropped_reads: AtomicU64,
    pub(crate) dropped_unread: AtomicU64,
    pub(crate) dropped_unbound: AtomicU64,
    pub(crate) dropped_unproven: AtomicU64,
    pub(crate) dropped_rejected: AtomicU64,
    pub(crate) unaccepted_at_close: AtomicU64,
    /// The only one with several writers at a time: [`add_shared`].
    pub(crate) unsent_at_close: AtomicU64,
}

impl Counts {
    /// With what the session holds now: packets that wait to be read or accepted, datagrams that wait for the transport.
    pub(crate) fn snapshot(
        &self,
        chain: Counters,
        (waiting_rtp, waiting_sends): (usize, usize),
    ) -> SessionCounters {
        SessionCounters {
            chain,
            received_datagrams: self.received_datagrams.load(Relaxed),
            received_bytes: self.received_bytes.load(Relaxed),
            sent_datagrams: self.sent_datagrams.load(Relaxed),
            sent_bytes: self.sent_bytes.load(Relaxed),
            receive_errors: self.receive_errors.load(Relaxed),
            send_errors: self.send_errors.load(Relaxed),
            rejected_datagrams: self.rejected_datagrams.load(Relaxed),
            overrun_datagrams: self.overrun_datagrams.load(Relaxed),
            dropped_strangers: self.dropped_strangers.load(Relaxed),
            received_rtp: self.received_rtp.load(Relaxed),
            restored_rtp: self.restored_rtp.load(Relaxed),
            consumed_rtp: self.consumed_rtp.load(Relaxed),
            waiting_rtp: waiting_rtp as u64,
            written_rtp: self.written_rtp.load(Relaxed),
            consumed_writes: self.consumed_writes.load(Relaxed),
            made_datagrams: self.made_datagrams.load(Relaxed),
            waiting_sends: waiting_sends as u64,
            discarded_sends: self.discarded_sends.load(Relaxed),
            dropped_sends: self.dropped_sends.load(Relaxed),
            dropped_reads: self.dropped_reads.load(Relaxed),
            dropped_unread: self.dropped_unread.load(Relaxed),
            dropped_unbound: self.dropped_unbound.load(Relaxed),
            dropped_unproven: self.dropped_unproven.load(Relaxed),
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
