//! The options of a link.

use std::time::Duration;

use interceptor_core::OptionsError;

use super::capacity::Capacity;
use super::check::check;
use super::delay::{Duplicate, Jitter, Reorder};
use super::loss::Loss;
use super::mark::MarkRamp;
use super::stall::Stalls;

/// How deep a queue is, or may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueueDepth {
    /// Bytes that wait, overhead included. The packet that is being sent does not wait.
    Bytes(usize),
    /// Packets that wait. The packet that is being sent does not wait.
    Packets(usize),
    /// The time that a packet waits until the link begins to send it, at the rate of the moment; while that
    /// is zero, at the last rate that was not.
    Time(Duration),
}

/// Everything that a link does to packets. The default does nothing: each packet arrives at once and in
/// order.
///
/// A packet passes the queue and its rate limit, then loss, duplication, reordering, delay and jitter. All of
/// them combine.
///
/// ```
/// use interceptor_test::{Capacity, Jitter, LinkOptions, Loss, QueueDepth};
/// use std::time::Duration;
///
/// let ms = Duration::from_millis;
/// let options = LinkOptions::default()
///     .with_capacity(Capacity::constant(1_000_000))
///     .with_queue_limit(QueueDepth::Time(ms(300)))
///     .with_loss(Loss::burst(0.02, 4.0))
///     .with_delay(ms(40))
///     .with_jitter(Jitter::uniform(ms(5)));
/// assert!(options.validate().is_ok());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LinkOptions {
    /// Which packets are lost. Empty: none.
    pub loss: Vec<Loss>,
    /// Travel time of a packet after it was sent. Default: zero.
    pub delay: Duration,
    /// Other delays, each from an instant after the link's start on, as when a route changes: what is offered then travels so
    /// long. Default: none.
    pub delay_steps: Vec<(Duration, Duration)>,
    /// Moments in which nothing gets through. Default: none.
    pub stalls: Option<Stalls>,
    /// Scatter of the travel time. Default: none.
    pub jitter: Option<Jitter>,
    /// Whether jitter may let packets overtake each other. Default: no, a packet arrives no earlier than the
    /// one before it.
    pub jitter_reorders: bool,
    /// Packets held back on purpose. Default: none.
    pub reorder: Option<Reorder>,
    /// Packets that arrive twice. Default: none.
    pub duplicate: Option<Duplicate>,
    /// The rate. Default: unlimited, so that no packet ever waits.
    pub capacity: Option<Capacity>,
    /// How long the queue before a rate limit can grow; a packet that finds it full is dropped (drop-tail).
    /// Default: unbounded.
    pub queue_limit: Option<QueueDepth>,
    /// ECN: a packet that finds more than this ahead of it in the queue is marked "congestion experienced",
    /// if it is ECN-capable. Default: never.
    pub mark_above: Option<QueueDepth>,
    /// ECN: marks that become more likely as the queue grows, beside `mark_above`. Default: none.
    pub mark_ramp: Option<MarkRamp>,
    /// Bytes that every packet takes on the link besides its own, such as 28 for IPv4 and UDP. Default: 0.
    pub overhead_bytes: usize,
}

impl LinkOptions {
    /// Adds a reason for losses to those set before.
    #[must_use]
    pub fn with_loss(mut self, loss: Loss) -> Self {
        self.loss.push(loss);
        self
    }

    /// Removes all reasons for losses.
    #[must_use]
    pub fn without_loss(mut self) -> Self {
        self.loss.clear();
        self
    }

    /// See [`LinkOptions::delay`].
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// From `at` after the link's start on, another delay. Steps follow each other in time.
    #[must_use]
    pub fn with_delay_step(mut self, at: Duration, delay: Duration) -> Self {
        self.delay_steps.push((at, delay));
        self
    }

    /// See [`LinkOptions::stalls`].
    #[must_use]
    pub fn with_stalls(mut self, stalls: impl Into<Option<Stalls>>) -> Self {
        self.stalls = stalls.into();
        self
    }

    /// See [`LinkOptions::jitter`].
    #[must_use]
    pub fn with_jitter(mut self, jitter: impl Into<Option<Jitter>>) -> Self {
        self.jitter = jitter.into();
        self
    }

    /// See [`LinkOptions::jitter_reorders`].
    #[must_use]
    pub fn with_jitter_reorders(mut self, reorders: bool) -> Self {
        self.jitter_reorders = reorders;
        self
    }

    /// See [`LinkOptions::reorder`].
    #[must_use]
    pub fn with_reorder(mut self, reorder: impl Into<Option<Reorder>>) -> Self {
        self.reorder = reorder.into();
        self
    }

    /// See [`LinkOptions::duplicate`].
    #[must_use]
    pub fn with_duplicate(mut self, duplicate: impl Into<Option<Duplicate>>) -> Self {
        self.duplicate = duplicate.into();
        self
    }

    /// See [`LinkOptions::capacity`].
    #[must_use]
    pub fn with_capacity(mut self, capacity: impl Into<Option<Capacity>>) -> Self {
        self.capacity = capacity.into();
        self
    }

    /// See [`LinkOptions::queue_limit`].
    #[must_use]
    pub fn with_queue_limit(mut self, limit: impl Into<Option<QueueDepth>>) -> Self {
        self.queue_limit = limit.into();
        self
    }

    /// See [`LinkOptions::mark_above`].
    #[must_use]
    pub fn with_mark_above(mut self, threshold: impl Into<Option<QueueDepth>>) -> Self {
        self.mark_above = threshold.into();
        self
    }

    /// See [`LinkOptions::mark_ramp`].
    #[must_use]
    pub fn with_mark_ramp(mut self, ramp: impl Into<Option<MarkRamp>>) -> Self {
        self.mark_ramp = ramp.into();
        self
    }

    /// See [`LinkOptions::overhead_bytes`].
    #[must_use]
    pub fn with_overhead_bytes(mut self, overhead_bytes: usize) -> Self {
        self.overhead_bytes = overhead_bytes;
        self
    }

    /// The delay of what is offered `since_start` after the link's start.
    pub(super) fn delay_at(&self, since_start: Duration) -> Duration {
        let steps = self.delay_steps.iter().rev();
        steps.skip_while(|(at, _)| *at > since_start).map(|(_, delay)| *delay).next().unwrap_or(self.delay)
    }

    /// Whether every option lies in its range; [`Link::new`](super::Link::new) and
    /// [`Link::reconfigure`](super::Link::reconfigure) ask this.
    ///
    /// # Errors
    /// The first option that does not, with its value and its range.
    pub fn validate(&self) -> Result<(), OptionsError> {
        for loss in &self.loss {
            loss.validate()?;
        }
        let mut previous = Duration::ZERO;
        for (at, _) in &self.delay_steps {
            check(*at > previous, "delay_steps.at", at, "after zero and after the step before")?;
            previous = *at;
        }
        if let Some(jitter) = self.jitter {
            let delays = self.delay_steps.iter().map(|(_, delay)| *delay);
            jitter.validate(delays.fold(self.delay, Duration::min))?;
        }
        if let Some(stalls) = self.stalls {
            stalls.validate()?;
        }
        if let Some(ramp) = self.mark_ramp {
            ramp.validate()?;
        }
        if let Some(reorder) = self.reorder {
            reorder.validate()?;
        }
        if let Some(duplicate) = self.duplicate {
            duplicate.validate()?;
        }
        if let Some(capacity) = &self.capacity {
            capacity.validate()?;
        }
        Ok(())
    }
}
