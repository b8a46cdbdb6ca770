//! What was counted.

use std::ops::AddAssign;

/// A struct of counters that can be added up.
macro_rules! counters {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                $(self.$field += other.$field;)*
            }
        }
    };
}

counters! {
    /// What leaving retransmissions have been counted as.
    SendCounters {
        /// Retransmissions put on the RTX SSRC.
        encapsulated,
        /// Retransmissions of a payload type without an `apt` pair: left on the media SSRC.
        without_payload_type,
    }
}

counters! {
    /// What packets on an incoming RTX SSRC, or with a payload type that belongs there, have been counted as.
    ReceiveCounters {
        /// Originals restored.
        restored,
        /// Packets without a whole original sequence number, such as padding probes: consumed.
        padding,
        /// Packets of a payload type without an `apt` pair: passed on untouched.
        unknown_payload_type,
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
