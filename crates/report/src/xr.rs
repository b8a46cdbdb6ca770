//! Round-trip times of receivers (RFC 3611 §4.4, §4.5): the clocks that others have told us, and what we owe them.

use std::time::Instant;

use interceptor_packet::{NtpTime, duration_to_short};

/// The extended reports of one datagram.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExtendedReports {
    /// Receiver reference time: this end's clock, if it wants to know the round trip.
    pub(crate) reference_time: Option<NtpTime>,
    /// DLRR: answers to others that told their clock, as (SSRC, LRR, DLRR).
    pub(crate) answers: Vec<(u32, u32, u32)>,
}

impl ExtendedReports {
    /// Bytes of an extended report with a receiver reference time block.
    pub(crate) const REFERENCE_TIME_LEN: usize = 20;

    /// Empties it, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.reference_time = None;
        self.answers.clear();
    }
}

/// Receiver reference times that have come and wait for their answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReferenceTimes {
    waiting: Vec<(u32, NtpTime, Instant)>,
}

impl ReferenceTimes {
    /// A connection has one or two; a peer that invents more gets the newest answered.
    pub(crate) const MAX: usize = 16;

    /// A receiver has told its clock. `true`: that of another one was forgotten to make room.
    pub(crate) fn received(&mut self, ssrc: u32, ntp: NtpTime, at: Instant) -> bool {
        self.waiting.retain(|(known, ..)| *known != ssrc);
        let full = self.waiting.len() >= Self::MAX;
        if full {
            self.waiting.remove(0);
        }
        self.waiting.push((ssrc, ntp, at));
        full
    }

    /// None of them will be answered.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Bytes of the extended report that answers all of them.
    pub(crate) const fn answers_len(&self) -> usize {
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
