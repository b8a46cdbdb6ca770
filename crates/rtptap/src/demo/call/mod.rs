//! The demo's calls: real sessions over UDP on loopback, all at the same time.

mod chain;
mod estimate;
mod media;
mod pattern;
mod receive;
mod side;
mod streams;
mod tally;

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use futures_util::future::try_join_all;
use interceptor_packet::BuildError;
use interceptor_stats::ConnectionStats;
use interceptor_tokio::{BindError, SessionError, SpawnError};
use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior};

use super::link::{ConditionsError, LinkConditions};
use super::{Live, LiveSample, Outcome, OutputError, OutputFolder, Repair};
use crate::sample::SampleError;
use side::Side;

/// How often the live table is redrawn.
const REDRAW: Duration = Duration::from_millis(200);

/// Why a demo could not be held.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The link's conditions contradict each other.
    #[error(transparent)]
    Link(#[from] ConditionsError),
    /// A loopback socket or a file failed.
    #[error("a loopback socket or file failed: {0}")]
    Io(#[from] io::Error),
    /// The embedded sample could not be read.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// A session could not be started.
    #[error("a session could not be started: {0}")]
    Spawn(#[from] SpawnError),
    /// A stream could not be bound.
    #[error("a stream could not be bound: {0}")]
    Bind(#[from] BindError),
    /// A session broke off.
    #[error("a session broke off: {0}")]
    Session(#[from] SessionError),
    /// A media packet could not be built.
    #[error("a media packet could not be built: {0}")]
    Packet(#[from] BuildError),
    /// Forward error correction cannot be had as the plan wants it.
    #[error("{0}")]
    Fec(String),
    /// The capture failed.
    #[error("the capture failed: {0}")]
    Capture(String),
    /// A session ended without its last statistics.
    #[error("a session ended without its statistics")]
    NoStatistics,
    /// An output file could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// The statistics of both ends of a run at its end.
#[derive(Debug, Serialize)]
pub struct SideStats {
    /// The end that sent media.
    pub sender: ConnectionStats,
    /// The end that received it.
    pub receiver: ConnectionStats,
}

/// What a demo does.
#[derive(Clone, Debug)]
pub struct CallPlan {
    /// The link that every run crosses.
    pub link: LinkConditions,
    /// How long media is sent.
    pub duration: Duration,
    /// How long a receiver waits for what is missing, 20 ms..=10 s: what is late is measured by it, and FEC has to be done by then.
    pub wait: Duration,
    /// A run each, in order of columns; the capture is of the last.
    pub repairs: Vec<Repair>,
}

/// The statistics of all runs by their [names](Repair::name), as `stats.json` holds them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct CallStats(pub BTreeMap<&'static str, SideStats>);

/// Holds the calls over a link each, shows them while they run, and writes `call.pcapng`, `stats.json` and
/// `report.html` to the folder. The capture is what the receiver of the last run saw. On a link of limited rate all senders have
/// congestion control, and their video follows it.
///
/// # Errors
/// [`CallError`]: sockets, files and sessions can fail, losses cannot.
pub async fn hold_call(
    plan: &CallPlan,
    folder: &OutputFolder,
    live: &Live,
) -> Result<(Outcome, CallStats), CallError> {
    let (start, last) = (Instant::now(), plan.repairs.len().saturating_sub(1));
    let mut sides = Vec::new();
    for (at, repair) in plan.repairs.iter().enumerate() {
        let capture = (at == last).then(|| folder.capture_path());
        sides.push(Side::start(*repair, plan, capture.as_deref(), start).await?);
    }
    let all = async {
        let sent = try_join_all(sides.iter().map(|side| side.send(plan.duration))).await?;
        tokio::time::sleep(drain_time(&plan.link)).await;
        Ok::<_, CallError>(sent)
    };
    let sent = tokio::select! {
        sent = all => sent?,
        never = show(&sides, live, start) => match never {},
    };
    let (mut runs, mut stats) = (Vec::new(), BTreeMap::new());
    for (side, sent) in sides.into_iter().zip(sent) {
        let finished = side.finish(sent).await?;
        stats.insert(finished.record.repair.name(), finished.stats);
        runs.push(finished.record);
    }
    let CallPlan { link, duration, wait, .. } = plan.clone();
    let (outcome, stats) = (Outcome { link, duration, wait, runs }, CallStats(stats));
    folder.write_stats(&stats)?;
    folder.write_report(&outcome)?;
    Ok((outcome, stats))
}

/// Long enough for three rounds of asking and answering after the last packet, and for what waits at a bottleneck and before it.
fn drain_time(link: &LinkConditions) -> Duration {
    let queues = if link.rate.is_some() { Duration::from_secs(1) } else { Duration::ZERO };
    3 * (link.round_trip() + 2 * link.jitter) + Duration::from_millis(500) + queues
}

async fn show(sides: &[Side], live: &Live, start: Instant) -> std::convert::Infallible {
    let mut redraw = tokio::time::interval(REDRAW);
    redraw.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        redraw.tick().await;
        live.show(LiveSample { elapsed: start.elapsed(), runs: sides.iter().map(Side::sample).collect() });
    }
}
