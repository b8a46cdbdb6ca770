//! What the sender of a remote stream asks for, and when that is told.

use interceptor_core::packet::SequenceNumber;
use interceptor_core::packet::ext::PlayoutDelay;

/// A remote stream whose bounds are read.
#[derive(Debug)]
pub struct PlayoutReceiver {
    pub(crate) id: u8,
    pub(crate) ssrc: u32,
    /// What the newest packet with bounds says, and its number.
    latest: Option<(SequenceNumber, PlayoutDelay)>,
    told: Option<PlayoutDelay>,
    /// In nanoseconds since the chain began.
    told_at: u64,
}

impl PlayoutReceiver {
    pub(crate) const fn new(id: u8, ssrc: u32) -> Self {
        Self { id, ssrc, latest: None, told: None, told_at: 0 }
    }

    /// The bounds that the sender asks for.
    #[must_use]
    pub fn bounds(&self) -> Option<PlayoutDelay> {
        self.latest.map(|(_, bounds)| bounds)
    }

    /// A packet says this. What one says that was overtaken, or sent again, is old.
    pub(crate) fn read(&mut self, number: u16, bounds: PlayoutDelay) {
        let number = SequenceNumber(number);
        if self.latest.is_none_or(|(latest, _)| !latest.newer_than(number)) {
            self.latest = Some((number, bounds));
        }
    }

    /// What is to be told now, if that is anything new.
    #[inline]
    pub(crate) fn news(&self) -> Option<PlayoutDelay> {
        self.bounds().filter(|bounds| self.told != Some(*bounds))
    }

    /// May it be told, after the last time?
    pub(crate) fn is_due(&self, now: u64, interval: u64) -> bool {
        self.told.is_none() || now.saturating_sub(self.told_at) >= interval
    }

    pub(crate) const fn told(&mut self, bounds: PlayoutDelay, now: u64) {
        (self.told, self.told_at) = (Some(bounds), now);
    }
}
