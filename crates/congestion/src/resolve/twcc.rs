//! Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1): packets by their transport-wide number.

use interceptor_core::packet::Ecn;
use interceptor_core::packet::rtcp::{Twcc, TwccStatus};

use super::{Came, MAX_JOINED, Resolver};
use crate::history::{History, State};
use crate::{CongestionCounters, Feedback, FeedbackFormat, Time};

/// Bits of the reference time, and microseconds of its unit.
const REFERENCE_BITS: u32 = 24;
const REFERENCE_MICROS: i64 = 64_000;
/// A count that is farther ahead is taken for one that comes late.
const MAX_COUNT_GAP: u8 = 128;

impl Resolver {
    /// What a message that came `now` says of packets of the history; `None`: nothing new.
    pub(crate) fn twcc(
        &mut self,
        message: &Twcc<'_>,
        now: Time,
        history: &mut History,
        counters: &mut CongestionCounters,
    ) -> Option<Feedback<'_>> {
        let Some(packets) = message.packets() else {
            counters.malformed_feedback += 1;
            return None;
        };
        let base = history.index_of(message.base_sequence_number());
        let Some(base) = base.filter(|base| *base < history.next().cast_signed()) else {
            counters.not_known += packets.len() as u64;
            counters.feedback_without_news += 1;
            return None;
        };
        self.begin(FeedbackFormat::Twcc);
        self.count(message.feedback_count(), counters);
        let reference = self
            .clock
            .unwrap(message.reference_time() as u32, REFERENCE_BITS)
            .saturating_mul(REFERENCE_MICROS);
        self.pass_over_before(u64::try_from(base).unwrap_or(0), history, counters);
        let mut end = 0;
        for (place, (offset, (_, status))) in (base..).zip((0_u64..).zip(packets.clone())) {
            let index = u64::try_from(place).unwrap_or(u64::MAX);
            if index >= history.next() && place >= 0 {
                counters.not_known += packets.len() as u64 - offset;
                break;
            }
            if place < 0 || history.state(index) == State::Unused {
                counters.not_known += 1;
                continue;
            }
            if self.joined >= MAX_JOINED {
                counters.feedback_cut += packets.len() as u64 - offset;
                break;
            }
            let came = match status {
                TwccStatus::NotReceived => None,
                TwccStatus::Received { micros } => Some(Some(reference.saturating_add(micros))),
                TwccStatus::ReceivedUntimed => Some(None),
            };
            let came = came.map(|arrival| Came { arrival, ecn: Ecn::NotEct });
            self.join(index, came, now, history, counters);
            end = index + 1;
        }
        if history.untold() >= u64::try_from(base).unwrap_or(0) {
            history.told_before(end);
        }
        self.end(now, history, counters)
    }

    /// Messages are numbered: what is missing was lost on its way.
    fn count(&mut self, count: u8, counters: &mut CongestionCounters) {
        let Some(last) = self.feedback_count else {
            self.feedback_count = Some(count);
            return;
        };
        let step = count.wrapping_sub(last);
        if step == 0 || step > MAX_COUNT_GAP {
            counters.feedback_late += 1;
            return;
        }
        counters.feedback_missing += u64::from(step - 1);
        self.feedback_count = Some(count);
    }
}
