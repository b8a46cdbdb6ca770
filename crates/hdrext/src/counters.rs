//! What was counted.

use interceptor_core::counters;

counters! {
    /// What one connection's [`AbsSendTimes`](crate::AbsSendTimes) has counted, streams that have ended included.
    pub struct AbsSendTimeCounters {
        /// Packets that left with their time.
        stamped,
        /// Packets that left without, because their header extension takes none: a foreign profile, or no room.
        not_stamped,
        /// Send times read.
        read,
        /// Elements that are no send time.
        malformed,
    }

    /// What one connection's [`TransmissionOffsets`](crate::TransmissionOffsets) has counted, streams that have ended included.
    pub struct TransmissionOffsetCounters {
        /// Packets that left with their offset.
        stamped,
        /// Packets that left without: no clock is known of their payload type, or their header extension takes none.
        not_stamped,
        /// Packets from which on offsets count: the first of each stream, and those after which timestamps have jumped.
        anchored,
    }

    /// What one connection's [`Identification`](crate::Identification) has counted, streams that have ended included.
    pub struct IdentificationCounters {
        /// Packets that left with whose they are.
        stamped,
        /// Packets that left without, because their header extension takes none: a foreign profile, or no room.
        not_stamped,
        /// SSRCs that the peer has shown to know.
        acknowledged,
        /// Elements of unbound SSRCs that are no name.
        malformed,
        /// Unbound SSRCs that were told ([`UnboundStream`](crate::UnboundStream)).
        unbound_told,
        /// Packets of unbound SSRCs that were not told, as there were too many.
        unbound_suppressed,
    }

    /// What one connection's [`PlayoutDelays`](crate::PlayoutDelays) has counted, streams that have ended included.
    pub struct PlayoutDelayCounters {
        /// Packets that left with bounds.
        stamped,
        /// Packets that left without, because their header extension takes none: a foreign profile, or no room.
        not_stamped,
        /// Times that the peer has shown to have the bounds of a stream.
        acknowledged,
        /// Bounds read.
        read,
        /// Elements of another length, or with a minimum above the maximum.
        malformed,
        /// Changes told ([`PlayoutBounds`](interceptor_core::PlayoutBounds)).
        told,
        /// Packets that came while a change waited, as there had been one a moment before.
        deferred,
    }

    /// What one connection's [`AbsCaptureTimes`](crate::AbsCaptureTimes) has counted, streams that have ended included.
    pub struct AbsCaptureTimeCounters {
        /// Packets that left with the time of their frame's capture.
        stamped,
        /// Packets that left without one that was due, because their header extension takes none: a foreign profile, or no room.
        not_stamped,
        /// Packets that left with the one that they had.
        kept,
        /// Capture times read.
        read,
        /// Elements that are no capture time.
        malformed,
        /// Capture times whose clock was related to ours, to be forwarded.
        adjusted,
    }

    /// What one connection's [`AudioLevels`](crate::AudioLevels) has counted, streams that have ended included.
    pub struct AudioLevelCounters {
        /// Elements that left with packets.
        stamped,
        /// Elements that did not, because the header extension takes none: a foreign profile, or no room.
        not_stamped,
        /// Elements read.
        read,
        /// Elements that are no level.
        malformed,
    }

    /// What one connection's [`ForwardExtensions`](crate::ForwardExtensions) has counted, streams that have ended included.
    pub struct ForwardCounters {
        /// Packets whose header extensions were changed.
        changed,
        /// Packets whose header extensions would have become too long.
        not_changed,
    }
}
