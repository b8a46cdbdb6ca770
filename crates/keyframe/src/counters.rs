//! What was counted, by one writer for any number of readers.

use std::ops::AddAssign;

use interceptor_core::{CounterCell, counters};

/// A struct of counters, and the same as it is written while others read.
macro_rules! counted {
    ($($(#[$meta:meta])* $name:ident, $cells:ident { $($(#[$doc:meta])* $field:ident,)* })*) => {$(
        counters! {
            $(#[$meta])*
            pub struct $name { $($(#[$doc])* $field,)* }
        }

        #[derive(Debug, Default)]
        pub(crate) struct $cells { $(pub(crate) $field: CounterCell,)* }

        impl $cells {
            pub(crate) fn snapshot(&self) -> $name {
                $name { $($field: self.$field.get(),)* }
            }
        }
    )*};
}

counted! {
    /// What asking for key frames of a remote stream has counted.
    AskCounters, AskCells {
        /// Causes to ask: the stream was joined in the middle.
        begun_in_the_middle,
        /// Causes to ask: somebody said that a key frame is needed.
        told,
        /// Causes to ask: the interval.
        by_interval,
        /// Causes to ask: no frame came, though something else did.
        by_silence,
        /// Of the causes: what was outstanding or remembered already serves them.
        joined,
        /// Of the causes: they came so soon after a request that they are asked for later.
        remembered,
        /// Picture loss indications sent.
        plis_sent,
        /// Full intra requests sent: entries, of which a message may have several.
        firs_sent,
        /// Of those sent: repeated, since no key frame had come.
        repeats,
        /// Key frames that have begun to come.
        keyframes,
        /// Of these: older than what was asked for; they end no request.
        stale_keyframes,
        /// Requests that a key frame ended.
        answered,
        /// Requests that ended because key frames of this stream cannot be seen.
        assumed_answered,
        /// Causes that were remembered, and served by a key frame before they were asked for.
        spared,
        /// Packets that end within their codec's descriptor: no key frame begins with them.
        too_short,
    }

    /// What listening to requests for a local stream has counted.
    AnswerCounters, AnswerCells {
        /// Picture loss indications received.
        plis,
        /// Full intra requests received: entries, of which a message may have several.
        firs,
        /// Of these: the same request once more.
        fir_repeats,
        /// Key frames that the owner was told to send.
        told,
        /// Requests that came within [`coalesce`](crate::KeyframeOptions::coalesce) of one that the owner was told of.
        coalesced,
        /// Requests that were taken out of the peer's RTCP.
        consumed,
        /// Key frames that have begun to leave.
        keyframes,
        /// Packets that end within their codec's descriptor: no key frame begins with them.
        too_short,
    }

    /// What is about no stream.
    OtherCounters, OtherCells {
        /// Requests for an SSRC that is no local media stream which takes them.
        unknown_ssrc,
        /// Requests without a whole entry.
        malformed,
        /// Key frames said to be needed of an SSRC that is no remote media stream which gives them.
        unknown_needed,
    }
}

/// What one connection's [`Keyframe`](crate::Keyframe) has counted, ended streams included; or those of all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyframeCounters {
    /// Over all remote streams.
    pub asking: AskCounters,
    /// Over all local streams.
    pub answering: AnswerCounters,
    /// What is about no stream.
    pub other: OtherCounters,
}

impl AddAssign for KeyframeCounters {
    fn add_assign(&mut self, other: Self) {
        self.asking += other.asking;
        self.answering += other.answering;
        self.other += other.other;
    }
}
