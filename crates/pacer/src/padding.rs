//! When padding is asked for: to fill a probe, or what media leaves of a rate that is to be kept.

use std::time::{Duration, Instant};

use crate::budget::{Budget, bytes_in};

/// How much is asked for at a time (libwebrtc `kTargetPaddingDuration`), and that it is worth a packet.
const AT_A_TIME: Duration = Duration::from_millis(5);
const LEAST_BYTES: u32 = 255;
/// Whom nobody answers asks again after so long.
const PATIENCE_NANOS: u64 = 100_000_000;

/// Asks for padding, and sees whether anybody answers.
#[derive(Debug, Default)]
pub(crate) struct Filler {
    /// What media leaves of the padding rate.
    budget: Option<Budget>,
    rate: u64,
    /// When it asked last without an answer.
    unanswered: Option<u64>,
}

impl Filler {
    pub(crate) const AT_A_TIME_NANOS: u64 = AT_A_TIME.as_nanos() as u64;

    /// So many bits a second are to leave, with padding where there is no media.
    pub(crate) fn set(&mut self, rate: u64, start: Instant, now: u64) {
        if rate == self.rate {
            return;
        }
        self.rate = rate;
        match &mut self.budget {
            Some(budget) if rate > 0 => budget.set(rate, AT_A_TIME, now),
            budget => *budget = Budget::new(rate, AT_A_TIME, start, now),
        }
    }

    /// A packet leaves, whatever it is.
    pub(crate) fn left(&mut self, bytes: u64, now: u64) {
        if let Some(budget) = &mut self.budget {
            budget.debit(bytes, now);
        }
    }

    /// Padding has come.
    pub(crate) const fn answered(&mut self) {
        self.unanswered = None;
    }

    /// May it ask now?
    ///
    /// # Errors
    /// When it may.
    pub(crate) fn may_ask(&self, now: u64) -> Result<(), u64> {
        let again = self.unanswered.map_or(0, |asked| asked + PATIENCE_NANOS);
        if now < again { Err(again) } else { Ok(()) }
    }

    /// It asks.
    pub(crate) const fn asked(&mut self, now: u64) {
        self.unanswered = Some(now);
    }

    /// Bytes that are missing of the padding rate, or when some will be. `None`: no padding is to be sent.
    pub(crate) fn missing(&mut self, now: u64) -> Option<Result<u32, u64>> {
        let free = self.budget.as_mut()?.take(0, now);
        let bytes = u32::try_from(bytes_in(self.rate, AT_A_TIME)).unwrap_or(u32::MAX);
        Some(free.map(|()| bytes.max(LEAST_BYTES)))
    }
}
