//! What a local stream asks for.

use interceptor_core::packet::ext::PlayoutDelay;

use crate::acknowledged::Acknowledged;

/// A local stream that may ask for bounds.
#[derive(Debug)]
pub struct PlayoutSender {
    pub(crate) id: u8,
    pub(crate) ssrc: u32,
    bounds: Option<PlayoutDelay>,
    pub(crate) acknowledged: Acknowledged,
}

impl PlayoutSender {
    pub(crate) const fn new(id: u8, ssrc: u32, bounds: Option<PlayoutDelay>) -> Self {
        Self { id, ssrc, bounds, acknowledged: Acknowledged::Unsaid }
    }

    /// The bounds that it asks for.
    #[must_use]
    pub const fn bounds(&self) -> Option<PlayoutDelay> {
        self.bounds
    }

    /// Does the peer have them?
    #[must_use]
    pub const fn is_acknowledged(&self) -> bool {
        self.acknowledged.is_yes()
    }

    /// From now on it asks for these.
    pub(crate) fn set(&mut self, bounds: PlayoutDelay) {
        if self.bounds != Some(bounds) {
            self.bounds = Some(bounds);
            self.acknowledged = Acknowledged::Unsaid;
        }
    }

    /// Does the peer still have to be told?
    #[inline]
    pub(crate) const fn is_waiting(&self) -> bool {
        self.bounds.is_some() && !self.acknowledged.is_yes()
    }
}
