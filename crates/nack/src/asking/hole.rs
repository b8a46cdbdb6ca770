//! One missing packet: when to ask for it, and when no more.

use std::time::Duration;

use interceptor_core::Rtt;

use super::Env;
use crate::copies::SPACING;
use crate::reorder::Tolerance;
use crate::time::{DEFAULT_RTT, micros, round_trip};

/// The shortest time between two requests for one packet, in microseconds.
const MIN_REPEAT: u64 = 20_000;
/// Never, in microseconds.
pub(crate) const NEVER: u64 = u64::MAX;

/// A packet that is missing. Instants are in microseconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole {
    pub(super) seq: i64,
    pub(super) noticed: u64,
    /// The first request.
    pub(super) asked: u64,
    /// The next request; meaningful once there was one.
    pub(super) due: u64,
    pub(super) requests: u8,
    /// Copies of the newest request that have not left, of as many as there are; `due` is the next one's then.
    pub(super) copies: u8,
    pub(super) of_copies: u8,
    /// Not asked for any more, as the answer would come too late; it may still come.
    pub(super) withheld: bool,
}

/// The time between two requests for one packet, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    repeat: u64,
    /// A request may leave so much sooner, with one that is due. Always after a round trip.
    pub(crate) slack: u64,
}

impl Pace {
    pub(crate) fn of(rtt: Option<Rtt>) -> Self {
        let rtt = micros(rtt.map_or(DEFAULT_RTT, round_trip));
        let repeat = (rtt.saturating_mul(11) / 10).max(MIN_REPEAT);
        Self { repeat, slack: (repeat / 16).min(repeat - MIN_REPEAT) }
    }
}

/// For how long a missing packet is of use, in microseconds since it was noticed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// It is given up at this age.
    age: u64,
    /// It is of use until then.
    deadline: u64,
    /// No answer is faster: what the path has been at its best of late.
    way: u64,
}

impl Patience {
    /// `deadline`: so long after it would have come in time a packet is still of use, if somebody knows.
    pub(super) fn of(max_age: Duration, deadline: Option<Duration>, rtt: Option<Rtt>) -> Self {
        let deadline = deadline.map_or(NEVER, micros);
        Self { age: micros(max_age).min(deadline), deadline, way: rtt.map_or(0, |rtt| micros(rtt.min)) }
    }

    /// Would the answer to a request at this age come too late? A packet is missed a little after it would have come.
    const fn is_over(&self, age: u64) -> bool {
        age.saturating_add(self.way) >= self.deadline
    }
}

/// What is to be done about a hole.
pub(super) enum Verdict {
    Ask,
    GiveUp,
    /// No answer would come in time: nothing, until this instant.
    Withhold {
        until: u64,
    },
    /// Nothing, until this instant, or until this number has come.
    Wait {
        until: u64,
        number: i64,
    },
}

impl Hole {
    pub(super) const fn new(seq: i64, noticed: u64) -> Self {
        Self { seq, noticed, asked: NEVER, due: NEVER, requests: 0, copies: 0, of_copies: 1, withheld: false }
    }

    pub(super) fn review(
        &self,
        newest: i64,
        oldest: i64,
        tolerance: Tolerance,
        (pace, patience): (Pace, Patience),
        env: &Env<'_>,
    ) -> Verdict {
        let age = env.now - self.noticed;
        if age >= patience.age || self.seq < oldest {
            return Verdict::GiveUp;
        }
        if patience.is_over(age) {
            // It may be on its way: late, or as the answer to a request.
            return Verdict::Withhold { until: self.noticed.saturating_add(patience.age) };
        }
        if self.requests == 0 {
            return self.review_unasked(newest, tolerance, env);
        }
        // Copies that leave together are lost together, and the answer to the last one of a request may come any moment.
        let slack = if self.of_copies > 1 { 0 } else { pace.slack };
        let spent = self.copies == 0 && self.requests >= env.options.max_requests;
        match (env.now + slack >= self.due, spent) {
            (false, _) => Verdict::Wait { until: self.due, number: i64::MAX },
            (true, true) => Verdict::GiveUp,
            (true, false) => Verdict::Ask,
        }
    }

    fn review_unasked(&self, newest: i64, tolerance: Tolerance, env: &Env<'_>) -> Verdict {
        let after = |time: Duration| self.noticed.saturating_add(micros(time));
        let give_up = after(env.options.max_age);
        let limit = tolerance.limit.map_or(give_up, after);
        let time = after(tolerance.time);
        let overtaken = newest - self.seq >= tolerance.packets;
        match (env.now >= limit, overtaken) {
            (true, _) => Verdict::Ask,
            (false, true) if env.now >= time => Verdict::Ask,
            (false, true) => Verdict::Wait { until: time.min(limit), number: i64::MAX },
            (false, false) => Verdict::Wait { until: limit, number: self.seq + tolerance.packets },
        }
    }

    /// A request leaves, the first of `copies`, or a copy of the one before.
    pub(super) const fn ask(&mut self, now: u64, copies: u8, pace: Pace) {
        if self.copies == 0 {
            if self.requests == 0 {
                self.asked = now;
            }
            self.requests += 1;
            (self.copies, self.of_copies) = (copies, copies);
        }
        self.copies = self.copies.saturating_sub(1);
        // The next request is timed from the first copy of this one.
        let spent = SPACING * (self.of_copies.saturating_sub(1) as u64);
        self.due = now + if self.copies > 0 { SPACING } else { pace.repeat.saturating_sub(spent) };
    }
}
