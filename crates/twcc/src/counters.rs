//! What was counted.

use interceptor_core::counters;

counters! {
    /// What one connection's [`Twcc`](crate::Twcc) has counted, streams that have ended included.
    ///
    /// Of what arrives: `arrivals` are `arrivals_reported`, `arrivals_forgotten` and [`Twcc::pending`](crate::Twcc::pending)
    /// together; every packet that could have a number is one of `arrivals`, `duplicates`, `too_late`, `unnumbered` and
    /// `malformed_numbers`.
    pub struct TwccCounters {
        /// Packets that were numbered.
        stamped,
        /// Packets that left without a number, because their header extension takes none: a foreign profile, or no room.
        not_stamped,
        /// Packets with a number that were noted down for feedback.
        arrivals,
        /// Of these, packets that later ones had overtaken in a feedback that had left already.
        arrivals_late,
        /// Packets of streams with the extension that came without it.
        unnumbered,
        /// Packets whose extension has another length than a number has.
        malformed_numbers,
        /// Packets whose number had come before: the first arrival counts.
        duplicates,
        /// Packets too far behind those that were reported, or a number that nothing leads to: not reported.
        too_late,
        /// Packets more than 8191 numbers ahead of all before them.
        jumps,
        /// Times that a sender was taken to have begun to count anew.
        restarts,
        /// Feedback messages sent.
        feedback_sent,
        /// Bytes of these, as RTCP datagrams.
        feedback_bytes,
        /// Arrivals in them; one that is repeated beside a late one counts once.
        arrivals_reported,
        /// Arrivals that were too many to remember until the next feedback.
        arrivals_forgotten,
        /// Packets that asked for feedback (the extension's second version).
        feedback_requests,
    }
}
