//! What was counted: per stream, per connection, and how long recovery took.

use std::time::Duration;

use hdrhistogram::Histogram;
use interceptor_core::counters;

counters! {
    /// What asking for packets of remote streams has counted.
    pub struct AskCounters {
        /// NACK messages sent.
        requests_sent,
        /// Sequence numbers in them, each request of a number counted.
        packets_requested,
        /// Of these, those that are copies of a request that has just been sent ([`NackOptions::request_copies`](crate::NackOptions)).
        copies_requested,
        /// Missing packets that are asked for no more, as the answer would come after the stream's
        /// [`PlayoutDeadline`](interceptor_core::PlayoutDeadline).
        withheld,
        /// Distinct packets that a later one overtook, those of gaps over which the log started anew included.
        packets_missing,
        /// Missing packets that came on the media SSRC: late, or repeated there.
        recovered_late,
        /// Missing packets that an RTX stream brought back.
        recovered_rtx,
        /// Missing packets that forward error correction brought back.
        recovered_fec,
        /// Numbers of the media SSRC that were repair packets', missing ones among them: nothing is asked for there.
        taken_by_fec,
        /// Missing packets that are asked for no more: too old (some from the beginning, after an outage), asked for often
        /// enough, or the log started anew.
        given_up,
        /// Packets that came after they had been given up.
        arrived_too_late,
        /// Packets that had come before, or precede the stream's first packet; they went on.
        duplicates_or_old,
        /// Packets that had come before, one of the copies having been restored by RTX or FEC: consumed.
        restored_duplicates,
        /// Packets far off the others, or older than the window: the start of a new sequence if another one follows them.
        out_of_place,
        /// Times that the log started anew: a jump, a sender's restart, or too much missing.
        resets,
        /// Times that a key frame was said to be needed.
        keyframes_needed,
        /// PLIs sent.
        plis_sent,
    }

    /// What answering requests for packets of local streams has counted.
    pub struct AnswerCounters {
        /// NACK messages received.
        requests_received,
        /// Sequence numbers in them, up to the limit of a datagram.
        packets_requested,
        /// Packets sent again.
        packets_resent,
        /// Of these, those that are copies of an answer that has just been sent ([`NackOptions::answer_copies`](crate::NackOptions)).
        copies_resent,
        /// Bytes of these, headers included.
        bytes_resent,
        /// Numbers that are not among the packets kept: never sent.
        never_sent,
        /// Numbers of packets that are no longer kept.
        too_old,
        /// Numbers of packets that were dropped before the wire ([`Abandoned`](interceptor_core::Abandoned)).
        abandoned,
        /// Numbers asked for again before the cooldown of the last answer was over.
        suppressed_by_cooldown,
        /// Numbers not answered because enough bytes had been sent again for the media sent.
        suppressed_by_ratio,
        /// Answers that waited for their turn when their stream ended ([`NackOptions::answer_spread`](crate::NackOptions)).
        cancelled,
        /// Datagrams that asked for more packets than are sent again for one; the rest of them was not looked at.
        cut_short,
    }
}

/// What one connection's [`Nack`](crate::Nack) has counted, ended streams included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NackCounters {
    /// Over all remote streams.
    pub asking: AskCounters,
    /// Over all local streams.
    pub answering: AnswerCounters,
    /// NACK messages for an SSRC that is no local media stream with `nack` feedback.
    pub unknown_ssrc: u64,
    /// NACK messages without a whole pair.
    pub malformed: u64,
}

/// How long missing packets took to come, from the packet that showed the gap.
///
/// Values are kept to two significant digits up to 4 s; longer ones count as 4 s.
#[derive(Debug, Default)]
pub struct TimeToRecover {
    /// Microseconds. Made when the first value is recorded: a connection without loss has none.
    histogram: Option<Histogram<u32>>,
}

/// The longest time that is told from longer ones, in microseconds.
const MAX_MICROS: u64 = 4_000_000;

impl TimeToRecover {
    /// How many packets were recovered.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.as_ref().map_or(0, Histogram::len)
    }

    /// The time that this part (0.0..=1.0) of the recovered packets did not exceed; `None` when there are none.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let histogram = self.histogram.as_ref().filter(|histogram| !histogram.is_empty())?;
        Some(Duration::from_micros(histogram.value_at_quantile(part.clamp(0.0, 1.0))))
    }

    /// The longest time; `None` when there is none.
    #[must_use]
    pub fn max(&self) -> Option<Duration> {
        self.quantile(1.0)
    }

    pub(crate) fn record(&mut self, micros: u64) {
        if self.histogram.is_none() {
            // The bounds are constants that the histogram accepts; without it nothing is recorded.
            self.histogram = Histogram::new_with_bounds(1, MAX_MICROS, 2).ok();
        }
        if let Some(histogram) = &mut self.histogram {
            histogram.saturating_record(micros.max(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_two_digits_up_to_four_seconds() {
        let mut times = TimeToRecover::default();
        assert_eq!((times.count(), times.quantile(0.5)), (0, None));
        [10_000, 20_000, 30_000, 90_000_000].into_iter().for_each(|micros| times.record(micros));
        assert_eq!(times.count(), 4);
        let median = times.quantile(0.5).unwrap().as_micros();
        assert!((20_000..20_200).contains(&median), "{median}");
        assert!(times.max().unwrap() < Duration::from_millis(4_100));
    }
}
