//! What can be wrong with a repair packet.

/// Why a payload is no repair packet. A peer can cause every one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FecError {
    /// It ends within its header.
    #[error("the repair packet ends within its header")]
    Truncated,
    /// Its mask has no bit, or its row or column no packet, or it lists no stream.
    #[error("the repair packet protects nothing")]
    Empty,
    /// The third part of a mask says that another one follows.
    #[error("the mask has no end")]
    EndlessMask,
    /// A field says what the standard reserves for later, or forbids.
    #[error("the repair packet has a reserved value in its {0}")]
    Reserved(&'static str),
}
