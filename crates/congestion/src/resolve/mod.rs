//! Feedback of either format, joined with what was sent: what became of which packet, in the order in which they left.

mod ccfb;
mod clock;
mod twcc;

pub(crate) use ccfb::Reading;
use clock::RemoteClock;

use std::time::Duration;

use interceptor_core::packet::Ecn;

use crate::history::{History, State, counted_mark};
use crate::{CongestionCounters, Feedback, FeedbackFormat, Outcome, PacketOutcome, Time};

/// Packets that a message may be joined with; as many as a run of one status names, and 60 ms of 1.5 Gbit/s.
const MAX_JOINED: usize = 8191;

/// Joins feedback with the history.
#[derive(Debug)]
pub(crate) struct Resolver {
    clock: RemoteClock,
    format: Option<FeedbackFormat>,
    /// Of the last TWCC message.
    feedback_count: Option<u8>,
    /// What the message at hand says; kept for its memory.
    outcomes: Vec<PacketOutcome>,
    /// Of the message at hand: packets named that the history knows.
    joined: usize,
    newest: Option<Newest>,
    /// The index of the newest packet that has come.
    newest_ever: Option<u64>,
}

/// The last of the packets that a message says have come.
#[derive(Clone, Copy, Debug)]
struct Newest {
    index: u64,
    sent: Time,
    /// In the receiver's microseconds.
    arrival: Option<i64>,
}

/// How a packet came.
#[derive(Clone, Copy, Debug)]
struct Came {
    /// In the receiver's microseconds; `None`: it does not say.
    arrival: Option<i64>,
    ecn: Ecn,
}

impl Resolver {
    pub(crate) fn new() -> Self {
        Self {
            clock: RemoteClock::default(),
            format: None,
            feedback_count: None,
            outcomes: Vec::with_capacity(256),
            joined: 0,
            newest: None,
            newest_ever: None,
        }
    }

    fn begin(&mut self, format: FeedbackFormat) {
        if self.format != Some(format) {
            self.clock.restart();
            self.format = Some(format);
        }
        self.outcomes.clear();
        (self.joined, self.newest) = (0, None);
    }

    /// What the message at hand said, if it was news.
    fn end(
        &mut self,
        now: Time,
        history: &History,
        counters: &mut CongestionCounters,
    ) -> Option<Feedback<'_>> {
        if let Some(Newest { sent, arrival: Some(arrival), .. }) = self.newest {
            self.clock.end(sent, arrival, now);
        }
        if self.outcomes.is_empty() {
            counters.feedback_without_news += 1;
            return None;
        }
        counters.feedback_used += 1;
        // What is older than packets that came before tells how long it was late.
        let first = self.newest.filter(|newest| self.newest_ever.is_none_or(|ever| ever < newest.index));
        let rtt = first.map(|newest| micros(now.since(newest.sent)));
        self.newest_ever = self.newest_ever.max(self.newest.map(|newest| newest.index));
        let format = self.format.unwrap_or(FeedbackFormat::Twcc);
        Some(Feedback { packets: &self.outcomes, in_flight: history.in_flight(), format, rtt })
    }

    /// A packet that the history knows was named: `came`, or had not come. `false`: it is one too many.
    #[inline]
    fn join(
        &mut self,
        index: u64,
        came: Option<Came>,
        now: Time,
        history: &mut History,
        counters: &mut CongestionCounters,
    ) {
        self.joined += 1;
        let state = history.state(index);
        let Some(came) = came else {
            if matches!(state, State::InFlight | State::Expired) {
                counters.packets_lost += 1;
                self.outcomes.push(history.settle(index, Outcome::Lost));
            } else {
                counters.told_again += 1;
            }
            return;
        };
        match state {
            State::Received | State::Unused => {
                counters.told_again += 1;
                return;
            }
            State::Lost => {
                counters.packets_lost -= 1;
                counters.lost_and_come += 1;
            }
            State::Unknown => {
                counters.packets_unknown -= 1;
                counters.unknown_and_come += 1;
            }
            State::InFlight | State::Expired => {}
        }
        counters.packets_received += 1;
        let sent = history.sent(index);
        let at = came.arrival.map(|arrival| {
            if self.newest.is_none_or(|newest| newest.arrival.is_none())
                && self.clock.begin(sent, arrival, now)
            {
                counters.clock_set += 1;
            }
            self.clock.at(arrival)
        });
        let ecn = counted_mark(history.is_marked(index), came.ecn);
        counters.packets_marked += u64::from(ecn == Ecn::Ce);
        self.outcomes.push(history.settle(index, Outcome::Received { at, ecn }));
        if self.newest.is_none_or(|newest| newest.index < index) {
            self.newest = Some(Newest { index, sent, arrival: came.arrival });
        }
    }

    /// Nobody will tell of this packet any more.
    #[inline]
    fn pass_over(&mut self, index: u64, history: &mut History, counters: &mut CongestionCounters) {
        if matches!(history.state(index), State::InFlight | State::Expired) {
            counters.packets_unknown += 1;
            self.outcomes.push(history.settle(index, Outcome::Unknown));
        }
    }

    /// Nobody will tell of the packets before `end` any more that nobody has told of; of no more than a message may name.
    fn pass_over_before(&mut self, end: u64, history: &mut History, counters: &mut CongestionCounters) {
        let end = end.min(history.next());
        let mut index = history.untold();
        while index < end && self.outcomes.len() < MAX_JOINED {
            self.pass_over(index, history, counters);
            index += 1;
        }
        history.told_before(index);
    }
}

/// None, if it is negative.
fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
