//! What an adapter counts, besides what its chain counts.

/// What a connection has counted since it was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// What the chain has counted.
    pub chain: interceptor_core::Counters,
    /// What happened between the chain and the host.
    pub adapter: AdapterCounters,
}

/// What happened between the chain and the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdapterCounters {
    /// RTP packets of the application or the wire that cannot be written on the wire (an extension with identifier 0, …). The
    /// host's own packet went on, past the chain.
    pub unconverted_rtp: u64,
    /// RTCP compounds of which the same holds.
    pub unconverted_rtcp: u64,
    /// Errors of the readers below: packets that `rtp` or `rtcp` could not parse, or that were longer than the reader's
    /// buffer. Reading went on.
    pub read_errors: u64,
    /// Compounds that the host gave to another reader as well; the chain has seen each once.
    pub rtcp_copies: u64,
    /// RTCP compounds that the application did not read before newer ones needed their place.
    pub dropped_rtcp: u64,
    /// Packets that were repaired or held back, and that the application did not read before newer ones needed their place.
    pub dropped_rtp: u64,
    /// Packets that interceptors made faster than the wire took them; the oldest went.
    pub dropped_outgoing: u64,
    /// Events that nobody read before newer ones needed their place.
    pub dropped_events: u64,
    /// Packets that interceptors made for an SSRC or a side that has no writer or reader: nothing of the host's would take them.
    pub unroutable: u64,
    /// Padding packets that left without their padding, which `rtp` 0.17 cannot write.
    pub padding_stripped: u64,
    /// Packets of interceptors that the host did not write, as before DTLS is up (it says so by 0 bytes) and after it has ended.
    pub write_errors: u64,
    /// Streams that the chain refused; their packets pass it as those of an unknown SSRC.
    pub refused_streams: u64,
    /// Local streams that went on with their numbers where the application's jumped.
    pub renumbered: u64,
}
