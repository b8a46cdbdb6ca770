//! What was counted.

use interceptor_core::counters;

counters! {
    /// What became of packets that came in, besides what [`DecoderTally`](crate::DecoderTally) says of repairs.
    pub struct ReceiveCounters {
        /// Packets in RED.
        red_packets,
        /// Repair packets: bare, in RED, and in front of media in RED.
        repairs,
        /// Lost packets that went on.
        recovered,
        /// RED packets whose blocks do not fit their payload, or of more than 32 blocks: consumed.
        malformed,
        /// RED packets of a payload type that was not negotiated, RED within RED among them: consumed.
        foreign,
        /// Redundant blocks of something else than repairs.
        blocks_skipped,
        /// Repairs that end too soon, have the E bit, or protect nothing: their numbers still go on.
        malformed_repairs,
    }

    /// What became of packets that leave.
    pub struct SendCounters {
        /// Media packets that are in the sum of a repair packet.
        protected,
        /// Media packets that are in none: written late, or with no room for what will be stamped.
        unprotected,
        /// Repair packets sent.
        repairs,
        /// Bytes of these, headers included.
        repair_bytes,
        /// Of these, those over the MTU.
        oversize,
        /// Repair packets that did not leave, as the chain emits no more for one input.
        unsent,
    }

    /// What the upper half has counted of a remote stream.
    pub struct EndCounters {
        /// Emptied repair packets that ended here.
        swallowed,
    }
}
