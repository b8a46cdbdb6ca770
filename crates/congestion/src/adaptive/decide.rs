//! What becomes of the rate when feedback has come: one thing at a time, the most urgent first.

use super::Adaptive;
use super::clock::millis;
use super::delay::Delay;
use super::feedback::Sums;
use super::loss::Losses;
use super::rate::{
    Competition, DRAIN_SHARE, Drain, Finding, Moment, Ramp, Recess, cut, equilibrium, is_low, patience,
};
use crate::{Reason, Time};

/// A queue above this that does not fall is congestion whatever the slope says, in ms.
const HARD_QUEUE_MS: f64 = 60.0;
/// A slope is congestion only with a queue of more than this, in ms: jitter makes slopes, too.
const LEAST_QUEUE_MS: f64 = 10.0;
/// And with a newest wait of more than this, whatever the least of the moment says, in ms: a path that lost half of its rate has made a queue of a tenth
/// of a second before that has told.
const SUDDEN_QUEUE_MS: f64 = 40.0;
/// The path carries no more than arrives over half a second, and so much more than arrives over the shorter time.
const SHORT_ALLOWANCE: f64 = 1.05;
/// Between two cuts lies a round trip, but no more than this, in ms: a path that fills up has long ones.
const LONGEST_PAUSE_MS: f64 = 200.0;
/// While a queue empties it is cut again only if less than this share of the rate to return to arrives.
const WORSE: f64 = 0.7;
/// The target is at most so much above what arrives, and so many bits per second; draft-ietf-rmcat-gcc-02 §5.5, and libwebrtc.
const ABOVE_ACKED: f64 = 1.5;
const ABOVE_ACKED_BITS: f64 = 10_000.0;
/// What is lost by chance has left as well: of loss, so much counts at most.
const MOST_LOSS: f64 = 0.5;
/// A policer takes no more than half of the rate at once.
const POLICED_AT_LEAST: f64 = 0.5;
/// Higher rates are tried only with a queue of less than this, in ms, and so long after a cut, in ms.
const PROBE_QUEUE_MS: f64 = 5.0;
const PROBE_AFTER_CUT_MS: f64 = 1000.0;

/// What a decision is made of.
#[derive(Clone, Copy, Debug)]
struct Look {
    now: Time,
    /// The time since the last feedback, in ms.
    dt: f64,
    /// The queue in ms as far as it is ours, and the one that this rate may keep.
    queue: f64,
    equilibrium: f64,
    /// The queue stands above all that is right, and does not fall.
    hard: bool,
}

impl Adaptive {
    /// The order is that of urgency: a queue that is being emptied, the empty moment that is overdue, a queue that grows, others that fill it, losses,
    /// marks, room.
    pub(super) fn decide(&mut self, now: Time, dt: f64, sums: &Sums) {
        self.compete(now);
        let contest = self.competition.is_on();
        let queue = if contest { 0.0 } else { self.delay.queue() };
        let hard = queue > HARD_QUEUE_MS && !self.delay.queue_falls();
        let look = Look { now, dt, queue, equilibrium: equilibrium(self.rate), hard };
        if !is_low(queue, look.equilibrium) || self.losses.blinds() {
            self.low_since = now;
        }
        if let Some(recess) = self.recess.filter(|recess| recess.lasts(now)) {
            self.empty(look, recess);
        } else if contest {
            self.hold(look, sums.lost > 0.0);
        } else if self.drain.is_due(now, self.last_cut) {
            self.make_room(look);
        } else if self.is_over(look) {
            self.cut(look);
        } else if self.losses.is_congestion(now, self.delay.queue(), self.last_cut) {
            self.last_cut = now;
            self.set(self.rate * self.losses.kept(), Reason::Loss);
        } else {
            self.react_to_marks(now, sums.marked.ce);
            self.grow(look);
        }
        self.take_probe_result(look);
        self.clamp(now);
        self.probe_in_idle(now);
    }

    fn compete(&mut self, now: Time) {
        let moment = self.moment(now);
        match self.competition.look(moment, &self.delay, self.options.compete) {
            Finding::Nothing => {}
            Finding::Longer { by, rate } | Finding::NoContest { by, rate } => {
                self.delay.raise_base(now, by);
                self.recess = None;
                self.set(rate, Reason::Growth);
            }
            Finding::Rate(rate) => {
                self.recess = None;
                self.set(rate, Reason::Competition);
            }
        }
    }

    fn moment(&self, now: Time) -> Moment {
        Moment { now, rtt: self.rtt, rate: self.rate, acked: self.acked.rate() }
    }

    /// The queue is being emptied: back when it is, down once more if it became worse.
    fn empty(&mut self, look: Look, recess: Recess) {
        if Recess::is_empty(look.queue, look.equilibrium) {
            self.recess = None;
            self.set(self.rate.max(recess.then), Reason::Growth);
        } else if look.hard
            && self.acked.rate() < WORSE * recess.then
            && millis(look.now, self.last_cut) > self.rtt
        {
            self.cut(look);
        }
    }

    /// The queue has not been empty for long: nobody knows how long the path is.
    fn make_room(&mut self, look: Look) {
        let lasts = Drain::lasts(self.rtt, look.queue);
        self.recess = Some(Recess::new(look.now, lasts, self.rate));
        self.last_cut = look.now;
        self.set(self.rate * DRAIN_SHARE, Reason::Drain);
    }

    /// A queue grows and is longer than this rate may keep, or stands too long; and the last cut has been seen.
    fn is_over(&self, look: Look) -> bool {
        let long = look.queue > look.equilibrium.max(LEAST_QUEUE_MS);
        let sudden = self.delay.newest_queue() > SUDDEN_QUEUE_MS;
        let grows = self.delay.grows() && (long || sudden);
        let seen = millis(look.now, self.last_cut) > self.rtt.min(LONGEST_PAUSE_MS);
        (grows || look.hard) && seen
    }

    fn cut(&mut self, look: Look) {
        let capacity = self.acked.rate().min(SHORT_ALLOWANCE * self.acked.short_rate());
        let cut = cut(capacity, look.queue, look.equilibrium);
        let then = cut.then.min(self.rate);
        self.inflection.full_at(capacity);
        self.recess = Some(Recess::new(look.now, self.rtt + cut.drained_ms, then));
        self.congested(look.now);
        self.competition.cut();
        self.set(cut.rate.min(self.rate), Reason::Delay);
    }

    fn hold(&mut self, look: Look, lost: bool) {
        let lost = lost && millis(look.now, self.last_cut) > self.rtt;
        let (rate, cut) = self.competition.rate(self.moment(look.now), look.dt, lost);
        if cut {
            self.last_cut = look.now;
        }
        self.set(rate, Reason::Competition);
    }

    fn react_to_marks(&mut self, now: Time, ce: u32) {
        if ce > 0
            && let Some((kept, again)) = self.marks.cut(now, self.rtt)
        {
            self.inflection.marked_at(self.rate, again);
            self.start = false;
            self.set(self.rate * kept, Reason::Ecn);
        }
    }

    fn grow(&mut self, look: Look) {
        if millis(look.now, self.low_since) <= patience(self.rtt) {
            return;
        }
        let ramp = Ramp {
            acked: self.acked.rate(),
            share: self.inflection.growth(self.rate),
            start: self.start,
            rtt: self.rtt,
            dt: look.dt,
        };
        self.set(ramp.grow(self.rate), Reason::Growth);
    }

    fn take_probe_result(&mut self, look: Look) {
        let Some(result) = self.probes.result() else { return };
        if result.rate <= self.rate || self.delay.queue() >= look.equilibrium {
            return;
        }
        let max = self.limits.max as f64;
        if self.start {
            self.probes.go_on(look.now, result.rate, max);
        }
        self.inflection.forget();
        if result.full {
            self.inflection.full_at(result.rate);
        }
        self.set(result.rate, Reason::Probe);
    }

    /// Never far above what arrives, unless it is the application that sends less; never above a policer.
    fn clamp(&mut self, now: Time) {
        let arrives = self.acked.rate() / (1.0 - self.losses.share().min(MOST_LOSS));
        let most = ABOVE_ACKED * arrives + ABOVE_ACKED_BITS;
        if self.rate > most && !self.sent.is_limited(now, self.rate) {
            self.set(most, self.reason);
        }
        if let Some(policed) = self.losses.policed_at().filter(|policed| *policed < self.rate) {
            self.set(policed.max(POLICED_AT_LEAST * self.rate), Reason::Loss);
        }
    }

    /// Who sends little learns nothing of the path but by trying.
    fn probe_in_idle(&mut self, now: Time) {
        if self.may_probe(now) && self.sent.is_limited(now, self.rate) {
            self.probes.try_again(now, self.rate, self.limits.max as f64);
        }
    }

    /// Nothing stands in the way of a higher rate.
    pub(super) fn may_probe(&self, now: Time) -> bool {
        self.delay.queue() < PROBE_QUEUE_MS && millis(now, self.last_cut) > PROBE_AFTER_CUT_MS
    }

    /// The path has been full: nothing is tried for now, and growth is careful from now on.
    fn congested(&mut self, now: Time) {
        self.last_cut = now;
        self.start = false;
        self.probes.cancel();
    }

    /// All that was learnt of a path is gone.
    pub(super) fn forget_path(&mut self, now: Time) {
        self.delay = Delay::default();
        self.losses = Losses::default();
        self.inflection.forget();
        self.competition = Competition::new(self.rate);
        self.drain = Drain::new(now);
        (self.recess, self.low_since, self.start) = (None, now, true);
        self.marks.on_route_change();
    }
}
