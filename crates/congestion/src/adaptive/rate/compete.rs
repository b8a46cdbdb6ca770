//! A queue that our own cuts do not empty is somebody else's, or the path has become longer.

use crate::Time;
use crate::adaptive::clock::{after, millis};
use crate::adaptive::delay::Delay;

/// Shares of the last seconds in which the queue was high: below the first all is well, above the second it may be the path, above the
/// third somebody else. A contest ends below the last.
const CALM: f64 = 0.3;
const LONGER_SHARE: f64 = 0.5;
const CONTEST_SHARE: f64 = 0.7;
const OVER_SHARE: f64 = 0.2;
/// A longer path: after so many cuts, a queue of at least so many ms that is flat within so many ms, known for so long.
const LONGER_CUTS: u32 = 2;
const LONGER_LEAST_MS: f64 = 20.0;
const FLAT_MS: f64 = 8.0;
const LONGER_SPAN_MS: f64 = 2000.0;
/// Somebody else: after so many cuts, with so many samples, known for so long.
const CONTEST_CUTS: u32 = 3;
const CONTEST_SAMPLES: u32 = 15;
const CONTEST_SPAN_MS: f64 = 3000.0;
/// A contest is looked at after so long at the earliest, and tested after so long, then again and again, in ms.
const FIRST_LOOK_MS: f64 = 4000.0;
const FIRST_TEST_MS: f64 = 12_000.0;
const NEXT_TEST_MS: f64 = 15_000.0;
/// A test: this share of the rate, for so many ms and round trips.
const TEST_SHARE: f64 = 0.3;
const TEST_MS: f64 = 300.0;
const TEST_RTTS: f64 = 2.5;
/// A queue that falls below this in a test was our own, in ms.
const OWN_MS: f64 = 12.0;
/// And one that does not fall by this much was none, in ms.
const NONE_MS: f64 = 4.0;
/// What is taken back of the rate before the cuts, when they were in vain, of what arrives at most so much.
const BACK_LONGER: f64 = 0.7;
const BACK_CONTEST: f64 = 0.5;
const ABOVE_ACKED: f64 = 1.5;
/// In a contest the rate grows by 1.5 packets of 1200 bytes a round trip, each round trip, and loss leaves 0.85 of it: beside a Cubic flow that is a
/// third to a half of the path. A round trip counts for no more than 300 ms.
const ADDED_BITS: f64 = 1.5 * 9600.0;
const LONGEST_RTT_MS: f64 = 300.0;
const KEPT_ON_LOSS: f64 = 0.85;

/// Counts cuts in vain, and holds against others.
#[derive(Clone, Debug)]
pub(crate) struct Competition {
    /// Cuts since the queue was low, and the rate before them.
    cuts: u32,
    before: f64,
    contest: Option<Contest>,
}

#[derive(Clone, Copy, Debug)]
struct Contest {
    since: Time,
    test_at: Time,
    /// The rate outside of tests.
    rate: f64,
    test: Option<Test>,
}

/// The queue in a test, in ms.
#[derive(Clone, Copy, Debug)]
struct Test {
    first: f64,
    least: f64,
}

/// What follows from a look at the queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Finding {
    /// Nothing.
    Nothing,
    /// The path is longer by so many ms; the rate may be at least this.
    Longer { by: f64, rate: f64 },
    /// The rate is to be this: a contest begins, or ends.
    Rate(f64),
    /// A contest ends for the path is longer by so many ms.
    NoContest { by: f64, rate: f64 },
}

/// What a contest is fought by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Time,
    /// The round-trip time in ms.
    pub(crate) rtt: f64,
    pub(crate) rate: f64,
    pub(crate) acked: f64,
}

impl Competition {
    pub(crate) const fn new(rate: f64) -> Self {
        Self { cuts: 0, before: rate, contest: None }
    }

    /// The rate was cut for a queue.
    pub(crate) const fn cut(&mut self) {
        self.cuts = self.cuts.saturating_add(1);
    }

    /// Others keep the queue full: its length says nothing of our rate.
    pub(crate) const fn is_on(&self) -> bool {
        self.contest.is_some()
    }

    /// Looks at the queue of the last seconds.
    pub(crate) fn look(&mut self, moment: Moment, delay: &Delay, allowed: bool) -> Finding {
        let high = delay.standing().share_high();
        let finding = match self.contest {
            Some(contest) => self.fight(contest, moment, high, delay.queue()),
            None => self.suspect(moment, high, delay, allowed),
        };
        if high < CALM && self.contest.is_none() {
            (self.cuts, self.before) = (0, moment.rate);
        }
        finding
    }

    /// The rate of a contest after `dt` ms with or without a loss; whether it was cut.
    pub(crate) fn rate(&self, moment: Moment, dt: f64, lost: bool) -> (f64, bool) {
        let rate = moment.rate;
        match self.contest {
            Some(contest) if moment.now > contest.test_at => (rate.min(TEST_SHARE * contest.rate), false),
            Some(_) if lost => (rate * KEPT_ON_LOSS, true),
            _ => {
                let rtt = moment.rtt.clamp(1.0, LONGEST_RTT_MS) / 1e3;
                (rate + ADDED_BITS / (rtt * rtt) * dt / 1e3, false)
            }
        }
    }

    fn suspect(&mut self, moment: Moment, high: f64, delay: &Delay, allowed: bool) -> Finding {
        let Moment { now, rate, acked, .. } = moment;
        let standing = delay.standing();
        let span = standing.span(now);
        if high > LONGER_SHARE && self.cuts >= LONGER_CUTS && span > LONGER_SPAN_MS {
            let (least, most) = standing.range(now);
            if least > LONGER_LEAST_MS && most - least < FLAT_MS + 2.0 * delay.jitter() {
                self.cuts = 0;
                let rate = rate.max(BACK_LONGER * self.before.min(ABOVE_ACKED * acked));
                return Finding::Longer { by: least, rate };
            }
        }
        let known = standing.samples() > CONTEST_SAMPLES && span > CONTEST_SPAN_MS;
        if allowed && high > CONTEST_SHARE && self.cuts >= CONTEST_CUTS && known && !standing.falls(now) {
            let rate = rate.max(BACK_CONTEST * self.before);
            let test_at = after(now, FIRST_TEST_MS);
            self.contest = Some(Contest { since: now, test_at, rate, test: None });
            return Finding::Rate(rate);
        }
        Finding::Nothing
    }

    fn fight(&mut self, mut contest: Contest, moment: Moment, high: f64, queue: f64) -> Finding {
        let Moment { now, rtt, rate, .. } = moment;
        if now <= contest.test_at {
            (contest.rate, contest.test) = (rate, None);
            let over = high < OVER_SHARE && millis(now, contest.since) > FIRST_LOOK_MS;
            self.settle(if over { None } else { Some(contest) });
            return Finding::Nothing;
        }
        let test = contest.test.unwrap_or(Test { first: queue.max(1.0), least: f64::INFINITY });
        let test = Test { least: test.least.min(queue), ..test };
        contest.test = Some(test);
        if now <= after(contest.test_at, TEST_MS + TEST_RTTS * rtt) {
            self.contest = Some(contest);
            return Finding::Nothing;
        }
        let rate = contest.rate;
        if test.least < OWN_MS {
            self.settle(None);
            return Finding::Rate(rate);
        }
        if test.first - test.least < NONE_MS {
            self.settle(None);
            return Finding::NoContest { by: test.least, rate };
        }
        contest.test_at = after(now, NEXT_TEST_MS);
        self.settle(Some(contest));
        Finding::Rate(rate)
    }

    const fn settle(&mut self, contest: Option<Contest>) {
        if contest.is_none() {
            self.cuts = 0;
        }
        self.contest = contest;
    }
}
