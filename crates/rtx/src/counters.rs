//! What was counted.

use interceptor_core::counters;

counters! {
    /// What leaving retransmissions have been counted as.
    pub struct SendCounters {
        /// Retransmissions put on the RTX SSRC.
        encapsulated,
        /// Retransmissions of a payload type without an `apt` pair: left on the media SSRC.
        without_payload_type,
        /// Retransmissions left on the media SSRC because those on the RTX SSRC had been in vain
        /// ([`plain_fallback`](crate::RtxOptions::plain_fallback)).
        repeated_plainly,
        /// Requests for numbers that had been retransmitted on the RTX SSRC a round trip before or earlier, at most two a number;
        /// with `plain_fallback` only.
        in_vain,
        /// Streams whose peer was found not to know RTX: everything is repeated plainly from then on.
        fallbacks,
        /// Packets of padding that a pacer wanted, on the RTX SSRC.
        padding,
        /// Bytes of these, headers included.
        padding_bytes,
    }

    /// What packets on an incoming RTX SSRC, or with a payload type that belongs there, have been counted as.
    pub struct ReceiveCounters {
        /// Originals restored.
        restored,
        /// Packets without a whole original sequence number, such as padding probes: consumed.
        padding,
        /// Packets of a payload type that no `apt` pair names, though there are pairs: consumed.
        unknown_payload_type,
        /// Packets that came before any media, on a stream whose `apt` pairs are unknown: consumed.
        before_media,
        /// Packets of an RTX payload type on the media SSRC: passed on untouched.
        on_media_ssrc,
    }
}

/// What one connection's [`Rtx`](crate::Rtx) has counted, ended streams included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtxCounters {
    /// Over all local streams.
    pub sent: SendCounters,
    /// Over all remote streams.
    pub received: ReceiveCounters,
}
