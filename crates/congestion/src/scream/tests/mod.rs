//! The controller as a whole.

mod link;
mod properties;
mod rules;

use std::time::Duration;

use interceptor_core::packet::Ecn;

use crate::{Feedback, FeedbackFormat, Outcome, PacketClass, PacketOutcome, Time};

/// Bytes of each packet.
pub(super) const BYTES: u32 = 1200;

pub(super) fn at(millis: i64) -> Time {
    Time::from_micros(millis * 1000)
}

pub(super) fn feedback(packets: &[PacketOutcome], in_flight: u32) -> Feedback<'_> {
    Feedback { packets, in_flight, format: FeedbackFormat::Twcc, rtt: None }
}

fn outcome(index: u64, sent: i64, outcome: Outcome) -> PacketOutcome {
    let (bytes, class) = (BYTES, PacketClass::Video);
    PacketOutcome { index, sent: at(sent), bytes, class, probe: None, was_lost: false, outcome }
}

/// Sent and received at these milliseconds.
pub(super) fn received(index: u64, sent: i64, arrived: i64, ecn: Ecn) -> PacketOutcome {
    outcome(index, sent, Outcome::Received { at: Some(at(arrived)), ecn })
}

pub(super) fn lost(index: u64, sent: i64) -> PacketOutcome {
    outcome(index, sent, Outcome::Lost)
}

pub(super) fn unknown(index: u64, sent: i64) -> PacketOutcome {
    outcome(index, sent, Outcome::Unknown)
}

/// Feedback each 50 ms over a path of 50 ms each way, as much as the target asks for, without a link in between.
pub(super) struct Script {
    pub(super) controller: super::Scream,
    pub(super) now: i64,
    index: u64,
}

impl Script {
    pub(super) fn new(options: super::ScreamOptions) -> Self {
        let controller = super::Scream::new(options).expect("right options");
        Self { controller, now: 0, index: 0 }
    }

    /// 50 ms of packets, each as `told` says: of its number, and when it was sent.
    pub(super) fn step(&mut self, told: impl Fn(u64, i64) -> PacketOutcome) {
        use crate::Controller as _;
        self.now += 50;
        let bytes = self.controller.decision().target / 8 / 20;
        let count = (bytes / u64::from(BYTES)).max(1) as i64;
        let packets: Vec<_> = (0..count)
            .map(|n| {
                self.index += 1;
                told(self.index, self.now - 150 + 50 * n / count)
            })
            .collect();
        let in_flight = 3 * bytes as u32;
        let told = Feedback { rtt: Some(Duration::from_millis(100)), ..feedback(&packets, in_flight) };
        self.controller.on_feedback(at(self.now), &told);
    }

    pub(super) fn target(&self) -> u64 {
        use crate::Controller as _;
        self.controller.decision().target
    }
}

/// Came after 50 ms on the way and `wait` in a queue.
pub(super) fn after(wait: i64) -> impl Fn(u64, i64) -> PacketOutcome {
    move |index, sent| received(index, sent, sent + 50 + wait, Ecn::NotEct)
}
