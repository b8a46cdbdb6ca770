//! Marks whose probability rises with the queue.

use std::time::Duration;

use interceptor_core::OptionsError;
use rand::Rng;

use super::check::check;

/// ECN marks as an active queue management sets them that is made for L4S (RFC 9332 §2.4): none below one queueing time,
/// every packet from another one on, and in between the more the longer the queue.
///
/// A packet that finds fewer than [`min_packets`](Self::min_packets) waiting is not marked: at low rates one packet alone
/// takes longer than a ramp.
///
/// ```
/// use interceptor_test::{Capacity, LinkOptions, MarkRamp};
/// use std::time::Duration;
///
/// let ms = Duration::from_millis;
/// let options = LinkOptions::default()
///     .with_capacity(Capacity::constant(4_000_000))
///     .with_mark_ramp(MarkRamp::new(ms(2), ms(10)));
/// assert!(options.validate().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MarkRamp {
    /// No packet that waits this long or less is marked.
    pub from: Duration,
    /// Every packet that waits this long or longer is marked. At least `from`.
    pub to: Duration,
    /// Packets that have to wait for any to be marked, the one that is being sent among them. Default: 2.
    pub min_packets: usize,
}

impl MarkRamp {
    /// Marks rise from none at `from` to every packet at `to`, if at least 2 packets wait.
    #[must_use]
    pub const fn new(from: Duration, to: Duration) -> Self {
        Self { from, to, min_packets: 2 }
    }

    /// See [`MarkRamp::min_packets`].
    #[must_use]
    pub const fn with_min_packets(mut self, min_packets: usize) -> Self {
        self.min_packets = min_packets;
        self
    }

    pub(super) fn validate(self) -> Result<(), OptionsError> {
        check(self.from <= self.to, "mark_ramp.to", self.to, "at least mark_ramp.from")
    }

    /// Whether a packet is marked that will wait so long, behind so many others. Draws once whatever it finds; `None` is a
    /// wait without an end.
    pub(super) fn marks(self, wait: Option<Duration>, packets: usize, rng: &mut impl Rng) -> bool {
        let chance: f64 = rng.random();
        if packets < self.min_packets {
            return false;
        }
        let Some(wait) = wait else { return true };
        if wait >= self.to {
            return wait > self.from;
        }
        let above = wait.saturating_sub(self.from).as_secs_f64();
        chance * (self.to - self.from).as_secs_f64() < above
    }
}
