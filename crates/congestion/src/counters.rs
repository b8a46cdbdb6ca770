//! What was counted.

use interceptor_core::counters;

counters! {
    /// What one connection's [`Congestion`](crate::Congestion) has counted.
    ///
    /// Every packet that was [`tracked`](Self::tracked) is one of `packets_received`, `packets_lost`, `packets_unknown`, on the way still, or
    /// one of `packets_expired` and `packets_forgotten` of which no later feedback told. Every transport feedback message is one of
    /// `feedback_used`, `feedback_without_news`, `malformed_feedback`, `foreign_feedback` and `feedback_not_chosen`.
    pub struct CongestionCounters {
        /// Packets that left and that feedback can tell of.
        tracked,
        /// Bytes of these, IP and UDP headers included.
        tracked_bytes,
        /// Packets that left and that no feedback can tell of: their stream has not negotiated it, they have no number, or no stream.
        untracked,
        /// Bytes of these, IP and UDP headers included.
        untracked_bytes,
        /// Of the tracked packets, those that were marked ECN-capable.
        sent_ect,
        /// Messages of transport feedback that said something new.
        feedback_used,
        /// Messages that said nothing new: repeats, or about packets that nobody knows.
        feedback_without_news,
        /// Messages whose chunks or deltas end before their packets do, or that are about none.
        malformed_feedback,
        /// Messages about streams that are not ours.
        foreign_feedback,
        /// Messages of the format that is not in use.
        feedback_not_chosen,
        /// Transport-wide messages that were lost on their way, by their count.
        feedback_missing,
        /// Transport-wide messages that came after a later one, or again.
        feedback_late,
        /// Packets that feedback named and that were not sent, or so long ago that they are forgotten.
        not_known,
        /// Packets that feedback named beyond the 8191 that one message may be joined with.
        feedback_cut,
        /// Packets of RFC 8888 feedback whose SSRC is not ours.
        unknown_ssrc,
        /// Packets that feedback named again.
        told_again,
        /// Packets that have come.
        packets_received,
        /// Of these, those that were marked by the network (CE).
        packets_marked,
        /// Packets that were told lost and have not come since.
        packets_lost,
        /// Packets that no feedback told of, as later ones did.
        packets_unknown,
        /// Packets that came after they were told lost.
        lost_and_come,
        /// Packets that came after nobody had told of them.
        unknown_and_come,
        /// Packets that nobody told of for so long that they no longer count as on the way.
        packets_expired,
        /// Packets that the history had to forget while they were on the way.
        packets_forgotten,
        /// Times that the receiver's clock was set, or its format changed.
        clock_set,
        /// Report blocks about streams of ours.
        report_blocks,
        /// Report blocks whose numbers go back, or leap.
        report_blocks_odd,
        /// REMB messages that came, and are about streams of ours.
        remb_received,
        /// REMB messages that are about others.
        remb_foreign,
        /// REMB messages sent.
        remb_sent,
        /// Entries of TMMBR that came and are about streams of ours.
        tmmbr_received,
        /// Entries of TMMBR that are about others, or one owner too many.
        tmmbr_ignored,
        /// TMMBN messages sent.
        tmmbn_sent,
        /// Times that ECN was given up, as marks do not get through or mean nothing.
        ecn_given_up,
        /// Times that the circuit breaker opened.
        breaker_opened,
        /// Probes that the controller asked for.
        probes,
    }
}
