//! When a target is told: a fall at once, a rise when it is worth it.

use std::time::Duration;

use interceptor_core::{LinkState, Pacing, TargetBitrate};

use crate::Time;

/// A rise is told from so many percent on, and not more often than this.
const RISE_PERCENT: u64 = 3;
const RISE_INTERVAL: Duration = Duration::from_millis(25);
/// Part of the average, and its memory in seconds, that counts as lasting.
const STABLE_PART: f64 = 0.95;
const STABLE_MEMORY: f64 = 2.0;
/// The least time between two states of the link that say the same of it.
const LINK_INTERVAL: Duration = Duration::from_millis(100);

/// What was published last, and when.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    target: Option<(TargetBitrate, Time)>,
    pacing: Option<Pacing>,
    link: Option<(LinkState, Time)>,
    /// The target's average, the target since then, and when that was.
    average: Option<(f64, f64, Time)>,
}

impl Told {
    /// The part of the target that lasts.
    pub(crate) fn stable(&mut self, target: u64, now: Time) -> u64 {
        let rate = target as f64;
        let (average, held, at) = self.average.unwrap_or((rate, rate, now));
        let seconds = now.since(at).max(0) as f64 / 1e6;
        let average = held + (average - held) * (-seconds / STABLE_MEMORY).exp();
        self.average = Some((average, rate, now));
        ((average * STABLE_PART) as u64).min(target)
    }

    /// The part of the target that lasts, as it was told.
    pub(crate) fn last_stable(&self) -> u64 {
        self.target.map_or(0, |(target, _)| target.stable)
    }

    /// Is this target to be told now? A rise that has to wait gives the time.
    pub(crate) fn target(&mut self, target: TargetBitrate, now: Time) -> Result<bool, Time> {
        let Some((before, at)) = self.target else {
            self.target = Some((target, now));
            return Ok(true);
        };
        let falls = target.bits_per_second < before.bits_per_second;
        let rises =
            rises(before.bits_per_second, target.bits_per_second) || rises(before.stable, target.stable);
        if !falls && !rises {
            return Ok(false);
        }
        if !falls && at + RISE_INTERVAL > now {
            return Err(at + RISE_INTERVAL);
        }
        self.target = Some((target, now));
        Ok(true)
    }

    /// Is this pacing to be told? Where there is a window, whenever the bytes on the way have changed.
    pub(crate) fn pacing(&mut self, pacing: Pacing) -> bool {
        let same = self.pacing.is_some_and(|before| {
            let in_flight = if pacing.window.is_some() { before.in_flight } else { pacing.in_flight };
            Pacing { in_flight, ..before } == pacing
        });
        if !same {
            self.pacing = Some(pacing);
        }
        !same
    }

    /// Is this state of the link to be told?
    pub(crate) fn link(&mut self, link: LinkState, now: Time) -> bool {
        let tell = self.link.is_none_or(|(before, at)| {
            before.state != link.state || (before != link && at + LINK_INTERVAL <= now)
        });
        if tell {
            self.link = Some((link, now));
        }
        tell
    }
}

/// Is `now` more than `before` by what is worth telling?
pub(crate) const fn rises(before: u64, now: u64) -> bool {
    now > before && now - before >= before / 100 * RISE_PERCENT
}
