//! What the sender's reports say of a stream.

/// Whose a stream is, and its sender's clock.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// A hash of the canonical name.
    pub(crate) name: Option<u64>,
    /// The sender's wall clock in nanoseconds, and the timestamp at that instant.
    pub(crate) report: Option<(i64, u32)>,
}
