//! Publishers, a forwarder, subscribers, and the paths between them.

pub(crate) mod cable;
mod camera;
mod choice;
mod ingress;
mod subscriber;

use std::error::Error;
use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_test::{Capacity, LinkOptions, Loss, QueueDepth, stream_info};
use interceptor_tokio::rewriter::SourceId;
use interceptor_tokio::{Fanout, FanoutOptions, Transport};

use choice::LAYERS;
pub(crate) use subscriber::Seen;

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How many publishers there are.
const PUBLISHERS: u32 = 3;

/// Who takes part, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) subscribers: u32,
    /// How many of these, the first, have a bad path.
    pub(crate) bad: u32,
    pub(crate) length: Duration,
}

/// A publisher's layer as the forwarder numbers it; the SSRC that it has there is the same.
const fn source(publisher: u32, layer: usize) -> SourceId {
    SourceId(1 + publisher * LAYERS as u32 + layer as u32)
}

/// A camera's stream, and a subscriber's.
fn video(ssrc: u32) -> StreamInfo {
    stream_info::video(ssrc)
}

/// A path that loses nothing and has room.
fn good() -> LinkOptions {
    LinkOptions::default().with_delay(Duration::from_millis(15))
}

/// A path that loses one packet in fifty, and has room for the smallest layer.
fn bad() -> LinkOptions {
    good()
        .with_loss(Loss::random(0.02))
        .with_capacity(Capacity::constant(320_000))
        .with_queue_limit(QueueDepth::Time(Duration::from_millis(300)))
}

/// How two ends come to hear each other: what the first sends goes over a link with options `there`, what the second sends over one with
/// options `back`.
pub(crate) trait Wiring {
    type End: Transport;

    async fn connect(
        &self,
        there: LinkOptions,
        back: LinkOptions,
        seed: u64,
    ) -> Result<(Self::End, Self::End)>;
}

/// Runs a call; what each subscriber saw of it.
pub(crate) async fn call(plan: Plan, wiring: impl Wiring) -> Result<Vec<Seen>> {
    let fanout = Fanout::new(FanoutOptions::default())?;
    let mut cameras = Vec::new();
    for publisher in 0..PUBLISHERS {
        let (theirs, ours) = wiring.connect(good(), good(), u64::from(publisher)).await?;
        cameras.push(camera::spawn(theirs, publisher)?);
        ingress::spawn(ours, publisher, &fanout)?;
    }
    let mut subscribers = Vec::new();
    for number in 0..plan.subscribers {
        let there = if number < plan.bad { bad() } else { good() };
        let (ours, theirs) = wiring.connect(there, good(), 100 + u64::from(number)).await?;
        subscribers.push(subscriber::Subscriber::new(number, (ours, theirs), &fanout)?);
    }
    tokio::time::sleep(plan.length).await;
    cameras.iter().for_each(tokio::task::JoinHandle::abort);
    // What is on its way arrives, or is asked for again.
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(subscribers.iter().map(subscriber::Subscriber::seen).collect())
}
