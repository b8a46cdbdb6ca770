//! The demo's calls: real sessions over UDP on loopback, with repair off and on at the same time.

mod chain;
mod estimate;
mod media;
mod pattern;
mod receive;
mod side;
mod streams;
mod tally;

use std::io;
use std::time::Duration;

use interceptor_packet::BuildError;
use interceptor_stats::ConnectionStats;
use interceptor_tokio::{BindError, SessionError, SpawnError};
use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior};

use super::link::{ConditionsError, LinkConditions};
use super::{Live, LiveSample, Outcome, OutputError, OutputFolder};
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

/// The statistics of both runs, as `stats.json` holds them.
#[derive(Debug, Serialize)]
pub struct CallStats {
    /// Without repair.
    pub off: SideStats,
    /// With repair.
    pub on: SideStats,
}

/// Holds both calls over a link for so long, shows them while they run, and writes `call.pcapng`, `stats.json` and
/// `report.html` to the folder. The capture is what the receiver with repair saw. On a link of limited rate both senders have
/// congestion control, and their video follows it.
///
/// # Errors
/// [`CallError`]: sockets, files and sessions can fail, losses cannot.
pub async fn hold_call(
    link: LinkConditions,
    duration: Duration,
    folder: &OutputFolder,
    live: &Live,
) -> Result<(Outcome, CallStats), CallError> {
    let start = Instant::now();
    let off = Side::start("off", &link, None, start).await?;
    let on = Side::start("on", &link, Some(&folder.capture_path()), start).await?;
    let both = async {
        let sent = tokio::try_join!(off.send(duration), on.send(duration))?;
        tokio::time::sleep(drain_time(&link)).await;
        Ok::<_, CallError>(sent)
    };
    let (off_sent, on_sent) = tokio::select! {
        sent = both => sent?,
        never = show(&off, &on, live, start) => match never {},
    };
    let (off, on) = (off.finish(off_sent).await?, on.finish(on_sent).await?);
    let outcome = Outcome { link, duration, off: off.record, on: on.record };
    let stats = CallStats { off: off.stats, on: on.stats };
    folder.write_stats(&stats)?;
    folder.write_report(&outcome)?;
    Ok((outcome, stats))
}

/// Long enough for three rounds of asking and answering after the last packet, and for what waits at a bottleneck and before it.
fn drain_time(link: &LinkConditions) -> Duration {
    let queues = if link.rate.is_some() { Duration::from_secs(1) } else { Duration::ZERO };
    3 * (link.round_trip() + 2 * link.jitter) + Duration::from_millis(500) + queues
}

async fn show(off: &Side, on: &Side, live: &Live, start: Instant) -> std::convert::Infallible {
    let mut redraw = tokio::time::interval(REDRAW);
    redraw.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        redraw.tick().await;
        live.show(LiveSample { elapsed: start.elapsed(), off: off.sample(), on: on.sample() });
    }
}
