//! How packets are let go: the pace, the window, and what congestion control says of both.

use std::time::{Duration, Instant};

use interceptor_core::Pacing;
use interceptor_core::packet::Ecn;

use crate::budget::{Budget, countable};

/// A pace is never run ahead of for longer: what that does to queues on the way is what a pacer is there to avoid.
pub(crate) const LONGEST_BURST: Duration = Duration::from_millis(10);
/// A full window lets a packet go so often: without feedback nothing would ever open it again (libwebrtc
/// `kCongestedPacketInterval`).
const KEEP_ALIVE_NANOS: u64 = 500_000_000;
/// What changes by less than this part has not changed: no cut, and no other haste.
const SMALL_PART: u64 = 32;
/// At most this much faster than told.
const MOST_HASTE: u64 = 2;

/// The pace in force.
#[derive(Debug)]
pub(crate) struct Pace {
    start: Instant,
    /// `None`: nobody has set a pace yet, and everything passes.
    budget: Option<Budget>,
    /// Bits a second, as told.
    told: u64,
    /// As they are now: more than told when the queue is to be emptied.
    in_force: u64,
    burst: Duration,
    /// A burst has at least what comes in until timers fire again: a chain wakes nobody more often.
    shortest: Duration,
    /// The most bytes on the way.
    window: Option<u64>,
    in_flight: u64,
    last_left: Option<u64>,
    /// Padding that may fill what media does not, in bits a second.
    pub(crate) padding: u64,
    /// The mark that packets leave with.
    pub(crate) ect: Option<Ecn>,
}

impl Pace {
    /// A pace of so many bits a second, or none.
    pub(crate) fn new(
        rate: Option<u64>,
        burst: Duration,
        shortest: Duration,
        start: Instant,
        now: u64,
    ) -> Self {
        let told = rate.unwrap_or_default();
        let burst = burst.max(shortest).min(LONGEST_BURST);
        Self {
            start,
            budget: Budget::new(told, burst, start, now),
            told,
            in_force: told,
            burst,
            shortest,
            window: None,
            in_flight: 0,
            last_left: None,
            padding: 0,
            ect: None,
        }
    }

    /// Congestion control has spoken. Is it a cut?
    pub(crate) fn hear(&mut self, pacing: &Pacing, now: u64) -> bool {
        let rate = countable(pacing.bits_per_second);
        let is_cut = rate < self.told - self.told / SMALL_PART;
        self.burst = pacing.burst.max(self.shortest).min(LONGEST_BURST);
        // A pace of nothing is a window of nothing.
        self.window = if rate == 0 { Some(0) } else { pacing.window.map(u64::from) };
        self.in_flight = pacing.in_flight.into();
        self.padding = pacing.padding.min(rate);
        self.ect = pacing.ect;
        self.told = rate;
        self.put_in_force(rate, now);
        is_cut
    }

    fn put_in_force(&mut self, rate: u64, now: u64) {
        self.in_force = rate;
        match &mut self.budget {
            Some(budget) => budget.set(rate, self.burst, now),
            None => self.budget = Budget::new(rate, self.burst, self.start, now),
        }
    }

    /// Is it nothing but a pace?
    pub(crate) const fn is_plain(&self) -> bool {
        self.window.is_none() && self.padding == 0
    }

    /// Bits a second, as told; 0 when nobody has.
    pub(crate) const fn told(&self) -> u64 {
        self.told
    }

    /// Bits a second, as they are now.
    pub(crate) const fn in_force(&self) -> u64 {
        self.in_force
    }

    /// A packet wants to leave, and does if it may.
    ///
    /// # Errors
    /// When it may.
    #[inline(always)]
    pub(crate) fn take(&mut self, bytes: u64, now: u64) -> Result<(), u64> {
        if self.window.is_some() {
            return self.take_in_window(bytes, now);
        }
        self.budget.as_mut().map_or(Ok(()), |budget| budget.take(bytes, now))
    }

    fn take_in_window(&mut self, bytes: u64, now: u64) -> Result<(), u64> {
        if self.window.is_some_and(|most| self.in_flight + bytes > most) {
            let opens_at = self.last_left.map_or(0, |last| last + KEEP_ALIVE_NANOS);
            if now < opens_at {
                return Err(opens_at);
            }
            // It does not ask for more than that.
            self.debit(bytes, now);
            return Ok(());
        }
        if let Some(budget) = &mut self.budget {
            budget.take(bytes, now)?;
        }
        self.left(bytes, now);
        Ok(())
    }

    /// When a packet of so many bytes may leave, if not now.
    pub(crate) fn closed_until(&mut self, bytes: u64, now: u64) -> Option<u64> {
        if self.window.is_some_and(|most| self.in_flight + bytes > most) {
            return self.last_left.map(|last| last + KEEP_ALIVE_NANOS).filter(|opens_at| now < *opens_at);
        }
        self.budget.as_mut()?.take(0, now).err()
    }

    /// A packet leaves that has not asked.
    pub(crate) fn debit(&mut self, bytes: u64, now: u64) {
        if let Some(budget) = &mut self.budget {
            budget.debit(bytes, now);
        }
        self.left(bytes, now);
    }

    const fn left(&mut self, bytes: u64, now: u64) {
        self.in_flight = self.in_flight.saturating_add(bytes);
        self.last_left = Some(now);
    }

    /// So many bytes are to leave within a time, after what is owed: the pace rises, to twice what was told at most.
    pub(crate) fn hasten(&mut self, bytes: u64, within: u64, now: u64) {
        if self.told == 0 {
            return;
        }
        let owed = self.budget.as_ref().map_or(0, |budget| budget.owed(now));
        let needed = u128::from(bytes + owed) * 8_000_000_000 / u128::from(within.max(1));
        let most = self.told.saturating_mul(MOST_HASTE);
        let rate = u64::try_from(needed).unwrap_or(u64::MAX).clamp(self.told, most);
        if rate.abs_diff(self.in_force) > self.in_force / SMALL_PART {
            self.put_in_force(rate, now);
        }
    }

    /// The pace is what was told again.
    pub(crate) fn calm(&mut self, now: u64) {
        if self.in_force != self.told {
            self.put_in_force(self.told, now);
        }
    }
}
