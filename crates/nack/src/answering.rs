//! What was sent on a local stream, and what of it may be sent again.

use std::mem::offset_of;
use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, Rtt, StreamInfo, StreamKey};

use crate::NackOptions;
use crate::budget::ResendBudget;
use crate::copies::AnswerPlan;
use crate::counters::AnswerCounters;
use crate::echoes::Echoes;
use crate::send_history::{Bounds, Missed, SendHistory};
use crate::slots::Slot;
use crate::spread::Spread;
use crate::time::{DEFAULT_RTT, micros, millis_up, now_micros, now_millis, round_trip};

/// No answer sooner than this after the last.
const MIN_COOLDOWN: Duration = Duration::from_millis(10);

/// What [`Nack`](crate::Nack) keeps of a local stream: its send history, and what it has counted.
///
/// 424 bytes; 80 beside the payload for each packet kept, and an eighth of that in reserve.
#[derive(Debug)]
#[repr(C)]
pub struct LocalStream {
    // What a packet that leaves touches, in two cache lines.
    history: SendHistory,
    bounds: Bounds,
    /// Bytes that its history may take without asking.
    pub(crate) set_aside: usize,
    budget: ResendBudget,

    // From here on what a request touches.
    pub(crate) key: StreamKey,
    pub(crate) ssrc: u32,
    /// Answers that wait.
    spread: Spread,
    /// Copies of answers that have left.
    echoes: Echoes,
    plan: AnswerPlan,
    /// The datagram that is being answered, and how many packets it may still have.
    datagram: u64,
    left: u16,
    rtx: bool,
    counters: AnswerCounters,
}

const _: () = assert!(size_of::<LocalStream>() <= 424, "as documented");
const _: () = assert!(
    CHAIN_BYTES + offset_of!(LocalStream, budget) + ResendBudget::HOT_BYTES <= 128,
    "a packet touches two cache lines"
);

/// What the chain puts before a state, on its first cache line.
const CHAIN_BYTES: usize = 8;

impl LocalStream {
    pub(crate) fn new(info: &StreamInfo, key: StreamKey, options: &NackOptions) -> Self {
        let bounds = Bounds {
            packets: options.send_history_packets,
            bytes: options.send_history_bytes,
            age: millis_up(options.send_history_age),
        };
        let (history, budget) = (SendHistory::default(), ResendBudget::default());
        let (spread, counters) = (Spread::default(), AnswerCounters::default());
        Self {
            history,
            bounds,
            key,
            ssrc: info.ssrc,
            set_aside: 0,
            budget,
            spread,
            echoes: Echoes::default(),
            plan: AnswerPlan::default(),
            rtx: info.rtx.is_some(),
            datagram: 0,
            left: 0,
            counters,
        }
    }

    /// What answering requests for its packets has counted.
    #[must_use]
    pub const fn counters(&self) -> &AnswerCounters {
        &self.counters
    }

    /// The stream is described anew.
    pub(crate) const fn describe(&mut self, info: &StreamInfo) {
        self.rtx = info.rtx.is_some();
    }

    /// Keeps a packet that leaves at `now`, in milliseconds. `true`: nothing had been kept before.
    #[inline]
    pub(crate) fn sent(&mut self, packet: &RtpPacket, now: u64) -> bool {
        let first = self.history.is_empty();
        let payload = packet.payload_and_padding();
        self.history.push(packet.sequence_number(), packet.header(), payload, self.bounds, now as u32);
        self.budget.sent(packet.total_len(), now);
        first
    }

    /// Bytes that its history takes.
    #[inline]
    pub(crate) const fn memory(&self) -> usize {
        self.history.memory()
    }

    /// Lets go of the oldest until the history takes at most so many bytes.
    pub(crate) fn cut_to(&mut self, memory: usize) {
        self.history.cut_to(memory);
    }

    /// Packets were dropped before the wire: they are not sent again.
    pub(crate) fn abandon(&mut self, first: u16, count: u16) {
        self.history.abandon(first, count);
    }

    /// Lets go of what is too old. Gives the milliseconds after which to sweep again, `None` when nothing is kept.
    pub(crate) fn sweep(&mut self, options: &NackOptions, rtt: Option<Rtt>, now: u64) -> Option<u32> {
        self.follow(options, rtt);
        self.history.sweep(self.bounds, now as u32);
        (!self.history.is_empty()).then_some(self.bounds.age)
    }

    /// Decides, about once a second, how often an answer is sent.
    pub(crate) fn plan(&mut self, options: &NackOptions, cx: &Context<'_>) {
        if self.plan.is_over(now_micros(cx)) {
            self.plan = AnswerPlan::make(self.ssrc, self.rtx, self.budget.media(), options, cx);
        }
    }

    /// Answers a NACK of these numbers in RTCP datagram `datagram`: what is to be sent again now goes to `resend`, the rest
    /// waits.
    pub(crate) fn answer(
        &mut self,
        numbers: impl Iterator<Item = u16>,
        datagram: u64,
        env: &AnswerEnv<'_>,
        mut resend: impl FnMut(&Slot),
    ) {
        self.counters.requests_received += 1;
        if self.datagram != datagram {
            (self.datagram, self.left) = (datagram, env.options.max_resend_packets);
        }
        self.follow(env.options, env.rtt);
        let terms = Terms {
            cooldown: cooldown(env.options, env.rtt),
            allowance: self.budget.allowance(env.options.max_resend_ratio, env.now),
        };
        self.spread.pass_to(env.micros, self.budget.media());
        // Counted here and added up once.
        let (mut requested, mut resent, mut bytes) = (0, 0, 0);
        for seq in numbers {
            if self.left == 0 {
                self.counters.cut_short += 1;
                break;
            }
            requested += 1;
            let may_leave = !env.options.answer_spread || self.spread.is_open();
            let Some((stored, len)) = self.take(seq, terms, env.now) else { continue };
            if may_leave {
                stored.mark_resent(env.now as u32);
                resend(stored);
                self.budget.take(len, terms.allowance);
                (resent, bytes) = (resent + 1, bytes + len as u64);
                self.spread.spend(len);
                self.echoes.answered(seq, self.plan.copies, env.micros);
            } else {
                stored.mark_waiting();
                self.spread.hold(seq, len);
            }
            self.left -= 1;
        }
        self.spread.within(micros(env.rtt.map_or(DEFAULT_RTT, round_trip)));
        self.counters.packets_requested += requested;
        self.counters.packets_resent += resent;
        self.counters.bytes_resent += bytes;
    }

    /// When the next of the answers that wait may leave, in microseconds since the epoch.
    pub(crate) fn next_answer(&self) -> Option<u64> {
        [self.spread.next(), self.echoes.next()].into_iter().flatten().min()
    }

    /// Answers that have waited long enough.
    pub(crate) fn release(&mut self, env: &AnswerEnv<'_>, mut resend: impl FnMut(&Slot)) {
        let cooldown = cooldown(env.options, env.rtt);
        let allowance = self.budget.allowance(env.options.max_resend_ratio, env.now);
        self.spread.pass_to(env.micros, self.budget.media());
        while let Some(seq) = self.spread.take() {
            // The history may have moved on, or the packet may have been written and sent again.
            let stored = match self.history.get(seq, self.bounds, env.now as u32) {
                Ok(stored) if stored.is_waiting() || !stored.is_cooling(cooldown, env.now as u32) => stored,
                Ok(_) => {
                    self.counters.suppressed_by_cooldown += 1;
                    continue;
                }
                Err(missed) => {
                    self.counters.miss(missed);
                    continue;
                }
            };
            let bytes = stored.total_len();
            self.spread.release(bytes);
            if !self.budget.take(bytes, allowance) {
                // The media have stopped since.
                stored.forget_resent();
                self.counters.suppressed_by_ratio += 1;
                continue;
            }
            // Rounded up, as it leaves in the middle of a millisecond: who asks for it again after a round trip does so at once.
            stored.mark_resent((env.now as u32).wrapping_add(1));
            resend(stored);
            self.spread.spend(bytes);
            self.echoes.answered(seq, self.plan.copies, env.micros);
            self.counters.packets_resent += 1;
            self.counters.bytes_resent += bytes as u64;
        }
        self.release_copies(env, allowance, resend);
    }

    /// Copies of answers that are due. They count as what they are copies of, but begin no cooldown.
    fn release_copies(&mut self, env: &AnswerEnv<'_>, allowance: u64, mut resend: impl FnMut(&Slot)) {
        while let Some(seq) = self.echoes.take(env.micros) {
            let stored = match self.history.get(seq, self.bounds, env.now as u32) {
                Ok(stored) => stored,
                Err(missed) => {
                    self.counters.miss(missed);
                    continue;
                }
            };
            let bytes = stored.total_len();
            if !self.budget.take(bytes, allowance) {
                self.counters.suppressed_by_ratio += 1;
                continue;
            }
            resend(stored);
            self.spread.spend(bytes);
            self.counters.packets_resent += 1;
            self.counters.copies_resent += 1;
            self.counters.bytes_resent += bytes as u64;
        }
    }

    /// The stream ends: what waits will not leave.
    pub(crate) fn cancel(&mut self) {
        self.counters.cancelled += self.spread.clear() + self.echoes.clear();
    }

    /// A packet that may be sent again, and its bytes on the wire.
    #[inline]
    fn take(&mut self, seq: u16, terms: Terms, now: u64) -> Option<(&mut Slot, usize)> {
        let stored = match self.history.get(seq, self.bounds, now as u32) {
            Ok(stored) => stored,
            Err(missed) => {
                self.counters.miss(missed);
                return None;
            }
        };
        if stored.is_cooling(terms.cooldown, now as u32) {
            self.counters.suppressed_by_cooldown += 1;
            return None;
        }
        let bytes = stored.total_len();
        if !self.budget.allows(self.spread.bytes() + bytes as u64, terms.allowance) {
            self.counters.suppressed_by_ratio += 1;
            return None;
        }
        Some((stored, bytes))
    }

    /// The history outlasts three round trips.
    fn follow(&mut self, options: &NackOptions, rtt: Option<Rtt>) {
        let three = rtt.map_or(Duration::ZERO, round_trip).saturating_mul(3);
        self.bounds.age = millis_up(options.send_history_age.max(three.min(MAX_AGE)));
    }
}

impl AnswerCounters {
    const fn miss(&mut self, missed: Missed) {
        match missed {
            Missed::NeverSent => self.never_sent += 1,
            Missed::TooOld => self.too_old += 1,
            Missed::Abandoned => self.abandoned += 1,
        }
    }
}

/// However long the round trip.
const MAX_AGE: Duration = Duration::from_secs(60);

/// What a stream needs to know of its surroundings.
pub(crate) struct AnswerEnv<'a> {
    pub(crate) options: &'a NackOptions,
    pub(crate) rtt: Option<Rtt>,
    /// Milliseconds since the epoch.
    pub(crate) now: u64,
    /// The same in microseconds.
    pub(crate) micros: u64,
}

impl<'a> AnswerEnv<'a> {
    pub(crate) fn new(options: &'a NackOptions, cx: &Context<'_>) -> Self {
        Self { options, rtt: cx.facts().rtt(), now: now_millis(cx), micros: now_micros(cx) }
    }
}

/// What holds for all packets that one NACK asks for.
#[derive(Clone, Copy)]
struct Terms {
    /// In milliseconds.
    cooldown: u32,
    /// In bytes.
    allowance: u64,
}

/// Milliseconds between two answers for one packet. The smallest round trip of late: nobody who asks again because the
/// answer has not come can be faster, and a smoothed one would refuse honest repeats whenever the path gets shorter.
fn cooldown(options: &NackOptions, rtt: Option<Rtt>) -> u32 {
    let time = options.resend_cooldown.or(rtt.map(|rtt| rtt.min)).unwrap_or_default();
    millis_up(time.max(MIN_COOLDOWN))
}
