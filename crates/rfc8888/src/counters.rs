//! What was counted.

use interceptor_core::counters;

counters! {
    /// What one connection's [`Rfc8888`](crate::Rfc8888) has counted, streams that have ended included.
    ///
    /// `arrivals` are `arrivals_reported`, `arrivals_forgotten` and those that [wait](crate::Rfc8888::pending) together; every packet of a
    /// stream that is reported is one of `arrivals`, `duplicates` and `too_late`.
    pub struct Rfc8888Counters {
        /// Packets that were noted down to be reported.
        arrivals,
        /// Of these, packets that later ones had overtaken in a report that had left already.
        arrivals_late,
        /// Of these, packets that a router had marked: congestion experienced (RFC 3168), first copies only.
        arrivals_marked,
        /// Packets whose number had come before: the first arrival counts, and the mark of any.
        duplicates,
        /// Packets too far behind those that were reported, or a number that nothing leads to: not reported.
        too_late,
        /// Times that a source was taken to have begun to count anew.
        restarts,
        /// Reports sent, a datagram each.
        reports_sent,
        /// Bytes of these.
        report_bytes,
        /// Arrivals in them; one that is repeated beside a late one counts once.
        arrivals_reported,
        /// Arrivals that were too many to remember until the next report, or whose stream had ended by then.
        arrivals_forgotten,
        /// Missing numbers that were not reported as such, because they were so many for the packets that came.
        missing_untold,
    }
}
