//! SSRCs that nobody wants.

use std::collections::VecDeque;

/// So many at most; they cost four bytes each. The one silent longest is forgotten first.
const MAX: usize = 256;

/// A bounded list, the SSRC silent longest first.
#[derive(Debug, Default)]
pub(super) struct Ignored(VecDeque<u32>);

impl Ignored {
    pub(super) fn insert(&mut self, ssrc: u32) {
        if self.hear(ssrc) {
            return;
        }
        self.0.push_back(ssrc);
        if self.0.len() > MAX {
            self.0.pop_front();
        }
    }

    pub(super) fn remove(&mut self, ssrcs: &[u32]) {
        self.0.retain(|ignored| !ssrcs.contains(ignored));
    }

    pub(super) fn clear(&mut self) {
        self.0 = VecDeque::new();
    }

    /// Is this SSRC, of which a packet came, not wanted? If so, it has not been silent.
    pub(super) fn hear(&mut self, ssrc: u32) -> bool {
        let Some(at) = self.0.iter().position(|ignored| *ignored == ssrc) else { return false };
        if let Some(ssrc) = self.0.remove(at) {
            self.0.push_back(ssrc);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Ignored, MAX};

    #[test]
    fn the_one_silent_longest_is_forgotten() {
        let mut ignored = Ignored::default();
        (0..MAX as u32).for_each(|ssrc| ignored.insert(ssrc));
        assert!(ignored.hear(0));
        ignored.insert(1000);
        assert!(ignored.hear(0) && ignored.hear(1000) && !ignored.hear(1));
        ignored.remove(&[0, 2]);
        assert!(!ignored.hear(0) && !ignored.hear(2) && ignored.hear(3));
        (0..10_000).for_each(|ssrc| ignored.insert(ssrc));
        assert_eq!(ignored.0.len(), MAX);
    }
}
