//! What was sent on a local stream, and what of it may be sent again.

use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Rtt, StreamInfo, StreamKey};

use crate::NackOptions;
use crate::budget::ResendBudget;
use crate::counters::AnswerCounters;
use crate::send_history::{Bounds, Missed, SendHistory};
use crate::slots::Slot;
use crate::time::{millis_up, round_trip};

/// No answer sooner than this after the last.
const MIN_COOLDOWN: Duration = Duration::from_millis(10);

/// What [`Nack`](crate::Nack) keeps of a local stream: its send history, and what it has counted.
///
/// 288 bytes; 80 beside the payload for each packet kept, and an eighth of that in reserve.
#[derive(Debug)]
pub struct LocalStream {
    history: SendHistory,
    bounds: Bounds,
    pub(crate) key: StreamKey,
    pub(crate) ssrc: u32,
    budget: ResendBudget,
    /// The datagram that is being answered, and how many packets it may still have.
    datagram: u64,
    left: u16,
    counters: AnswerCounters,
}

const _: () = assert!(size_of::<LocalStream>() <= 288, "as documented");

impl LocalStream {
    pub(crate) fn new(info: &StreamInfo, key: StreamKey, options: &NackOptions) -> Self {
        let bounds = Bounds {
            packets: options.send_history_packets,
            bytes: options.send_history_bytes,
            age: millis_up(options.send_history_age),
        };
        let (history, budget) = (SendHistory::default(), ResendBudget::default());
        let counters = AnswerCounters::default();
        Self { history, bounds, key, ssrc: info.ssrc, budget, datagram: 0, left: 0, counters }
    }

    /// What answering requests for its packets has counted.
    #[must_use]
    pub const fn counters(&self) -> &AnswerCounters {
        &self.counters
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

    /// Answers a NACK of these numbers in RTCP datagram `datagram`: what is to be sent again goes to `resend`.
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
        // Counted here and added up once.
        let (mut requested, mut bytes, left) = (0, 0, self.left);
        for seq in numbers {
            if self.left == 0 {
                self.counters.cut_short += 1;
                break;
            }
            requested += 1;
            if let Some((stored, len)) = self.take(seq, terms, env.now) {
                resend(stored);
                bytes += len as u64;
                self.left -= 1;
            }
        }
        self.counters.packets_requested += requested;
        self.counters.packets_resent += u64::from(left - self.left);
        self.counters.bytes_resent += bytes;
    }

    /// A packet that may be sent again, and its bytes on the wire.
    #[inline]
    fn take(&mut self, seq: u16, terms: Terms, now: u64) -> Option<(&Slot, usize)> {
        let stored = match self.history.get(seq, self.bounds, now as u32) {
            Ok(stored) => stored,
            Err(Missed::NeverSent) => {
                self.counters.never_sent += 1;
                return None;
            }
            Err(Missed::TooOld) => {
                self.counters.too_old += 1;
                return None;
            }
            Err(Missed::Abandoned) => {
                self.counters.abandoned += 1;
                return None;
            }
        };
        if stored.is_cooling(terms.cooldown, now as u32) {
            self.counters.suppressed_by_cooldown += 1;
            return None;
        }
        let bytes = stored.total_len();
        if !self.budget.take(bytes, terms.allowance) {
            self.counters.suppressed_by_ratio += 1;
            return None;
        }
        stored.mark_resent(now as u32);
        Some((stored, bytes))
    }

    /// The history outlasts three round trips.
    fn follow(&mut self, options: &NackOptions, rtt: Option<Rtt>) {
        let three = rtt.map_or(Duration::ZERO, round_trip).saturating_mul(3);
        self.bounds.age = millis_up(options.send_history_age.max(three.min(MAX_AGE)));
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
