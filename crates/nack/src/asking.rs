//! What is missing of a remote stream, and when to ask for it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use interceptor_core::packet::Recovery;
use interceptor_core::{Rtt, StreamInfo};

use crate::counters::{AskCounters, TimeToRecover};
use crate::lateness::Lateness;
use crate::receive_log::{Inserted, ReceiveLog};
use crate::reorder::Tolerance;
use crate::time::micros;
use crate::{NackOptions, ReorderTolerance};

/// Round-trip time until it is measured (libwebrtc `kDefaultRtt`).
pub(crate) const DEFAULT_RTT: Duration = Duration::from_millis(100);
/// The shortest time between two requests for one packet, in microseconds.
const MIN_REPEAT: u64 = 20_000;
/// A stream of which nothing has come for so long asks for nothing.
const SILENCE: Duration = Duration::from_secs(2);
/// A larger step forward is a new sequence rather than loss (RFC 3550 A.1 `MAX_DROPOUT`).
const MAX_DROPOUT: i64 = 3000;
/// The shortest time between two calls for a key frame (libwebrtc's wait for one).
const KEYFRAME_SPACING: Duration = Duration::from_millis(200);
/// Never, in microseconds.
const NEVER: u64 = u64::MAX;

/// What [`Nack`](crate::Nack) keeps of a remote stream: its receive log, and the packets missing from it.
///
/// At rest 200 bytes and no heap; 128 bytes more from the first loss on, and 40 for each packet that is missing.
#[derive(Debug)]
pub struct RemoteStream {
    log: ReceiveLog,
    last_packet: Instant,
    /// The earliest instant at which something is due.
    due: u64,
    /// The number whose coming makes something due, or pushes the oldest hole out of the window.
    review_at_number: i64,
    pub(crate) key: u32,
    pub(crate) ssrc: u32,
    /// Retransmissions come on an SSRC of their own.
    rtx: bool,
    keyframes: bool,
    pub(crate) pli: bool,
    /// In ascending order.
    holes: VecDeque<Hole>,
    lateness: Option<Box<Lateness>>,
    /// The number that would confirm a new sequence, and the newest of the old one.
    suspect: Option<(u16, i64)>,
    last_asked: Option<u64>,
    last_keyframe: Option<Instant>,
}

/// A packet that is missing. Instants are in microseconds since the epoch.
#[derive(Clone, Copy, Debug)]
struct Hole {
    seq: i64,
    noticed: u64,
    /// The first request.
    asked: u64,
    /// The next request; meaningful once there was one.
    due: u64,
    requests: u8,
}

/// What a stream needs to know of its surroundings.
pub(crate) struct Env<'a> {
    pub(crate) options: &'a NackOptions,
    pub(crate) rtt: Option<Rtt>,
    pub(crate) at: Instant,
    /// `at` in microseconds since the epoch.
    pub(crate) now: u64,
    pub(crate) counters: &'a mut AskCounters,
    pub(crate) times: &'a mut TimeToRecover,
}

impl RemoteStream {
    pub(crate) fn new(info: &StreamInfo, key: u32, options: &NackOptions, now: Instant) -> Self {
        Self {
            log: ReceiveLog::new(options.history_packets),
            last_packet: now,
            due: NEVER,
            review_at_number: i64::MAX,
            key,
            ssrc: info.ssrc,
            rtx: info.rtx.is_some(),
            keyframes: !info.mime_type.to_ascii_lowercase().starts_with("audio/"),
            pli: info.has_feedback("nack", "pli"),
            holes: VecDeque::new(),
            lateness: None,
            suspect: None,
            last_asked: None,
            last_keyframe: None,
        }
    }

    /// A packet comes that follows the newest one. `false`: it does not, [`arrive`](Self::arrive) takes it.
    #[inline]
    pub(crate) fn arrive_in_order(&mut self, seq: u16, at: Instant) -> bool {
        self.last_packet = at;
        self.log.insert_expected(seq)
    }

    /// Has the newest packet made something due, or left a hole behind the window?
    #[inline]
    pub(crate) const fn needs_review(&self) -> bool {
        self.log.newest() >= self.review_at_number
    }

    /// Every other packet comes. `true`: packets have been given up.
    pub(crate) fn arrive(&mut self, seq: u16, recovery: Option<Recovery>, env: &mut Env<'_>) -> bool {
        let Some(at) = self.log.unwrap(seq) else {
            self.log.start(i64::from(seq));
            return false;
        };
        if at > self.log.newest() { self.ahead(at, recovery, env) } else { self.behind(at, recovery, env) }
    }

    /// Is a request due, or a packet to be given up?
    #[inline]
    pub(crate) const fn is_due(&self, now: u64) -> bool {
        now >= self.due || self.needs_review()
    }

    /// When something is due, in microseconds since the epoch, if no packet comes before.
    pub(crate) fn deadline(&self) -> Option<u64> {
        (self.due != NEVER).then_some(self.due)
    }

    /// Appends the numbers to ask for now to `numbers`, in order. `true`: packets have been given up.
    pub(crate) fn take_due(&mut self, env: &mut Env<'_>, numbers: &mut Vec<u16>) -> bool {
        (self.due, self.review_at_number) = (NEVER, i64::MAX);
        if env.at.saturating_duration_since(self.last_packet) >= SILENCE {
            env.counters.given_up += self.holes.len() as u64;
            self.holes.clear();
            return false;
        }
        let pace = Pace::of(env.rtt);
        let tolerance = self.tolerance(env);
        let (before, newest, oldest) = (self.holes.len(), self.log.newest(), self.log.oldest());
        let (mut due, mut due_at_number) = (NEVER, i64::MAX);
        self.holes.retain_mut(|hole| match hole.review(newest, oldest, tolerance, pace, env) {
            Verdict::GiveUp => false,
            Verdict::Ask => {
                numbers.push(hole.seq as u16);
                hole.ask(env.now, pace);
                due = due.min(hole.due);
                true
            }
            Verdict::Wait { until, number } => {
                due = due.min(until);
                due_at_number = due_at_number.min(number);
                true
            }
        });
        self.due = due;
        let left_at = self.holes.front().map_or(i64::MAX, |hole| hole.seq + self.log.window());
        self.review_at_number = due_at_number.min(left_at);
        if !numbers.is_empty() {
            self.last_asked = Some(env.now);
        }
        let given_up = before - self.holes.len();
        env.counters.given_up += given_up as u64;
        given_up > 0
    }

    /// Is a key frame needed, now that packets have been given up? Not of audio, and not again so soon.
    pub(crate) fn needs_keyframe(&mut self, at: Instant) -> bool {
        let soon =
            self.last_keyframe.is_some_and(|last| at.saturating_duration_since(last) < KEYFRAME_SPACING);
        if !self.keyframes || soon {
            return false;
        }
        self.last_keyframe = Some(at);
        true
    }

    fn ahead(&mut self, at: i64, recovery: Option<Recovery>, env: &mut Env<'_>) -> bool {
        let step = at - self.log.newest();
        if step > MAX_DROPOUT {
            return self.suspect(at, recovery, env);
        }
        let gap = (step - 1) as usize;
        let too_far = step > self.log.window();
        if too_far && recovery.is_some() {
            // A retransmission that claims a number far off is hostile or broken; media would be here before it.
            env.counters.out_of_place += 1;
            return false;
        }
        if too_far || self.holes.len() + gap > env.options.max_missing {
            self.reset(at, env);
            return true;
        }
        self.note_gap(self.log.newest() + 1..at, env);
        self.log.insert(at);
        false
    }

    fn note_gap(&mut self, gap: std::ops::Range<i64>, env: &mut Env<'_>) {
        if gap.is_empty() {
            return;
        }
        env.counters.packets_missing += gap.clone().count() as u64;
        let noticed = env.now;
        self.holes.extend(gap.map(|seq| Hole { seq, noticed, asked: NEVER, due: NEVER, requests: 0 }));
        // Have them looked at.
        self.due = 0;
    }

    fn behind(&mut self, at: i64, recovery: Option<Recovery>, env: &mut Env<'_>) -> bool {
        match self.log.insert(at) {
            Inserted::Filled => {
                self.fill(at, recovery, env);
                false
            }
            Inserted::TooOld if self.log.newest() - at >= self.log.window() => {
                self.suspect(at, recovery, env)
            }
            _ => {
                env.counters.duplicates_or_old += 1;
                if let Some(lateness) = self.lateness.as_mut().filter(|_| recovery.is_none()) {
                    lateness.duplicate(at, env.now);
                }
                false
            }
        }
    }

    fn fill(&mut self, at: i64, recovery: Option<Recovery>, env: &mut Env<'_>) {
        let found = self.holes.binary_search_by_key(&at, |hole| hole.seq);
        let Some(hole) = found.ok().and_then(|place| self.holes.remove(place)) else {
            env.counters.arrived_too_late += 1;
            return;
        };
        if self.holes.is_empty() {
            (self.due, self.review_at_number) = (NEVER, i64::MAX);
        }
        env.times.record(env.now - hole.noticed);
        match recovery {
            Some(Recovery::Rtx) => env.counters.recovered_rtx += 1,
            Some(_) => env.counters.recovered_fec += 1,
            None => {
                env.counters.recovered_late += 1;
                self.learn(&hole, env);
            }
        }
    }

    /// A packet was late. If it cannot be the answer to a request, that is reordering.
    fn learn(&mut self, hole: &Hole, env: &Env<'_>) {
        if env.options.reorder_tolerance != ReorderTolerance::Adaptive {
            return;
        }
        let lateness = self.lateness.get_or_insert_default();
        let packets = self.log.newest().abs_diff(hole.seq);
        let delay = Duration::from_micros(env.now - hole.noticed);
        // No answer is faster than the path. On a stream with RTX answers come elsewhere, but a peer may not keep to it.
        let fastest = match env.rtt {
            Some(rtt) => micros(rtt.min) * 9 / 10,
            None if self.rtx => micros(DEFAULT_RTT),
            None => 0,
        };
        if hole.requests == 0 || env.now.saturating_sub(hole.asked) < fastest {
            lateness.late(packets, delay, env.now);
        } else {
            lateness.late_or_answer(hole.seq, packets, delay);
        }
    }

    /// A packet far off the others. Two that follow each other are a new sequence (RFC 3550 A.1).
    fn suspect(&mut self, at: i64, recovery: Option<Recovery>, env: &mut Env<'_>) -> bool {
        env.counters.out_of_place += 1;
        let newest = self.log.newest();
        // Old numbers may be late answers, one after the other, while there are requests that could have caused them.
        let answer = at < newest
            && !self.rtx
            && self
                .last_asked
                .is_some_and(|asked| env.now.saturating_sub(asked) < micros(env.options.max_age));
        if recovery.is_some() || answer {
            return false;
        }
        let seq = at as u16;
        if self.suspect != Some((seq, newest)) {
            self.suspect = Some((seq.wrapping_add(1), newest));
            return false;
        }
        self.reset(at - 1, env);
        self.log.insert(at);
        at > newest
    }

    /// Starts anew at `at` and asks for nothing before it.
    fn reset(&mut self, at: i64, env: &mut Env<'_>) {
        tracing::debug!(ssrc = self.ssrc, newest = self.log.newest(), start = at, "receive log starts anew");
        env.counters.resets += 1;
        env.counters.given_up += self.holes.len() as u64;
        self.holes.clear();
        self.suspect = None;
        (self.due, self.review_at_number) = (NEVER, i64::MAX);
        self.log.start(at);
    }

    fn tolerance(&mut self, env: &Env<'_>) -> Tolerance {
        match env.options.reorder_tolerance {
            ReorderTolerance::Adaptive => {
                self.lateness.as_mut().map_or(Tolerance::NONE, |lateness| lateness.tolerance(env.now))
            }
            ReorderTolerance::Fixed { packets, time } => {
                Tolerance { packets: i64::from(packets), time, limit: None }
            }
        }
    }
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
        let rtt = micros(rtt.map_or(DEFAULT_RTT, |rtt| rtt.smoothed));
        let repeat = (rtt.saturating_mul(11) / 10).max(MIN_REPEAT);
        Self { repeat, slack: (repeat / 16).min(repeat - MIN_REPEAT) }
    }
}

/// What is to be done about a hole.
enum Verdict {
    Ask,
    GiveUp,
    /// Nothing, until this instant, or until this number has come.
    Wait {
        until: u64,
        number: i64,
    },
}

impl Hole {
    fn review(&self, newest: i64, oldest: i64, tolerance: Tolerance, pace: Pace, env: &Env<'_>) -> Verdict {
        let age = env.now - self.noticed;
        if age >= micros(env.options.max_age) || self.seq < oldest {
            return Verdict::GiveUp;
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

    const fn ask(&mut self, now: u64, pace: Pace) {
        if self.requests == 0 {
            self.asked = now;
        }
        self.requests += 1;
        self.due = now + pace.repeat;
    }
}
