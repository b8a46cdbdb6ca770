//! What a connection's owner is told.

use crate::Class;

/// More was to be sent than the pace lets through for as long as packets may wait: some were dropped. Raised once an excursion, again only
/// when nothing was dropped for a second.
///
/// Taken from the chain's events with [`Event::raised`](interceptor_core::Event::raised).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacerOverflow {
    /// The SSRC of the first packet that was dropped.
    pub ssrc: u32,
    /// What it was.
    pub class: Class,
}
