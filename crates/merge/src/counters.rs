//! What was counted.

use interceptor_core::counters;

counters! {
    /// What became of the packets of all streams of a connection: what came in has passed, was consumed, or waits.
    pub struct MergeCounters {
        /// Packets that went on: first copies.
        passed,
        /// Consumed: later copies.
        copies,
        /// Consumed: so late that nothing is known any more of their numbers.
        too_old,
        /// Consumed: of a path that carries something else than the one with the lower number.
        distrusted,
        /// Consumed: with [`Order::Held`](crate::Order::Held), they came when those behind them had gone on.
        missed_turn,
        /// Dropped: they waited for those before them when the stream was unbound, or the chain closed.
        dropped_ended,
        /// Of those that passed: far from all other numbers, so that nothing shows whether they are copies.
        strays,
        /// Of those that passed: over a path that is none of [`paths`](crate::MergeOptions::paths), unmerged.
        unknown_path,
        /// Of those that passed: they have waited for those before them.
        held,
        /// Packets of an SSRC that the stream's sender sends copies on: they have that of the media since.
        renumbered,
        /// Of the copies: with another payload than the first.
        mismatched,
        /// Times that a sender has begun to count anew.
        restarts,
    }

    /// What [`Duplicate`](crate::Duplicate) has sent.
    pub struct DuplicateCounters {
        /// Copies that have left, of RTP and RTCP.
        copies,
        /// Their bytes, headers and payloads.
        copy_bytes,
        /// Copies that were dropped: too many waited already.
        dropped_queue,
        /// Copies that were dropped: they waited when their stream ended, or the chain was closed.
        dropped_ended,
    }
}
