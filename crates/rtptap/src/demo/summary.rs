//! The summary of a demo in the form that `--json` prints.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sample::Kind;

use super::link::LinkConditions;
use super::{Figures, Outcome, RateReport, Repair, RunRecord, SideRate, StreamRecord};

/// The whole summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoReport {
    /// The link that all runs crossed.
    pub link: LinkSummary,
    /// How long after the link's delay a packet may come and is not late, in ms.
    pub wait_ms: f64,
    /// All runs, that without repair first.
    pub runs: Vec<RunReport>,
    /// What the link carried; left out where that has no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateReport>,
}

/// The link's conditions, the same in both directions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkSummary {
    /// Share of datagrams lost, in percent.
    pub loss_pct: f64,
    /// Mean length of a loss burst in packets; null when packets are lost independently.
    pub burst: Option<f64>,
    /// One-way delay in ms.
    pub delay_ms: f64,
    /// Largest deviation from the delay in ms.
    pub jitter_ms: f64,
    /// What chose the losses.
    pub seed: u64,
    /// How long media was sent, in seconds.
    pub seconds: f64,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// What mended its losses.
    pub repair: Repair,
    /// All its streams together.
    pub all: Figures,
    /// Its media streams, audio first.
    pub streams: Vec<StreamReport>,
    /// What it did with the link's rate; left out where that has no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<SideRate>,
}

/// One media stream of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamReport {
    /// Audio or video.
    pub kind: Kind,
    /// SSRC of the media.
    pub ssrc: u32,
    /// What became of its packets.
    #[serde(flatten)]
    pub figures: Figures,
    /// Mean round-trip time in ms as RTCP measured it; null when it never could.
    pub rtt_ms: Option<f64>,
    /// Interarrival jitter in ms at the end; null when it was not measured.
    pub jitter_ms: Option<f64>,
}

impl DemoReport {
    /// Sums all runs up.
    #[must_use]
    pub fn new(outcome: &Outcome) -> Self {
        Self {
            link: LinkSummary::new(&outcome.link, outcome.duration),
            wait_ms: millis(outcome.wait),
            runs: outcome.runs.iter().map(|run| RunReport::new(run, outcome)).collect(),
            rate: RateReport::new(outcome),
        }
    }

    /// The run with this repair.
    #[must_use]
    pub fn run(&self, repair: Repair) -> Option<&RunReport> {
        self.runs.iter().find(|run| run.repair == repair)
    }
}

impl LinkSummary {
    fn new(link: &LinkConditions, duration: Duration) -> Self {
        Self {
            loss_pct: thousandths(link.loss * 100.0),
            burst: link.burst,
            delay_ms: millis(link.delay),
            jitter_ms: millis(link.jitter),
            seed: link.seed,
            seconds: thousandths(duration.as_secs_f64()),
        }
    }
}

impl RunReport {
    fn new(run: &RunRecord, outcome: &Outcome) -> Self {
        let in_time = outcome.in_time();
        let rate =
            outcome.link.rate.as_ref().map(|capacity| {
                SideRate::new(&run.rate.clone().unwrap_or_default(), capacity, outcome.duration)
            });
        Self {
            repair: run.repair,
            all: Figures::of(&run.streams, in_time),
            streams: run.streams.iter().map(|stream| StreamReport::new(stream, in_time)).collect(),
            rate,
        }
    }
}

impl StreamReport {
    fn new(stream: &StreamRecord, in_time: Duration) -> Self {
        Self {
            kind: stream.kind,
            ssrc: stream.ssrc,
            figures: Figures::of(std::slice::from_ref(stream), in_time),
            rtt_ms: stream.rtt.map(millis),
            jitter_ms: stream.jitter.map(millis),
        }
    }
}

/// The smallest value that at least `share` of all values do not exceed (nearest rank); `sorted` must be.
pub(super) fn percentile(sorted: &[Duration], share: f64) -> Option<Duration> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// Milliseconds, to the microsecond.
pub(super) fn millis(duration: Duration) -> f64 {
    thousandths(duration.as_secs_f64() * 1000.0)
}

pub(super) fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
