//! What became of packets that may be retransmissions of an SSRC that nothing announced.

use interceptor_core::counters;

counters! {
    /// What one connection's [`RtxAssociation`](crate::RtxAssociation) has counted of incoming packets whose SSRC no stream
    /// has. A packet with an RTX payload type of no stream is none of its business and is not counted here.
    pub struct AssociationCounters {
        /// Packets given the RTX SSRC that their stream was bound with.
        associated,
        /// Packets that several streams have asked for: passed on untouched.
        ambiguous,
        /// Packets of an RTX payload type that no stream has asked for, where the payload type does not settle it: passed on
        /// untouched.
        unasked,
        /// Packets of an RTX payload type, but too short for an original sequence number, before their SSRC is known: passed
        /// on untouched.
        too_short,
        /// Packets of an RTX SSRC that has been found, but with a payload type that its stream does not retransmit with:
        /// passed on untouched.
        other_payload_type,
    }
}
