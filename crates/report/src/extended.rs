//! Receivers' clocks: what is due to those that told theirs (RFC 3611 §4.4, §4.5).

use std::time::Instant;

use interceptor_packet::{NtpTime, duration_to_short};

/// What extended reports a datagram carries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extended {
    /// This end's clock, if it is a receiver that wants to know its round trip.
    pub(crate) clock: Option<NtpTime>,
    /// Answers to other receivers, as (SSRC, LRR, DLRR).
    pub(crate) answers: Vec<(u32, u32, u32)>,
}

impl Extended {
    /// Nothing, in the same memory.
    pub(crate) fn clear(&mut self) {
        self.clock = None;
        self.answers.clear();
    }
}

/// Receivers that have told their clock and wait for the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Receivers {
    waiting: Vec<(u32, NtpTime, Instant)>,
}

impl Receivers {
    /// A connection has one or two; a peer may invent no more than these. The oldest makes room.
    pub(crate) const MAX: usize = 16;
    /// An extended report with a receiver reference time block.
    pub(crate) const REFERENCE_TIME: usize = 20;

    /// A receiver has told its clock. `true`: another one's was forgotten for it.
    pub(crate) fn heard(&mut self, ssrc: u32, ntp: NtpTime, at: Instant) -> bool {
        self.waiting.retain(|(known, ..)| *known != ssrc);
        let full = self.waiting.len() >= Self::MAX;
        if full {
            self.waiting.remove(0);
        }
        self.waiting.push((ssrc, ntp, at));
        full
    }

    /// Bytes of the extended report that answers all.
    pub(crate) const fn answer_len(&self) -> usize {
        if self.waiting.is_empty() { 0 } else { 12 + 12 * self.waiting.len() }
    }

    /// Appends the answers, as (SSRC, LRR, DLRR). Each clock is answered once.
    pub(crate) fn answer(&mut self, now: Instant, answers: &mut Vec<(u32, u32, u32)>) {
        let answer = |(ssrc, ntp, at): (u32, NtpTime, Instant)| {
            (ssrc, ntp.middle_32(), duration_to_short(now.saturating_duration_since(at)))
        };
        answers.extend(self.waiting.drain(..).map(answer));
    }
}
