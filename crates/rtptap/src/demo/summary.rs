//! The summary of a demo in the form that `--json` prints.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sample::Kind;

use super::link::LinkConditions;
use super::{Outcome, RateReport, RunRecord, StreamRecord};

/// The whole summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoReport {
    /// The link that both runs crossed.
    pub link: LinkSummary,
    /// The run without repair.
    pub off: SideReport,
    /// The run with repair.
    pub on: SideReport,
    /// What both did with the link's rate; left out where that has no limit.
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
pub struct SideReport {
    /// Its media streams, audio first.
    pub streams: Vec<StreamReport>,
}

/// One media stream of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamReport {
    /// Audio or video.
    pub kind: Kind,
    /// SSRC of the media.
    pub ssrc: u32,
    /// Media packets sent.
    pub sent: u64,
    /// How many of these the link lost.
    pub lost_on_link: u64,
    /// How many of the lost were delivered after all.
    pub recovered: u64,
    /// How many of the lost were never delivered.
    pub never_recovered: u64,
    /// Share of the packets sent that the receiving application got, in percent; 100 when nothing was sent.
    pub delivered_pct: f64,
    /// How long recovery took.
    pub recovery_ms: RecoveryMs,
    /// Mean round-trip time in ms as RTCP measured it; null when it never could.
    pub rtt_ms: Option<f64>,
    /// Interarrival jitter in ms at the end; null when it was not measured.
    pub jitter_ms: Option<f64>,
    /// Payload bytes that the receiving application got.
    pub bytes: u64,
    /// NACK messages that the receiver sent.
    pub nacks: u64,
    /// Retransmissions that the sender sent.
    pub retransmissions: u64,
}

/// Time from the packet that shows the gap to the delivery of the one that fills it, in ms; null when none was recovered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryMs {
    /// Median.
    pub p50: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
}

impl DemoReport {
    /// Sums both runs up. Figures are rounded to a thousandth.
    #[must_use]
    pub fn new(outcome: &Outcome) -> Self {
        Self {
            link: LinkSummary::new(&outcome.link, outcome.duration),
            off: SideReport::new(&outcome.off),
            on: SideReport::new(&outcome.on),
            rate: RateReport::new(outcome),
        }
    }

    /// Streams of both runs side by side: off, on.
    pub fn pairs(&self) -> impl Iterator<Item = (&StreamReport, &StreamReport)> {
        self.off.streams.iter().zip(&self.on.streams)
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

impl SideReport {
    fn new(run: &RunRecord) -> Self {
        Self { streams: run.streams.iter().map(StreamReport::new).collect() }
    }

    /// Share of all packets of all streams that was delivered, in percent.
    #[must_use]
    pub fn delivered_pct(&self) -> f64 {
        let sent: u64 = self.streams.iter().map(|s| s.sent).sum();
        let missing: f64 = self.streams.iter().map(|s| s.sent as f64 * (100.0 - s.delivered_pct)).sum();
        if sent == 0 { 100.0 } else { thousandths(100.0 - missing / sent as f64) }
    }
}

impl StreamReport {
    fn new(stream: &StreamRecord) -> Self {
        let count =
            |of: fn(&super::PacketRecord) -> bool| stream.packets.iter().filter(|p| of(p)).count() as u64;
        let sent = stream.packets.len() as u64;
        let delivered = count(|p| p.delivered.is_some());
        let mut times: Vec<Duration> = stream.recoveries().into_iter().map(|(_, took)| took).collect();
        times.sort_unstable();
        Self {
            kind: stream.kind,
            ssrc: stream.ssrc,
            sent,
            lost_on_link: count(|p| p.lost_on_link),
            recovered: count(super::PacketRecord::is_recovered),
            never_recovered: count(super::PacketRecord::is_lost_for_good),
            delivered_pct: if sent == 0 {
                100.0
            } else {
                thousandths(100.0 * delivered as f64 / sent as f64)
            },
            recovery_ms: RecoveryMs {
                p50: percentile(&times, 0.50).map(millis),
                p95: percentile(&times, 0.95).map(millis),
            },
            rtt_ms: stream.rtt.map(millis),
            jitter_ms: stream.jitter.map(millis),
            bytes: stream.packets.iter().filter_map(|p| p.delivered).map(|(_, bytes)| bytes as u64).sum(),
            nacks: stream.nacks,
            retransmissions: stream.sent_again.len() as u64,
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
