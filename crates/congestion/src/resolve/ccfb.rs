//! Congestion control feedback (RFC 8888): packets by SSRC and sequence number.

use std::time::Duration;

use interceptor_core::packet::Ecn;
use interceptor_core::packet::rtcp::{Ccfb, CcfbArrival, CcfbBlock, CcfbMetric};

use super::{Came, MAX_JOINED, Resolver};
use crate::history::History;
use crate::numbers::Numbers;
use crate::{CongestionCounters, Feedback, FeedbackFormat, Time};

/// Bits of the report timestamp, whose unit is 1/65 536 s.
const TIMESTAMP_BITS: u32 = 32;
/// What left so long before the newest that came, and was told by nobody, will be told by nobody: twice the longest time
/// between reports of libwebrtc. Only a stream of which nothing came since needs it.
const UNTOLD: Duration = Duration::from_secs(1);

/// Where a message is being read.
pub(crate) struct Reading<'a> {
    pub(crate) now: Time,
    pub(crate) history: &'a mut History,
    pub(crate) counters: &'a mut CongestionCounters,
}

impl Resolver {
    /// What a message that came `now` says of packets of the history; `None`: nothing new. `with_numbers` calls with the numbers of an
    /// SSRC that is ours.
    pub(crate) fn ccfb(
        &mut self,
        message: &Ccfb<'_>,
        reading: &mut Reading<'_>,
        mut with_numbers: impl FnMut(u32, &mut dyn FnMut(&mut Numbers)) -> bool,
    ) -> Option<Feedback<'_>> {
        self.begin(FeedbackFormat::Ccfb);
        let timestamp = self.clock.unwrap(message.report_timestamp(), TIMESTAMP_BITS);
        // 1/65 536 s are 15 625/1024 µs.
        let reported = ((i128::from(timestamp) * 15_625) >> 10) as i64;
        for block in message.blocks() {
            let ours =
                with_numbers(block.ssrc(), &mut |numbers| self.block(&block, reported, numbers, reading));
            if !ours {
                reading.counters.unknown_ssrc += block.len() as u64;
            }
        }
        if let Some(newest) = self.newest {
            self.pass_over_old(newest.sent - UNTOLD, reading);
        }
        self.outcomes.sort_unstable_by_key(|packet| packet.index);
        self.end(reading.now, reading.history, reading.counters)
    }

    fn block(
        &mut self,
        block: &CcfbBlock<'_>,
        reported: i64,
        numbers: &mut Numbers,
        reading: &mut Reading<'_>,
    ) {
        if block.is_empty() || numbers.is_ahead(block.begin_sequence()) {
            reading.counters.not_known += block.len() as u64;
            return;
        }
        for number in numbers.take_untold(block.begin_sequence()) {
            if let Some(index) = numbers.index(number, reading.history) {
                self.pass_over(index, reading.history, reading.counters);
            }
        }
        for (told, (number, metric)) in block.metrics().enumerate() {
            if self.joined >= MAX_JOINED {
                reading.counters.feedback_cut += (block.len() - told) as u64;
                break;
            }
            let Some(index) = numbers.index(number, reading.history) else {
                reading.counters.not_known += 1;
                continue;
            };
            let came = came(metric, reported);
            self.join(index, came, reading.now, reading.history, reading.counters);
            numbers.told_before(number.wrapping_add(1));
        }
    }

    /// Of packets that left before `end`, and that nobody has told of, nobody will.
    fn pass_over_old(&mut self, end: Time, reading: &mut Reading<'_>) {
        let history = &mut *reading.history;
        let mut index = history.untold();
        while index < history.next() && self.outcomes.len() < 2 * MAX_JOINED && history.sent(index) < end {
            self.pass_over(index, history, reading.counters);
            index += 1;
        }
        history.told_before(index);
    }
}

fn came(metric: CcfbMetric, reported: i64) -> Option<Came> {
    let arrival = match metric.arrival()? {
        CcfbArrival::Before(before) => Some(reported.saturating_sub(before.as_micros() as i64)),
        CcfbArrival::OverRange | CcfbArrival::Unavailable => None,
    };
    Some(Came { arrival, ecn: metric.ecn().unwrap_or(Ecn::NotEct) })
}
