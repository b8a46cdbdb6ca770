//! SCReAM, second version: a window of bytes on the way, from which follows a rate.
//!
//! Feedback goes from part to part in this order:
//!
//! | file | question |
//! |---|---|
//! | `digest.rs` | what does the message say, in sum? |
//! | `usage.rs` | how much of the window is used? |
//! | `path.rs` | how long is the path? |
//! | `queue_delay.rs` | how long do packets wait, beyond the path's own delay and jitter? |
//! | `silence.rs` | had feedback stayed away? |
//! | `marks.rs`, `losses.rs` | are packets marked, or lost for want of room? |
//! | `delivery.rs` | how much gets through? |
//! | `window.rs` | so shrink, or grow? |
//! | `drain.rs` | does a queue not go, and is it one? |
//! | `padding.rs` | may padding show what media does not? |

mod aging_min;
mod delivery;
mod digest;
mod drain;
mod losses;
mod marks;
mod options;
mod padding;
mod path;
mod queue_delay;
mod silence;
#[cfg(test)]
mod tests;
mod usage;
mod window;

use std::time::Duration;

use interceptor_core::packet::Ecn;
use interceptor_core::{LinkCondition, LinkState, OptionsError};

use crate::adaptive::reports::{Reports, Verdict};
use crate::{Controller, Decision, Feedback, LossReport, RateLimits, Reason, Sent, Time};

use self::delivery::Delivery;
use self::digest::Digest;
use self::drain::Drain;
use self::losses::Losses;
use self::marks::Marks;
pub use self::options::ScreamOptions;
use self::padding::Padding;
use self::path::Path;
use self::queue_delay::QueueDelay;
use self::silence::Silence;
use self::usage::Usage;
use self::window::{Congestion, MIN_WINDOW, MSS, RefWindow};

/// Bytes on the way may exceed the window by so much: while queues are empty, so that a large frame leaves at once, and while they
/// are not (draft `REF_WND_OVERHEAD_MAX`, `REF_WND_OVERHEAD_MIN`).
const OVERHEAD: (f64, f64) = (3.0, 1.5);
/// Bytes on the way may fall short of the window by so much for it to grow (libwebrtc `BytesInFlightHeadRoom`).
const HEADROOM: f64 = 1.1;
/// The queue delay from which on the window shrinks, in targets. The draft and libwebrtc take 0.5, whose longest queues are a fifth
/// longer for a hundredth more of the path.
const ONSET: f64 = 0.4;
/// Part of what is on the way without a queue that a window shrunk by delay keeps, at least.
const KEPT: f64 = 0.9;
/// Without congestion for so many round trips, what was learnt of it has been forgotten.
const FORGOTTEN_RTTS: f64 = 100.0;

/// SCReAM, second version (draft-johansson-ccwg-rfc8298bis-screamv2), with L4S.
///
/// A reference window says how many bytes should be on the way. It grows by a packet in a round trip and, long after congestion, by
/// a fiftieth of itself; it shrinks when packets wait, are marked or lost. The target is the window over the time that a packet takes
/// until it is told of.
///
/// Where it parts from libwebrtc: growth slows as delays spread *beyond what they do on this path*, so jitter does not end it; losses
/// are congestion when there are more than usual or the queue is long; the path's base delay is remembered for 20 s, and a queue that
/// does not become shorter when less is sent is taken for a longer path; what a round trip of congestion takes from the window does
/// not depend on how often feedback comes, and is no more than the queue; short paths grow no faster than long ones; feedback that
/// stays away is reacted to. Without transport feedback receiver reports move the target.
#[derive(Clone, Debug)]
pub struct Scream {
    options: ScreamOptions,
    limits: RateLimits,
    usage: Usage,
    delivery: Delivery,
    path: Path,
    queue: QueueDelay,
    silence: Silence,
    marks: Marks,
    losses: Losses,
    window: RefWindow,
    drain: Drain,
    padding: Padding,
    reports: Reports,
    target: u64,
    condition: LinkCondition,
    reason: Reason,
}

impl Scream {
    /// A controller of a connection that has sent nothing.
    ///
    /// # Errors
    /// An option that is outside its bounds.
    pub fn new(options: ScreamOptions) -> Result<Self, OptionsError> {
        options.validate()?;
        Ok(Self::with(options))
    }

    fn with(options: ScreamOptions) -> Self {
        Self {
            limits: RateLimits { min: options.min, max: options.max },
            usage: Usage::default(),
            delivery: Delivery::default(),
            path: Path::default(),
            queue: QueueDelay::default(),
            silence: Silence::default(),
            marks: Marks::new(options.l4s),
            losses: Losses::default(),
            window: RefWindow::new(MIN_WINDOW),
            drain: Drain::default(),
            padding: Padding::default(),
            reports: Reports::new(),
            target: options.start,
            condition: LinkCondition::Clear,
            reason: Reason::Start,
            options,
        }
    }

    /// The queue delay from which on the window shrinks, in seconds.
    fn onset(&self) -> f64 {
        ONSET * self.options.queue_delay_target.as_secs_f64()
    }

    /// What to do about congestion that this feedback shows.
    fn congestion(&mut self, now: Time, digest: &Digest) -> Option<Congestion> {
        let onset = self.onset();
        let average = self.queue.average();
        let queued = average > onset;
        let marked = self.marks.see(digest, self.queue.newest() < 0.001);
        let lossy =
            self.losses.see(now, self.path.rtt(), digest, self.options.tolerated_loss, average, queued);
        if lossy {
            return Some(Congestion::Loss);
        }
        if marked {
            if self.window.calm_rtts(now, &self.path) > FORGOTTEN_RTTS {
                self.window.set(self.window.bytes().min(self.usage.before().max(MIN_WINDOW)));
                self.marks.restore();
            }
            let brake = (!queued).then(|| self.queue.room());
            return Some(Congestion::Marks { alpha: self.marks.alpha(), brake });
        }
        queued.then(|| {
            // A window below what is on the way without a queue leaves the path idle.
            let least = KEPT * self.delivery.rate() * (self.path.ack_time() - average).max(0.0);
            Congestion::Delay { alpha: ((average - onset) / onset).min(1.0), least }
        })
    }

    fn move_window(&mut self, now: Time, elapsed: f64, digest: &Digest) {
        let congestion = self.congestion(now, digest);
        let before = self.window.bytes();
        let shrunk =
            congestion.is_some_and(|congestion| self.window.shrink(now, elapsed, congestion, &self.path));
        if let (true, Some(congestion)) = (shrunk, congestion) {
            self.reason = match congestion {
                Congestion::Loss => Reason::Loss,
                Congestion::Marks { .. } => Reason::Ecn,
                Congestion::Delay { .. } => Reason::Delay,
            };
            if congestion == Congestion::Loss {
                self.losses.restart(now);
            }
        }
        self.condition = if congestion.is_some() { LinkCondition::Congested } else { LinkCondition::Clear };
        if congestion.is_none() || shrunk {
            let cap = (MSS + HEADROOM * self.usage.most()).max(MIN_WINDOW);
            let brake = self.queue.brake();
            self.window.grow(now, digest.delivered_bytes, brake, cap, &self.path);
            if self.window.bytes() > before {
                self.reason = Reason::Growth;
            }
        }
    }

    /// The target that follows from the window.
    fn retarget(&mut self) {
        let bytes = self.window.bytes();
        // A window of few packets is overrun by a part of one.
        let small = (MSS / bytes - 0.1).clamp(0.0, 0.2);
        let share = if self.drain.is_on() { drain::SHARE } else { 1.0 };
        let rate = share * (1.0 - small) * 8.0 * bytes / self.path.ack_time();
        self.target = self.limits.clamp(rate as u64);
        if self.drain.is_on() {
            (self.condition, self.reason) = (LinkCondition::Draining, Reason::Drain);
        }
        if self.target as f64 > rate + 1.0 || self.target < rate as u64 {
            self.reason = Reason::Limit;
        }
    }

    /// The bytes that may be on the way: those of the window and some more, and never less than the least target needs.
    fn send_window(&self) -> Option<u32> {
        if self.path.is_unknown() {
            return None;
        }
        let overhead = OVERHEAD.1 + (OVERHEAD.0 - OVERHEAD.1) * self.queue.room();
        let least = self.limits.min as f64 / 8.0 * self.path.ack_time();
        Some((overhead * self.window.bytes().max(least)) as u32)
    }

    /// Does what a report says, as long as there is nothing better.
    fn heed(&mut self, verdict: Verdict) {
        let (rate, reason) = match verdict {
            Verdict::Same => return,
            Verdict::More(rate) => (rate, Reason::Growth),
            Verdict::Lossy(rate) => (rate, Reason::Loss),
            Verdict::Slow(rate) => (rate, Reason::Delay),
        };
        if self.path.is_unknown() {
            self.reason = reason;
            self.target = self.limits.clamp(rate as u64);
        }
    }

    /// The target is `rate` wherever the window follows from it.
    fn restart_at(&mut self, rate: u64) {
        self.window = RefWindow::new(rate as f64 / 8.0 * self.path.ack_time());
    }
}

impl Default for Scream {
    fn default() -> Self {
        Self::with(ScreamOptions::default())
    }
}

impl Controller for Scream {
    fn on_sent(&mut self, now: Time, _sent: &Sent, in_flight: u32) {
        self.usage.see(in_flight);
        self.silence.on_sent(now, &self.path);
    }

    fn on_feedback(&mut self, now: Time, feedback: &Feedback<'_>) {
        let digest = Digest::of(now, feedback);
        if digest.received == 0 && digest.lost == 0 {
            return;
        }
        self.usage.see(feedback.in_flight);
        let was_known = self.queue.is_known();
        let was_unknown_path = self.path.is_unknown();
        self.path.see(&digest);
        if was_unknown_path {
            self.restart_at(self.target);
        }
        let (elapsed, before_silence) = self.silence.on_feedback(now, feedback.in_flight, &self.path);
        if let Some(delays) = digest.delays {
            self.queue.see(now, elapsed, delays);
        }
        if let Some(before) = before_silence {
            let low = self.options.queue_delay_target.as_secs_f64() / 3.0;
            if was_known && self.queue.newest() < low {
                self.window.set(self.window.bytes().max(silence::GIVEN_BACK * before));
            }
        }
        self.delivery.see(elapsed, digest.delivered_bytes);
        self.move_window(now, elapsed, &digest);
        let queued = self.queue.average() > self.onset();
        if let Some(rate) = self.drain.see(now, &mut self.queue, queued, &self.path, self.target) {
            let bytes = drain::GIVEN_BACK * rate as f64 / 8.0 * self.path.ack_time();
            self.window.set(self.window.bytes().max(bytes));
        }
        self.usage.turn(now, self.path.rtt().max(path::VIRTUAL_RTT));
        self.retarget();
        let congested = self.condition != LinkCondition::Clear;
        self.padding.see(now, congested);
    }

    fn on_report(&mut self, now: Time, report: &LossReport) {
        let verdict = self.reports.report(now, report, self.target as f64);
        self.heed(verdict);
    }

    fn on_limits(&mut self, _now: Time, limits: RateLimits) {
        self.limits = limits;
        if self.path.is_unknown() {
            self.target = limits.clamp(self.target);
        } else {
            self.retarget();
        }
    }

    fn on_route_change(&mut self, _now: Time) {
        let target = self.target.min(self.options.start.max(self.target / 2));
        let limits = self.limits;
        *self = Self { limits, target: limits.clamp(target), ..Self::with(self.options.clone()) };
    }

    fn on_timeout(&mut self, now: Time) {
        if self.path.is_unknown() {
            let verdict = self.reports.grow(now, self.target as f64);
            self.heed(verdict);
        }
        if self.silence.on_timeout(now, self.window.bytes(), &self.path) {
            self.window.set(self.window.bytes() * silence::STEP);
            self.retarget();
            (self.condition, self.reason) = (LinkCondition::Silent, Reason::Silence);
        }
    }

    fn next_timeout(&self) -> Option<Time> {
        if self.path.is_unknown() { self.reports.deadline() } else { self.silence.deadline() }
    }

    fn decision(&self) -> Decision {
        let ect = self.marks.ect();
        let burst = if ect == Ecn::Ect1 { self.options.l4s_burst } else { self.options.burst };
        Decision {
            target: self.target,
            pacing: (self.target as f64 * self.options.pacing_factor) as u64,
            padding: if self.options.padding && self.padding.is_on() { self.target } else { 0 },
            window: self.send_window(),
            burst,
            ect,
            link: LinkState {
                rtt: Duration::from_secs_f64(self.path.rtt()),
                queue: Duration::from_secs_f64(self.queue.average()),
                loss_ppm: (self.losses.usual() * 1e6) as u32,
                state: self.condition,
            },
            reason: self.reason,
        }
    }
}
