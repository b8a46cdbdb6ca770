//! A while in which less is sent so that the queue empties.

use crate::Time;
use crate::adaptive::clock::after;

/// The queue is empty enough at this share of the equilibrium.
const EMPTY: f64 = 0.4;

/// Less is sent until the queue is gone or time is up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recess {
    until: Time,
    /// The rate to return to.
    pub(crate) then: f64,
}

impl Recess {
    /// For at most so many ms.
    pub(crate) fn new(now: Time, millis: f64, then: f64) -> Self {
        Self { until: after(now, millis), then }
    }

    pub(crate) fn lasts(&self, now: Time) -> bool {
        now < self.until
    }

    /// Is a queue of so many ms gone?
    pub(crate) fn is_empty(queue: f64, equilibrium: f64) -> bool {
        queue < EMPTY * equilibrium
    }
}
