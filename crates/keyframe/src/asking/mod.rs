//! A remote stream: whether a key frame of it is needed, and whether one has come.

mod pace;
mod requests;
mod wording;

use std::sync::Arc;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Rtt, StreamInfo, StreamKey};

use self::pace::Pace;
pub(crate) use self::pace::{nanos, round_trip};
pub(crate) use self::requests::Ask;
use self::requests::{Requests, Verdict};
use self::wording::Wording;
use crate::counters::AskCells;
use crate::detect::Start;
use crate::look::Look;
use crate::message::Message;
use crate::{AskCounters, KeyframeOptions, Method};

/// A key frame at most so much older than what was asked for is one of before: 5 s at 90 kHz. More is another clock.
const STALE: u32 = 450_000;
/// How long a frame takes until that is known: 30 a second.
const FRAME: u64 = 33_000_000;
/// The longest that a frame is reckoned with; more is a pause.
const MAX_FRAME: u64 = 200_000_000;

/// Why a key frame is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Begun,
    Told,
    Interval,
    Silence,
}

/// What [`Keyframe`](crate::Keyframe) keeps of a remote stream.
///
/// 248 bytes, and those of its counters and codecs.
#[derive(Debug)]
pub struct RemoteStream {
    look: Look,
    /// The newest timestamp; nothing before the first packet.
    newest: u32,
    begun: bool,
    /// When the last frame ended, and how long one takes.
    last_frame: u64,
    frame: u64,
    pub(crate) key: StreamKey,
    pub(crate) ssrc: u32,
    cells: Arc<AskCells>,
    requests: Requests,
    /// The newest timestamp when somebody needed a key frame.
    asked_at: Option<u32>,
    wording: Wording,
    /// Since when there has been no frame, request, or connection.
    quiet_since: u64,
    /// How often silence was the cause since there was a frame.
    silences: u32,
    next_interval: Option<u64>,
    /// Nothing at all comes from the peer: it is looked at again when something does.
    pub(crate) dormant: bool,
}

const _: () = assert!(size_of::<RemoteStream>() <= 248, "as documented");

/// What a stream needs to know of its surroundings.
#[derive(Clone, Copy)]
pub(crate) struct Env<'a> {
    pub(crate) options: &'a KeyframeOptions,
    pub(crate) rtt: Option<Rtt>,
    /// Nanoseconds since the connection's start.
    pub(crate) now: u64,
    /// Does anything come from the peer?
    pub(crate) alive: bool,
}

impl RemoteStream {
    pub(crate) fn new(info: &StreamInfo, key: StreamKey, cells: Arc<AskCells>, env: &Env<'_>) -> Self {
        let mut stream = Self {
            look: Look::new(info, env.options.detect),
            newest: 0,
            begun: false,
            last_frame: 0,
            frame: FRAME,
            key,
            ssrc: info.ssrc,
            cells,
            requests: Requests::default(),
            asked_at: None,
            wording: Wording::default(),
            quiet_since: env.now,
            silences: 0,
            next_interval: env.options.interval.map(|interval| env.now.saturating_add(nanos(interval))),
            dormant: false,
        };
        stream.describe(info);
        stream
    }

    /// What asking for its key frames has counted.
    #[must_use]
    pub fn counters(&self) -> AskCounters {
        self.cells.snapshot()
    }

    /// The next request is a full intra request if that was negotiated, whatever the [`Method`]: for a forwarder that was asked by one, since
    /// whoever sends it may know no other. Nothing is asked by this alone.
    pub const fn ask_by_fir(&mut self) {
        self.wording.prefer_fir();
    }

    /// Does a stream like this take requests at all?
    pub(crate) fn takes_requests(info: &StreamInfo) -> bool {
        info.has_feedback("nack", "pli") || info.has_feedback("ccm", "fir")
    }

    /// The stream is described anew.
    pub(crate) fn describe(&mut self, info: &StreamInfo) {
        self.look.describe(info);
        self.wording.describe(info);
    }

    /// A media packet comes.
    #[inline]
    pub(crate) fn arrive(&mut self, packet: &RtpPacket, now: u64) -> Start {
        let timestamp = packet.timestamp();
        if timestamp.wrapping_sub(self.newest).cast_signed() > 0 {
            self.newest = timestamp;
        }
        if packet.marker() {
            self.frame_ended(now);
        }
        self.look.packet(packet)
    }

    /// Has no packet come before?
    #[inline]
    pub(crate) const fn is_fresh(&self) -> bool {
        !self.begun
    }

    #[inline]
    fn frame_ended(&mut self, now: u64) {
        let took = now.saturating_sub(self.last_frame).min(MAX_FRAME);
        if self.last_frame != 0 {
            self.frame = (7 * self.frame + took) / 8;
        }
        (self.last_frame, self.quiet_since, self.silences) = (now, now, 0);
    }

    /// What came is a key frame's beginning, too short, or the first packet. Gives what is to be asked now.
    pub(crate) fn note(&mut self, start: Start, packet: &RtpPacket, env: &Env<'_>) -> Option<Ask> {
        let fresh = !std::mem::replace(&mut self.begun, true);
        if fresh {
            self.newest = packet.timestamp();
        }
        match start {
            Start::Key => self.key_frame(packet.timestamp()),
            // Padding has nothing of the codec's.
            Start::TooShort if packet.padding_len() == 0 => self.cells.too_short.increment(),
            Start::TooShort | Start::Other => {}
        }
        (fresh && start != Start::Key && env.options.on_bind).then(|| self.cause(Cause::Begun, env)).flatten()
    }

    fn key_frame(&mut self, timestamp: u32) {
        if !self.look.is_new(timestamp) {
            return;
        }
        self.cells.keyframes.increment();
        let age = self.asked_at.map_or(0, |asked_at| asked_at.wrapping_sub(timestamp));
        if (1..STALE).contains(&age) {
            // Sent again, or late: what was asked for is newer.
            self.cells.stale_keyframes.increment();
            return;
        }
        let answered = self.requests.answered();
        self.cells.answered.add(answered.outstanding.into());
        self.cells.spared.add(answered.remembered.into());
        self.asked_at = None;
        self.wording.answered();
    }

    /// Somebody needs a key frame. Gives what is to be asked now.
    pub(crate) fn cause(&mut self, cause: Cause, env: &Env<'_>) -> Option<Ask> {
        let cells = &self.cells;
        match cause {
            Cause::Begun => &cells.begun_in_the_middle,
            Cause::Told => &cells.told,
            Cause::Interval => &cells.by_interval,
            Cause::Silence => &cells.by_silence,
        }
        .increment();
        let verdict = self.requests.cause(env.now, &self.pace(env));
        if verdict != Verdict::Joined && self.asked_at.is_none() {
            self.asked_at = self.begun.then_some(self.newest);
        }
        match verdict {
            Verdict::Ask => Some(Ask::New),
            Verdict::Remember => {
                self.cells.remembered.increment();
                None
            }
            Verdict::Joined => {
                self.cells.joined.increment();
                None
            }
        }
    }

    /// What is due by now. Gives what is to be asked.
    pub(crate) fn look_after(&mut self, env: &Env<'_>) -> Option<Ask> {
        let pace = self.pace(env);
        if !env.alive && self.requests.tries() >= env.options.max_unanswered {
            self.dormant = true;
            return None;
        }
        let fired = self.requests.fire(env.now, &pace);
        self.cells.assumed_answered.add(fired.granted.into());
        if fired.ask.is_some() {
            return fired.ask;
        }
        let due = |at: Option<u64>| at.is_some_and(|at| at <= env.now);
        let (interval, silence) = (due(self.next_interval), due(self.silence(env.options)));
        if !env.alive && (interval || silence) {
            self.dormant = true;
            return None;
        }
        if interval {
            let pause = env.options.interval.map(nanos);
            self.next_interval = pause.map(|pause| env.now.saturating_add(pause));
            return self.cause(Cause::Interval, env);
        }
        if silence {
            self.quiet_since = env.now;
            self.silences = self.silences.saturating_add(1);
            return self.cause(Cause::Silence, env);
        }
        None
    }

    /// Something comes from the peer again.
    pub(crate) const fn wake(&mut self, now: u64) {
        (self.dormant, self.quiet_since) = (false, now);
    }

    /// When it has to be looked after.
    pub(crate) fn deadline(&self, options: &KeyframeOptions) -> Option<u64> {
        if self.dormant {
            return None;
        }
        [self.requests.due(), self.next_interval, self.silence(options)].into_iter().flatten().min()
    }

    /// When silence is a cause; not while a request is repeated anyway.
    fn silence(&self, options: &KeyframeOptions) -> Option<u64> {
        let wait = options.on_silence.filter(|_| self.requests.due().is_none())?;
        let rare = self.silences >= options.max_unanswered;
        let wait = if rare { wait.max(options.unanswered_interval) } else { wait };
        Some(self.quiet_since.max(self.requests.last().unwrap_or(0)).saturating_add(nanos(wait)))
    }

    /// Adds a request to the message.
    pub(crate) fn ask(&mut self, ask: Ask, method: Method, message: &mut Message) {
        self.cells.repeats.add((ask == Ask::Again).into());
        if let Some(number) = self.wording.number(ask, self.requests.tries(), method) {
            self.cells.firs_sent.increment();
            message.fir(self.ssrc, number);
        } else {
            self.cells.plis_sent.increment();
            message.pli(self.ssrc);
        }
    }

    fn pace(&self, env: &Env<'_>) -> Pace {
        Pace::new(env.options, env.rtt, self.frame, self.look.sees())
    }
}
