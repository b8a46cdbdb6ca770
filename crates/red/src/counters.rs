//! What was counted.

use interceptor_core::counters;

counters! {
    /// What became of RED packets that came in: what came has gone on, or is counted by why it did not.
    pub struct ReceiveCounters {
        /// RED packets that came.
        packets,
        /// Redundant blocks in them, of those that could be read.
        blocks,
        /// Lost packets made of redundant blocks.
        recovered,
        /// Blocks of packets that had come, or had been made already.
        unneeded,
        /// Blocks of which it is not known whose they are: of before the stream's first packet or too old, at no packet's time,
        /// empty, or with an offset of 0.
        unplaced,
        /// Blocks of a payload type that was not negotiated.
        foreign_blocks,
        /// Packets whose blocks do not fit their payload, or of more than 32 blocks: consumed.
        malformed,
        /// Packets whose primary payload is of a type that was not negotiated, RED within RED among them: consumed.
        foreign_primaries,
        /// Packets, RED or not, that came after they had been made of redundant blocks, or twice, one of the copies restored by a
        /// retransmission: consumed.
        late_originals,
    }

    /// What became of packets that leave.
    pub struct SendCounters {
        /// Packets that left as RED.
        packets,
        /// Redundant blocks in them.
        blocks,
        /// Bytes that RED has added: headers and redundant blocks.
        overhead_bytes,
        /// Packets that left plainly, as no older payload was there, or young enough, or had room.
        plain,
        /// Blocks left out for their size: longer than 1023 bytes, or too long for the datagram.
        left_out_size,
        /// Blocks left out for their age.
        left_out_age,
    }
}
