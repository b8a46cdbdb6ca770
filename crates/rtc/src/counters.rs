//! What the adapter counts besides the chain's own counters.

/// What the adapter has met since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdapterCounters {
    /// RTP packets, either way, that the chain cannot see: they went on as they were.
    pub unseen_rtp: u64,
    /// RTCP compounds, either way, that the chain cannot see: they went on as they were.
    pub unseen_rtcp: u64,
    /// Packets with padding that left with four bytes of it or less: the stack writes no more.
    pub shortened_padding: u64,
    /// Bindings of an RTX or FEC SSRC alone, which the stream that it repairs has brought already.
    pub repair_bindings: u64,
    /// Streams that were bound once more, with another description.
    pub amended: u64,
    /// Payload types that came with packets of a bound stream whose description did not name them.
    pub learnt_types: u64,
    /// Streams that the chain refused with their repair and took without.
    pub bound_without_repair: u64,
    /// Streams that the chain refused, whose packets pass it as those of unknown SSRCs; and changes of bound streams, which go on as
    /// they were.
    pub refused_streams: u64,
    /// Packets that nobody polled, beyond [`Limits::max_queued`](interceptor_core::Limits::max_queued): the oldest went.
    pub dropped_queued: u64,
}

impl AdapterCounters {
    pub(crate) const NONE: Self = Self {
        unseen_rtp: 0,
        unseen_rtcp: 0,
        shortened_padding: 0,
        repair_bindings: 0,
        amended: 0,
        learnt_types: 0,
        bound_without_repair: 0,
        refused_streams: 0,
        dropped_queued: 0,
    };
}
