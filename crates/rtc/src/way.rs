//! The two directions of a stream.

/// Which of the chain's tables of streams is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Outgoing.
    Local,
    /// Incoming.
    Remote,
}
