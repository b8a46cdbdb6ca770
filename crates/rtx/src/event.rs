//! What a connection's owner is told.

/// A peer retransmits with a payload type that no `apt` pair of the stream names: its packets are consumed, since nobody
/// can say what they repeat. Raised once a stream, with the first of them; mostly signalling that has left a pair out
/// (Chromium retransmits RED with a type of its own). [`Chain::amend_remote`](interceptor_core::Chain::amend_remote) adds it.
///
/// Taken from the chain's events with [`Event::raised`](interceptor_core::Event::raised).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownRtxPayloadType {
    /// The stream's media SSRC.
    pub ssrc: u32,
    /// The SSRC of its retransmissions.
    pub rtx_ssrc: u32,
    /// The payload type that no pair names.
    pub payload_type: u8,
}
