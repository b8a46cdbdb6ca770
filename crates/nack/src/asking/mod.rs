//! What is missing of a remote stream, and when to ask for it.

mod arrival;
mod hole;
mod outage;
mod suspect;
mod tally;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use interceptor_core::{Rtt, StreamInfo, StreamKey};

pub(crate) use self::arrival::Arrival;
pub(crate) use self::hole::Pace;
use self::hole::{Hole, NEVER, Patience, Verdict};
use self::suspect::Suspect;
use self::tally::Tally;
use crate::counters::{AskCounters, TimeToRecover};
use crate::lateness::Lateness;
use crate::receive_log::ReceiveLog;
use crate::reorder::Tolerance;
use crate::restored::Restored;
use crate::{NackOptions, ReorderTolerance};

/// A stream of which nothing has come for so long asks for nothing: 2 s.
const SILENCE_NANOS: u64 = 2_000_000_000;
/// The shortest time between two calls for a key frame (libwebrtc's wait for one).
const KEYFRAME_SPACING: Duration = Duration::from_millis(200);

/// What [`Nack`](crate::Nack) keeps of a remote stream: its receive log, the packets missing from it, and what it has
/// counted.
///
/// 104 bytes that packets in order touch, and 344 that they do not; 272 more from the first loss on, and 40 for each
/// packet that is missing.
#[derive(Debug)]
#[repr(C)]
pub struct RemoteStream {
    // A packet in order touches these, and the beginning of the log.
    /// When the last packet came, in nanoseconds since the epoch.
    last_packet: u64,
    /// The number whose coming makes something due, or pushes the oldest hole out of the window.
    review_at_number: i64,
    log: ReceiveLog,
    /// The earliest instant at which something is due.
    due: u64,
    pub(crate) key: StreamKey,
    pub(crate) ssrc: u32,
    /// Retransmissions come on an SSRC of their own.
    rtx: bool,
    keyframes: bool,
    pub(crate) pli: bool,
    pub(crate) losses: Box<Losses>,
}

/// The part of a remote stream that packets in order do not touch.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    /// In ascending order.
    holes: VecDeque<Hole>,
    lateness: Option<Box<Lateness>>,
    suspect: Option<Suspect>,
    /// The first number of the sequence, whatever the log has left out since.
    first: i64,
    /// When the log started, in nanoseconds since the epoch.
    started: u64,
    /// The newest number, and when it came, in nanoseconds since the epoch, if others have come since.
    newest_came: Option<(i64, u64)>,
    last_asked: Option<u64>,
    last_keyframe: Option<Instant>,
    /// How long after it would have come in time a packet is still of use, if somebody knows.
    deadline: Option<Duration>,
    restored: Restored,
    /// Made for the first loss.
    tally: Option<Box<Tally>>,
    pub(crate) counters: AskCounters,
}

const _: () = assert!(
    std::mem::offset_of!(RemoteStream, log) + ReceiveLog::HOT_BYTES <= 56,
    "a packet in order touches one cache line, with what the chain puts before the state"
);
const _: () = assert!(size_of::<RemoteStream>() <= 104 && size_of::<Losses>() <= 344, "as documented");

/// What a stream needs to know of its surroundings.
pub(crate) struct Env<'a> {
    pub(crate) options: &'a NackOptions,
    pub(crate) rtt: Option<Rtt>,
    /// Nanoseconds since the epoch.
    pub(crate) nanos: u64,
    /// The same in microseconds.
    pub(crate) now: u64,
    pub(crate) times: &'a mut TimeToRecover,
}

impl RemoteStream {
    pub(crate) fn new(info: &StreamInfo, key: StreamKey, options: &NackOptions, nanos: u64) -> Self {
        let mut stream = Self {
            log: ReceiveLog::new(options.history_packets),
            last_packet: nanos,
            due: NEVER,
            review_at_number: i64::MAX,
            key,
            ssrc: info.ssrc,
            rtx: false,
            keyframes: false,
            pli: false,
            losses: Box::default(),
        };
        stream.describe(info);
        stream
    }

    /// What asking for its packets has counted.
    #[must_use]
    pub const fn counters(&self) -> &AskCounters {
        &self.losses.counters
    }

    /// The stream is described anew.
    pub(crate) fn describe(&mut self, info: &StreamInfo) {
        self.rtx = info.rtx.is_some();
        self.keyframes = !info.is_audio();
        self.pli = info.has_feedback("nack", "pli");
    }

    /// So long after it would have come in time a packet is still of use. `true`: that concerns packets that are missing.
    pub(crate) fn set_deadline(&mut self, deadline: Option<Duration>) -> bool {
        let changed = std::mem::replace(&mut self.losses.deadline, deadline) != deadline;
        changed && !self.losses.holes.is_empty()
    }

    /// A packet comes that follows the newest one. `false`: it does not, [`arrive`](Self::arrive) takes it.
    #[inline]
    pub(crate) fn arrive_in_order(&mut self, seq: u16, nanos: u64) -> bool {
        let in_order = self.log.insert_expected(seq);
        if in_order {
            self.last_packet = nanos;
        }
        in_order
    }

    /// Has the newest packet made something due, or left a hole behind the window?
    #[inline]
    pub(crate) const fn needs_review(&self) -> bool {
        self.log.newest() >= self.review_at_number
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
        if env.nanos.saturating_sub(self.last_packet) >= SILENCE_NANOS {
            self.losses.counters.given_up += self.losses.holes.len() as u64;
            self.losses.holes.clear();
            return false;
        }
        let (pace, playout) = (Pace::of(env.rtt), self.losses.deadline);
        let patience = Patience::of(env.options.max_age, playout, env.rtt);
        let tolerance = self.tolerance(env);
        let (before, newest, oldest) = (self.losses.holes.len(), self.log.newest(), self.log.oldest());
        let (mut due, mut due_at_number) = (NEVER, i64::MAX);
        let (mut copies, mut first, mut copied, mut withheld) = (None, 0, 0, 0);
        let Losses { holes, tally, .. } = &mut *self.losses;
        let tally = tally.get_or_insert_default();
        holes.retain_mut(|hole| match hole.review(newest, oldest, tolerance, (pace, patience), env) {
            Verdict::GiveUp => false,
            Verdict::Ask => {
                numbers.push(hole.seq as u16);
                first += usize::from(hole.requests == 0);
                copied += u64::from(hole.copies > 0);
                let copies = *copies.get_or_insert_with(|| tally.copies(newest, playout, env));
                hole.ask(env.now, copies, pace);
                due = due.min(hole.due);
                true
            }
            Verdict::Withhold { until } => {
                withheld += u64::from(!std::mem::replace(&mut hole.withheld, true));
                due = due.min(until);
                true
            }
            Verdict::Wait { until, number } => {
                due = due.min(until);
                due_at_number = due_at_number.min(number);
                true
            }
        });
        tally.asked(first);
        self.losses.counters.copies_requested += copied;
        self.losses.counters.withheld += withheld;
        self.due = due;
        let left_at = self.losses.holes.front().map_or(i64::MAX, |hole| hole.seq + self.log.window());
        self.review_at_number = due_at_number.min(left_at);
        if !numbers.is_empty() {
            self.losses.last_asked = Some(env.now);
        }
        let given_up = before - self.losses.holes.len();
        self.losses.counters.given_up += given_up as u64;
        given_up > 0
    }

    /// Is a key frame needed, now that packets have been given up? Not of audio, and not again so soon.
    pub(crate) fn needs_keyframe(&mut self, at: Instant) -> bool {
        let soon = self
            .losses
            .last_keyframe
            .is_some_and(|last| at.saturating_duration_since(last) < KEYFRAME_SPACING);
        if !self.keyframes || soon {
            return false;
        }
        self.losses.last_keyframe = Some(at);
        true
    }

    fn tolerance(&mut self, env: &Env<'_>) -> Tolerance {
        match env.options.reorder_tolerance {
            ReorderTolerance::Adaptive => {
                self.losses.lateness.as_mut().map_or(Tolerance::NONE, |lateness| lateness.tolerance(env.now))
            }
            ReorderTolerance::Fixed { packets, time } => {
                Tolerance { packets: i64::from(packets), time, limit: None }
            }
        }
    }
}
