//! How often requests and answers are sent: as often as asked for, or as the path needs.

use std::time::Duration;

use interceptor_core::packet::repair::{self, LossyPath, RepairNeeds, repair_plan};
use interceptor_core::{Context, Facts, LinkCondition, Rtt};

use crate::NackOptions;
use crate::time::{DEFAULT_RTT, micros, round_trip};

/// How often something is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Copies {
    /// Once, and more often where the path loses so much that less than 99.9 % of the packets would come in time
    /// ([`repair_plan`]); up to three times.
    #[default]
    Adaptive,
    /// So often, 1..=4.
    Fixed(u8),
}

/// Between two copies, in microseconds.
pub(crate) const SPACING: u64 = micros(repair::COPY_SPACING);
/// A plan holds for so long, in microseconds.
const PLAN_HOLDS: u64 = 1_000_000;
/// Media bytes of a packet, where only bytes are known.
const PACKET_BYTES: f64 = 1000.0;

impl Copies {
    /// So many, if the plan says `planned`.
    pub(crate) const fn or(self, planned: u8) -> u8 {
        match self {
            Self::Adaptive => planned,
            Self::Fixed(copies) => copies,
        }
    }

    /// Is it within its range?
    pub(crate) fn is_sound(self) -> bool {
        matches!(self, Self::Adaptive | Self::Fixed(1..=4))
    }
}

/// How often each request of a remote stream is sent, with these losses and so many packets a second.
pub(crate) fn planned_requests(
    path: LossyPath,
    packets_per_second: f64,
    deadline: Option<Duration>,
    options: &NackOptions,
) -> u8 {
    let deadline = deadline.unwrap_or(options.assumed_deadline);
    repair_plan(path, RepairNeeds::new(deadline, packets_per_second)).request_copies
}

/// The round trip to plan with.
pub(crate) fn planned_rtt(rtt: Option<Rtt>) -> Duration {
    rtt.map_or(DEFAULT_RTT, round_trip)
}

/// How often each answer of a local stream is sent, for the time being.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnswerPlan {
    pub(crate) copies: u8,
    /// In microseconds since the epoch.
    until: u64,
}

impl Default for AnswerPlan {
    fn default() -> Self {
        Self { copies: 1, until: 0 }
    }
}

impl AnswerPlan {
    /// Does it hold no more?
    pub(crate) const fn is_over(self, now: u64) -> bool {
        now >= self.until
    }

    /// A new one, for a stream that sends `media` bytes a second.
    pub(crate) fn make(ssrc: u32, rtx: bool, media: u64, options: &NackOptions, cx: &Context<'_>) -> Self {
        let planned = if rtx { planned_answers(ssrc, media, options, cx.facts()) } else { 1 };
        let until = cx.elapsed_nanos() / 1000 + PLAN_HOLDS;
        Self { copies: options.answer_copies.or(planned), until }
    }
}

/// More than one only while losses are known, repair packets do not do the same, and the path is not full.
fn planned_answers(ssrc: u32, media: u64, options: &NackOptions, facts: &Facts) -> u8 {
    let protected = facts.protection_overhead(ssrc).is_some_and(|overhead| overhead.bits_per_second > 0);
    let congested = facts.link().is_some_and(|link| link.state == LinkCondition::Congested);
    let Some(loss) = facts.loss(ssrc).filter(|_| !protected && !congested) else { return 1 };
    let rtt = planned_rtt(facts.rtt());
    let path = LossyPath::from_ppm(loss.ppm, loss.burst_packets_q8, loss.burst_duration, rtt);
    let needs = RepairNeeds::new(options.assumed_deadline, media as f64 / PACKET_BYTES);
    repair_plan(path, needs).answer_copies
}
