//! The SSRCs under which this end has told its clock.

/// The SSRCs of receiver reference time blocks that were sent: DLRR entries for them are answers to us.
///
/// Only this end's own RTCP feeds it. Beyond [`Self::CAPACITY`] the oldest is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Reporters {
    ssrcs: [Option<u32>; Self::CAPACITY],
    next: usize,
}

impl Reporters {
    /// Browsers use one for audio and one for video.
    const CAPACITY: usize = 16;

    pub(crate) fn add(&mut self, ssrc: u32) {
        if self.contains(ssrc) {
            return;
        }
        if let Some(slot) = self.ssrcs.get_mut(self.next) {
            *slot = Some(ssrc);
        }
        self.next = (self.next + 1) % Self::CAPACITY;
    }

    pub(crate) fn contains(&self, ssrc: u32) -> bool {
        self.ssrcs.contains(&Some(ssrc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_the_oldest() {
        let mut reporters = Reporters::default();
        (0..=16).for_each(|ssrc| reporters.add(ssrc));
        reporters.add(16);
        assert!(!reporters.contains(0) && (1..=16).all(|ssrc| reporters.contains(ssrc)));
    }
}
