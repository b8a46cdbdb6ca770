//! What a chain counts.

/// What a chain has counted since it was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Datagrams that look like RTP or RTCP but are malformed; delivered as [`Incoming::Raw`](crate::Incoming::Raw).
    pub malformed_datagrams: u64,
    /// RTP datagrams with a header extension element that reaches over the end of its block: read but for that element and
    /// those behind it.
    pub malformed_extensions: u64,
    /// Malformed sub-packets inside readable RTCP compounds; skipped.
    pub malformed_rtcp_packets: u64,
    /// Datagrams of other protocols; delivered as [`Incoming::Raw`](crate::Incoming::Raw).
    pub foreign_datagrams: u64,
    /// Incoming RTP packets whose SSRC no stream has announced; delivered as [`Incoming::UnboundRtp`](crate::Incoming::UnboundRtp).
    pub unbound_read: u64,
    /// Outgoing RTP packets whose SSRC is not bound; they leave all the same.
    pub unbound_written: u64,
    /// Hooks that returned an error; the packet went on.
    pub hook_errors: u64,
    /// Hooks that panicked; their interceptors are bypassed.
    pub panics: u64,
    /// Packets that interceptors emitted beyond [`Limits::max_emitted_per_input`](crate::Limits::max_emitted_per_input).
    pub dropped_emissions: u64,
    /// Facts published beyond [`Limits::max_facts_per_input`](crate::Limits::max_facts_per_input): kept in
    /// [`Facts`](crate::Facts), but told to nobody.
    pub dropped_facts: u64,
    /// Packets that nobody polled, beyond [`Limits::max_queued`](crate::Limits::max_queued).
    pub dropped_queued: u64,
    /// Events that nobody polled, beyond [`Limits::max_events`](crate::Limits::max_events).
    pub dropped_events: u64,
    /// Inputs whose instant lay before that of an earlier input; they counted as being of that instant. An owner whose
    /// threads read the clock before they queue for the chain makes some.
    pub clock_went_back: u64,
    /// Packets and datagrams that came after the chain was closed; dropped.
    pub after_close: u64,
}

impl Counters {
    /// Takes over what a nested chain has counted since `before` and the outer chain has not seen itself: what goes in and
    /// out of the inner chain is counted where it enters the outer one.
    pub(crate) const fn add_nested(&mut self, inner: &Self, before: &Self) {
        self.hook_errors += inner.hook_errors - before.hook_errors;
        self.panics += inner.panics - before.panics;
        self.dropped_emissions += inner.dropped_emissions - before.dropped_emissions;
        self.dropped_facts += inner.dropped_facts - before.dropped_facts;
        self.dropped_queued += inner.dropped_queued - before.dropped_queued;
        self.dropped_events += inner.dropped_events - before.dropped_events;
    }
}
