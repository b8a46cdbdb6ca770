//! Where every packet went: what came in is what went on and what a counter names.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use interceptor_tokio::SessionCounters;
use serde::Serialize;

use super::limits::Kept;
use super::wire::LinkCounts;

/// The packets of a leg. Of the source's: RTP from the source, and where it went. Of a target's: RTP that the relay had for it,
/// with the RTCP and the retransmissions that the leg made, and where they went. What it does not have is 0.
///
/// [`unaccounted`](Self::unaccounted) is 0 but for what is just being moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PacketBook {
    /// Source: RTP that came in, well-formed. Target: RTP that came in from the source for it.
    pub packets_in: u64,
    /// Source: RTP that retransmissions and repair packets brought back. Target: datagrams that the leg made itself: RTCP, retransmissions,
    /// repair packets.
    pub packets_made: u64,
    /// Source: RTP that was forwarded, once however many targets there are. Target: datagrams that were sent.
    pub packets_out: u64,
    /// Those that wait now: to be forwarded, to be known as a stream's, to be sent.
    pub packets_waiting: u64,
    /// Source: retransmissions that became what they repeat, repair packets, and second copies of what they brought back.
    pub packets_consumed: u64,
    /// Source: of SSRCs that never sent two packets in sequence (RFC 3550 A.1).
    pub packets_unproven: u64,
    /// Source: of SSRCs that are no stream yet, beyond what is kept of those: their stream was refused, or came too fast.
    pub packets_unbound: u64,
    /// Source: of retransmission and FEC streams that belong to no stream.
    pub packets_rejected: u64,
    /// Source: retransmissions of a stream that repeat nothing that is known.
    pub packets_stray: u64,
    /// Source: of a stream that ended, or was evicted, before they were forwarded.
    pub packets_unread: u64,
    /// More than the leg's limit lets pass; of a target, its own retransmissions and repair packets included.
    pub packets_limited: u64,
    /// Packets that found a queue full: to be forwarded, to be sent.
    pub packets_overflowed: u64,
    /// Target: of streams that the leg has no room for.
    pub packets_refused: u64,
    /// Target: datagrams that the system did not take, with an error that passed.
    pub packets_discarded: u64,
    /// Target: datagrams that were lost on purpose, as its [rules](super::TargetRules) say.
    pub packets_impaired: u64,
    /// Packets that were there when the leg closed, or came later.
    pub packets_at_close: u64,
}

impl PacketBook {
    /// Packets of which nothing is known; 0 unless something got lost in silence, or is just being moved.
    #[must_use]
    pub const fn unaccounted(&self) -> i64 {
        let known = self.packets_out + self.packets_waiting + self.packets_consumed + self.lost();
        (self.packets_in + self.packets_made).wrapping_sub(known).cast_signed()
    }

    /// Packets that got lost in the relay, whatever for.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.packets_unproven
            + self.packets_unbound
            + self.packets_rejected
            + self.packets_stray
            + self.packets_unread
            + self.packets_limited
            + self.packets_overflowed
            + self.packets_refused
            + self.packets_discarded
            + self.packets_impaired
            + self.packets_at_close
    }

    /// What got lost and why, in words: `12 lost (10 unproven, 2 overflowed)`; `None` if nothing did.
    pub(super) fn losses(&self) -> Option<String> {
        // The first three are no losses.
        let reasons = self.fates().into_iter().skip(3).filter(|(_, count)| *count > 0);
        let reasons: Vec<String> =
            reasons.map(|(reason, count)| format!("{count} {}", reason.replace('_', " "))).collect();
        (!reasons.is_empty()).then(|| format!("{} lost here ({})", self.lost(), reasons.join(", ")))
    }

    /// Every way that a packet can take, by name.
    #[must_use]
    pub const fn fates(&self) -> [(&'static str, u64); 14] {
        [
            ("out", self.packets_out),
            ("waiting", self.packets_waiting),
            ("consumed", self.packets_consumed),
            ("unproven", self.packets_unproven),
            ("unbound", self.packets_unbound),
            ("rejected", self.packets_rejected),
            ("stray", self.packets_stray),
            ("unread", self.packets_unread),
            ("limited", self.packets_limited),
            ("overflowed", self.packets_overflowed),
            ("refused", self.packets_refused),
            ("discarded", self.packets_discarded),
            ("impaired", self.packets_impaired),
            ("at_close", self.packets_at_close),
        ]
    }
}

/// Streams that were found, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StreamCounts {
    /// Streams that were forwarded.
    pub streams_found: u64,
    /// Times that one was refused: there are as many as there may be, or too many new ones. It is looked at again a fifth of
    /// a second later, if it goes on.
    pub streams_refused: u64,
    /// Streams that made room for another.
    pub streams_evicted: u64,
}

/// What the relay counts of a leg itself.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Source: read from the session's streams.
    pub(super) read: AtomicU64,
    /// Source: those of them that are no media.
    pub(super) stray: AtomicU64,
    /// Target: packets that were there for it.
    pub(super) given: AtomicU64,
    /// Target: those that found its send queue full.
    pub(super) full: AtomicU64,
    /// Target: those of streams that it has no room for.
    pub(super) refused: AtomicU64,
    /// Target: those that came when it had closed.
    pub(super) late: AtomicU64,
    pub(super) streams_found: AtomicU64,
    pub(super) streams_refused: AtomicU64,
    pub(super) streams_evicted: AtomicU64,
}

impl Tally {
    pub(super) fn streams(&self) -> StreamCounts {
        StreamCounts {
            streams_found: self.streams_found.load(Relaxed),
            streams_refused: self.streams_refused.load(Relaxed),
            streams_evicted: self.streams_evicted.load(Relaxed),
        }
    }

    /// What the limit held back counts as consumed when it comes and as restored when it goes on: here it waits, or was limited.
    pub(super) fn source_book(&self, session: &SessionCounters, limit: &Kept) -> PacketBook {
        let (read, stray) = (self.read.load(Relaxed), self.stray.load(Relaxed));
        PacketBook {
            packets_in: session.received_rtp,
            packets_made: session.restored_rtp.saturating_sub(limit.delayed),
            packets_out: read - stray,
            packets_waiting: session.waiting_rtp + limit.waiting,
            packets_consumed: session
                .consumed_rtp
                .saturating_sub(limit.dropped + limit.waiting + limit.delayed),
            packets_limited: limit.dropped,
            packets_unproven: session.dropped_unproven,
            packets_unbound: session.dropped_unbound,
            packets_rejected: session.dropped_rejected,
            packets_stray: stray,
            packets_unread: session.dropped_unread,
            packets_overflowed: session.dropped_reads,
            packets_at_close: session.unaccepted_at_close,
            ..PacketBook::default()
        }
    }

    /// The same of what was written; what the leg made itself and the limit kept has not been counted as made. What the link has not sent
    /// counts as sent.
    pub(super) fn target_book(
        &self,
        session: &SessionCounters,
        limit: &Kept,
        link: &LinkCounts,
    ) -> PacketBook {
        let Kept { dropped, waiting, delayed, repair } = *limit;
        let media_delayed = delayed.saturating_sub(repair.delayed);
        let media_kept = (dropped + waiting).saturating_sub(repair.dropped + repair.waiting) + media_delayed;
        PacketBook {
            packets_in: self.given.load(Relaxed),
            packets_made: (session.made_datagrams + repair.dropped + repair.waiting)
                .saturating_sub(media_delayed),
            packets_out: session.sent_datagrams.saturating_sub(link.unsent()),
            packets_waiting: session.waiting_sends + waiting + link.waiting,
            packets_consumed: session.consumed_writes.saturating_sub(media_kept),
            packets_limited: dropped,
            packets_overflowed: self.full.load(Relaxed) + session.dropped_sends + link.overflowed,
            packets_refused: self.refused.load(Relaxed),
            packets_discarded: session.discarded_sends + link.failed,
            packets_impaired: link.lost,
            packets_at_close: self.late.load(Relaxed) + session.unsent_at_close,
            ..PacketBook::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_says_what_got_lost_and_what_is_missing() {
        let mut book =
            PacketBook { packets_in: 10, packets_made: 2, packets_out: 5, ..PacketBook::default() };
        assert_eq!((book.unaccounted(), book.lost(), book.losses()), (7, 0, None));
        (book.packets_waiting, book.packets_consumed, book.packets_unproven) = (1, 2, 3);
        book.packets_at_close = 1;
        assert_eq!((book.unaccounted(), book.lost()), (0, 4));
        assert_eq!(book.losses().as_deref(), Some("4 lost here (3 unproven, 1 at close)"));
        let fates: u64 = book.fates().iter().map(|(_, count)| count).sum();
        assert_eq!(fates, 12, "every fate has a name");
        book.packets_out += 1;
        assert_eq!(book.unaccounted(), -1);
    }
}
