//! What the owner is told.

/// Packets of a stream have not come by the time at which they were to leave, and what follows them leaves now. Raised with
/// [`gaps`](crate::JitterBufferOptions::gaps), just before that; taken from the chain's events with
/// [`Event::raised`](interceptor_core::Event::raised).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The stream's media SSRC.
    pub ssrc: u32,
    /// The first missing number.
    pub first: u16,
    /// How many are missing.
    pub count: u64,
}
