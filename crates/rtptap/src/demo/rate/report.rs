//! The summary of the link's rates, and of what each run did with them, in the form that `--json` prints.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Crossing, RateRecord};
use crate::demo::Outcome;
use crate::demo::link::RateSchedule;
use crate::demo::summary::{millis, percentile, thousandths};

/// What the link carried. All rates are in Mbit/s with IP and UDP headers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateReport {
    /// The link's rates, the first from the start.
    pub steps: Vec<RateStepReport>,
    /// Their mean over the time of the media.
    pub capacity_mbps: f64,
}

/// A rate, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateStepReport {
    /// Seconds since the start.
    pub from_s: f64,
    /// From then on.
    pub mbps: f64,
}

/// What one run did with the link's rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SideRate {
    /// The mean of congestion control's target; null when it had none.
    pub target_mbps: Option<f64>,
    /// What came to the link: media, retransmissions, FEC, RTCP, padding.
    pub sent_mbps: f64,
    /// What got through the bottleneck, in percent of what it could have carried.
    pub utilisation_pct: f64,
    /// How long that waited there.
    pub queue_ms: QueueMs,
    /// Datagrams that found the queue full.
    pub dropped: u64,
    /// Payloads that came otherwise than they were sent.
    pub damaged: u64,
}

/// The time that datagrams waited for those before them, in ms; null when none passed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueMs {
    /// Median.
    pub p50: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
}

impl RateReport {
    /// `None` where the link had no limit.
    pub(in crate::demo) fn new(outcome: &Outcome) -> Option<Self> {
        let capacity = outcome.link.rate.as_ref()?;
        Some(Self {
            steps: capacity
                .steps()
                .iter()
                .map(|step| RateStepReport {
                    from_s: thousandths(step.from.as_secs_f64()),
                    mbps: step.bits_per_second as f64 / 1e6,
                })
                .collect(),
            capacity_mbps: megabits(capacity.mean(outcome.duration)),
        })
    }
}

impl SideRate {
    pub(in crate::demo) fn new(record: &RateRecord, capacity: &RateSchedule, duration: Duration) -> Self {
        let rate = |of: &dyn Fn(&Crossing) -> bool| {
            let bytes: usize = record.until(duration).filter(|c| of(c)).map(|c| c.bytes).sum();
            bytes as f64 * 8.0 / duration.as_secs_f64()
        };
        let mut waits: Vec<Duration> = record.until(duration).filter_map(|c| c.queued).collect();
        waits.sort_unstable();
        let wait = |share| percentile(&waits, share).map(millis);
        let passed = rate(&|crossing| crossing.queued.is_some_and(|wait| crossing.at + wait < duration));
        Self {
            target_mbps: record.mean_target(duration).map(megabits),
            sent_mbps: megabits(rate(&|_| true)),
            utilisation_pct: thousandths(100.0 * passed / capacity.mean(duration)),
            queue_ms: QueueMs { p50: wait(0.50), p95: wait(0.95) },
            dropped: record.until(duration).filter(|c| c.queued.is_none()).count() as u64,
            damaged: record.damaged,
        }
    }
}

/// Mbit/s, to the kbit/s.
fn megabits(bits_per_second: f64) -> f64 {
    thousandths(bits_per_second / 1e6)
}
