//! What the interceptors of one connection tell each other without knowing each other.

mod kept;
mod keyframe;
mod link;
mod receiving;
mod sending;

pub use kept::Facts;
pub use keyframe::{KeyframeAsking, KeyframeNeeded, KeyframeRequested};
pub use link::{LinkCondition, LinkState, Loss, Rtt};
pub use receiving::{FecStats, Playout, PlayoutBounds, PlayoutDeadline};
pub use sending::{Abandoned, Pacing, PaddingWanted, Probe, ProtectionOverhead, StreamTarget, TargetBitrate};

/// One variant a fact, named as its type, and the conversion from each.
macro_rules! facts {
    ($($(#[$doc:meta])* $fact:ident,)*) => {
        /// Something that one interceptor, or the chain's owner, found out and others may want to know. Told to every other
        /// interceptor by [`handle_fact`](crate::Interceptor::handle_fact), and to the owner as
        /// [`Event::Fact`](crate::Event::Fact).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Fact {
            $($(#[$doc])* $fact($fact),)*
        }

        $(impl From<$fact> for Fact {
            fn from(fact: $fact) -> Self {
                Self::$fact(fact)
            }
        })*
    };
}

facts! {
    /// A new round-trip time. Kept.
    Rtt,
    /// What the path loses of a local stream. Kept by stream.
    Loss,
    /// How congestion control sees the path. Kept.
    LinkState,
    /// How packets are to be paced. Kept.
    Pacing,
    /// A rate is to be tried.
    Probe,
    /// There is room for padding.
    PaddingWanted,
    /// A new target bit rate. Kept.
    TargetBitrate,
    /// A new target of one local stream. Kept by stream.
    StreamTarget,
    /// What protecting a local stream takes. Kept by stream.
    ProtectionOverhead,
    /// A remote stream needs a key frame.
    KeyframeNeeded,
    /// A local stream is asked for a key frame.
    KeyframeRequested,
    /// Somebody asks for key frames, so that others need not. Kept.
    KeyframeAsking,
    /// When a remote stream is to be played. Kept by stream.
    PlayoutBounds,
    /// Until when packets of a remote stream are of use. Kept by stream.
    PlayoutDeadline,
    /// Packets of a local stream were dropped.
    Abandoned,
    /// What a jitter buffer has done.
    Playout,
    /// What repaired a remote stream.
    FecStats,
}
