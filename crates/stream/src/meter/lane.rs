//! One direction of a stream: decides about a message, counts it, and keeps its buckets.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use interceptor_token_bucket::Denied;

use super::rates::{Rates, Terms};
use super::shared::nanos;
use super::{Cause, Direction, Excess, Meter};

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// Let it pass, and say so with [`Lane::passed`].
    Pass,
    /// Hold it back, and all behind it; ask again at this time, and not before it, with the same size.
    Wait {
        /// Nanoseconds after the meter's origin.
        until_nanos: u64,
    },
    /// Drop it. It is counted already.
    Drop,
    /// The stream is ended; the message is counted as refused.
    End(Cause),
}

/// One direction of a stream, for the one who moves its messages, one after the other.
///
/// A message comes to [`admit`](Self::admit). Once that says [`Verdict::Pass`], it goes on, and [`passed`](Self::passed) counts it, or
/// [`refused`](Self::refused) if the stream failed at it.
#[derive(Debug)]
pub struct Lane {
    meter: Arc<Meter>,
    direction: Direction,
    paced: bool,
    rates: Option<Rates>,
    /// Granted so far: what the limits over a stream's life are about, `u64::MAX` where there is none.
    messages: u64,
    bytes: u64,
    max_messages: u64,
    max_bytes: u64,
    max_message_bytes: u64,
    max_duration_nanos: u64,
    warn_message_bytes: u64,
    /// Passed and not counted yet.
    unsettled_messages: u64,
    unsettled_bytes: u64,
    /// Since when the message that comes next is held back.
    waits_since: Option<u64>,
}

impl Lane {
    pub(super) fn new(meter: Arc<Meter>, direction: Direction, origin: Instant) -> Self {
        let limits = *meter.limits();
        let pace = match direction {
            Direction::Received => &limits.received,
            Direction::Sent => &limits.sent,
        };
        let rates = Rates::new(pace, origin);
        Self {
            paced: rates.is_some() || meter.both.is_some(),
            max_duration_nanos: limits.max_duration.map_or(u64::MAX, nanos),
            meter,
            direction,
            rates,
            messages: 0,
            bytes: 0,
            max_messages: limits.max_messages.unwrap_or(u64::MAX),
            max_bytes: limits.max_bytes.unwrap_or(u64::MAX),
            max_message_bytes: limits.max_message_bytes.unwrap_or(u64::MAX),
            warn_message_bytes: limits.warn_message_bytes.unwrap_or(u64::MAX),
            unsettled_messages: 0,
            unsettled_bytes: 0,
            waits_since: None,
        }
    }

    /// The meter that it shares with the other direction.
    #[must_use]
    pub const fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// Which direction it is.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// A message of `bytes` has come, or is asked about again after [`Verdict::Wait`].
    ///
    /// All limits are checked before anything is counted, and tokens taken from all buckets or from none.
    #[inline]
    pub fn admit(&mut self, bytes: u64, elapsed_nanos: u64) -> Verdict {
        if self.grant(bytes, elapsed_nanos) { Verdict::Pass } else { self.admit_not(bytes, elapsed_nanos) }
    }

    /// Grants a message of `bytes` if it may pass now, as [`Verdict::Pass`] does. If not, nothing is counted: [`admit`](Self::admit) decides.
    #[inline(always)]
    pub fn grant(&mut self, bytes: u64, elapsed_nanos: u64) -> bool {
        if !self.is_within(bytes, elapsed_nanos) || self.paced && self.take(bytes, elapsed_nanos).is_some() {
            return false;
        }
        self.count_granted(bytes);
        true
    }

    /// The message that was granted last has passed, its last byte too, after it was held back for `waited_nanos` (0 if it was not).
    #[inline]
    pub fn passed(&mut self, bytes: u64, waited_nanos: u64) {
        let tally = self.meter.tally(self.direction);
        tally.messages.add(1);
        tally.bytes.add(bytes);
        if bytes > self.warn_message_bytes {
            tally.large_messages.add(1);
        }
        if waited_nanos > 0 {
            tally.waited_nanos.add(waited_nanos);
        }
        self.waits_since = None;
    }

    /// The same for a message that was not [held back](Self::is_holding) and is not [large](Self::is_large), which nobody can see before
    /// [`settle`](Self::settle): who takes messages by the frame counts them by the frame.
    #[inline]
    pub const fn passed_unsettled(&mut self, bytes: u64) {
        self.unsettled_messages += 1;
        self.unsettled_bytes = self.unsettled_bytes.saturating_add(bytes);
    }

    /// Counts what [`passed_unsettled`](Self::passed_unsettled) was told of. If a message ends the stream, those before it are counted first.
    #[inline]
    pub fn settle(&mut self) {
        let tally = self.meter.tally(self.direction);
        tally.messages.add(std::mem::take(&mut self.unsettled_messages));
        tally.bytes.add(std::mem::take(&mut self.unsettled_bytes));
    }

    /// A message did not pass though no limit was against it: the stream failed at it, or ended while it was held back.
    pub fn refused(&mut self, bytes: u64) {
        let tally = self.meter.tally(self.direction);
        tally.refused_messages.add(1);
        tally.refused_bytes.add(bytes);
        self.waits_since = None;
    }

    /// A message was consumed by an interceptor: instead of [`passed`](Self::passed), or before it was asked about at all.
    pub fn consumed(&mut self, bytes: u64) {
        let tally = self.meter.tally(self.direction);
        tally.consumed_messages.add(1);
        tally.consumed_bytes.add(bytes);
        self.waits_since = None;
    }

    /// Messages that have passed.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.meter.tally(self.direction).messages.get()
    }

    /// Whether [`Verdict::Wait`] has held back the message that comes next, or the one that was granted last and has not passed yet.
    #[inline]
    #[must_use]
    pub const fn is_holding(&self) -> bool {
        self.waits_since.is_some()
    }

    /// For how long [`Verdict::Wait`] has held back the message that comes next, or the one that was granted last and has not passed yet.
    #[inline]
    #[must_use]
    pub fn held_nanos(&self, elapsed_nanos: u64) -> u64 {
        self.waits_since.map_or(0, |since| elapsed_nanos.saturating_sub(since))
    }

    /// Whether as many `bytes` may be held back in this direction.
    ///
    /// # Errors
    /// They are more than [`max_held_bytes`](crate::StreamLimits::max_held_bytes): to be [ended](Meter::end) with that cause.
    #[inline]
    pub fn hold(&self, bytes: u64) -> Result<(), Cause> {
        match self.meter.limits().max_held_bytes {
            Some(max) if bytes > max => Err(Cause::HeldBytes { direction: self.direction, bytes, max }),
            _ => Ok(()),
        }
    }

    /// True if a message of so many bytes counts as large.
    #[inline]
    #[must_use]
    pub const fn is_large(&self, bytes: u64) -> bool {
        bytes > self.warn_message_bytes
    }

    /// A limit of the stream's life, or of a message: which? One that was ended already keeps its cause.
    #[cold]
    fn beyond(&mut self, bytes: u64, elapsed_nanos: u64) -> Verdict {
        let direction = self.direction;
        if let Some(cause) = self.meter.outlived(elapsed_nanos) {
            return self.end(bytes, cause);
        }
        if bytes > self.max_message_bytes {
            return self.end(bytes, Cause::MessageBytes { direction, bytes, max: self.max_message_bytes });
        }
        if self.messages >= self.max_messages {
            return self.end(bytes, Cause::Messages { direction, max: self.max_messages });
        }
        self.end(bytes, Cause::Bytes { direction, max: self.max_bytes })
    }

    /// What is to be done with a message that was not granted.
    #[cold]
    fn admit_not(&mut self, bytes: u64, elapsed_nanos: u64) -> Verdict {
        if !self.is_within(bytes, elapsed_nanos) {
            return self.beyond(bytes, elapsed_nanos);
        }
        let Some((denied, terms)) = self.take(bytes, elapsed_nanos) else {
            // The other direction has given back what there was not before.
            self.count_granted(bytes);
            return Verdict::Pass;
        };
        self.excess(denied, terms, bytes, elapsed_nanos)
    }

    /// No limit over the stream's life is against it.
    #[inline(always)]
    fn is_within(&self, bytes: u64, elapsed_nanos: u64) -> bool {
        bytes <= self.max_message_bytes
            && self.messages < self.max_messages
            && self.bytes.saturating_add(bytes) <= self.max_bytes
            && elapsed_nanos < self.max_duration_nanos
            && self.meter.ended().is_none()
    }

    #[inline(always)]
    const fn count_granted(&mut self, bytes: u64) {
        self.messages += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Takes the message's tokens from all buckets; or from none, and says which rates deny it.
    #[inline]
    fn take(&mut self, bytes: u64, elapsed_nanos: u64) -> Option<(Denied<u64>, Terms)> {
        if let Some(rates) = &mut self.rates
            && let Err(denied) = rates.take(bytes, elapsed_nanos)
        {
            return Some((denied, rates.terms));
        }
        let both = self.meter.both.as_ref()?;
        let (denied, terms) = {
            let mut both = both.lock().unwrap_or_else(PoisonError::into_inner);
            (both.take(self.direction, bytes, elapsed_nanos).err()?, both.terms())
        };
        if let Some(rates) = &mut self.rates {
            rates.give_back(bytes);
        }
        Some((denied, terms))
    }

    #[cold]
    fn excess(&mut self, denied: Denied<u64>, terms: Terms, bytes: u64, elapsed_nanos: u64) -> Verdict {
        let direction = self.direction;
        match (terms.excess, denied) {
            (Excess::Drop, _) => {
                let tally = self.meter.tally(direction);
                tally.dropped_messages.add(1);
                tally.dropped_bytes.add(bytes);
                self.waits_since = None;
                Verdict::Drop
            }
            (_, Denied::Never) => self.end(bytes, Cause::Burst { direction, bytes, burst: terms.burst }),
            (Excess::Fail, _) => self.end(bytes, Cause::Rate { direction }),
            (Excess::Wait, Denied::Until(until_nanos)) => {
                let since = *self.waits_since.get_or_insert(elapsed_nanos);
                if Duration::from_nanos(until_nanos.saturating_sub(since)) > terms.max_wait {
                    return self.end(bytes, Cause::Wait { direction, max: terms.max_wait });
                }
                // Who is held back is not idle.
                self.meter.moved(until_nanos);
                Verdict::Wait { until_nanos }
            }
        }
    }

    fn end(&mut self, bytes: u64, cause: Cause) -> Verdict {
        self.settle();
        self.meter.end(cause);
        self.refused(bytes);
        Verdict::End(self.meter.ended().unwrap_or(cause))
    }
}
