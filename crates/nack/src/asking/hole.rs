//! One missing packet: when to ask for it, and when no more.

use std::time::Duration;

use interceptor_core::Rtt;

use super::Env;
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

    /// Would the answer to a request at this age come too late?
    const fn is_over(&self, age: u64) -> bool {
        age.saturating_add(self.way) > self.deadline
    }
}

/// What is to be done about a hole.
pub(super) enum Verdict {
    Ask,
    GiveUp,
    /// Nothing, until this instant, or until this number has come.
    Wait {
        until: u64,
        number: i64,
    },
}

impl Hole {
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
            return Verdict::Wait { until: self.noticed.saturating_add(patience.age), number: i64::MAX };
        }
        if self.requests == 0 {
            return self.review_unasked(newest, tolerance, env);
        }
        match (env.now + pace.slack >= self.due, self.requests >= env.options.max_requests) {
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

    pub(super) const fn ask(&mut self, now: u64, pace: Pace) {
        if self.requests == 0 {
            self.asked = now;
        }
        self.requests += 1;
        self.due = now + pace.repeat;
    }
}
