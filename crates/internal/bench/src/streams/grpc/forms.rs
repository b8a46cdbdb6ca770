//! What the layer is told in the different measurements.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use interceptor_grpc::{CallHandle, CallInfo, Message, Observer, Pace, Rate, StreamLayer, StreamLimits};

/// What is around a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing.
    Bare,
    /// The layer, without any limit: it counts.
    Counting,
    /// The layer with every limit of a stream's life and of a message, both times, and messages and bytes a second each way: four buckets.
    Limits,
    /// The same with messages and bytes a second for both ways together: six buckets, two of them behind a lock.
    Both,
    /// The layer, with an observer that counts each message.
    Observed,
    /// The layer, with the metrics for Prometheus.
    #[cfg(feature = "stream-peers")]
    Metrics,
}

/// So that nothing ever meets a limit.
const MUCH: u64 = 1 << 40;
const LONG: Duration = Duration::from_secs(86_400);
/// A second's worth of tokens, all of them at once.
const QUICK: u64 = 10_000_000_000;

impl Form {
    /// The layer that it is, if there is one. `path` is the method that is called.
    ///
    /// # Errors
    /// A limit is out of range.
    pub fn layer(self, path: &str) -> anyhow::Result<Option<StreamLayer>> {
        _ = path;
        Ok(Some(match self {
            Self::Bare => return Ok(None),
            Self::Counting => StreamLayer::unlimited(),
            Self::Limits => StreamLayer::new(limits()?)?,
            Self::Both => StreamLayer::new(limits()?.with_both(pace()?))?,
            Self::Observed => StreamLayer::unlimited().with_observer(Counts::default()),
            #[cfg(feature = "stream-peers")]
            Self::Metrics => {
                let kind = interceptor_grpc::MethodKind::BidiStream;
                StreamLayer::unlimited().with_observer(interceptor_grpc::Metrics::server([(path, kind)]))
            }
        }))
    }
}

fn limits() -> anyhow::Result<StreamLimits> {
    Ok(StreamLimits::control()
        .with_max_messages(MUCH)
        .with_max_bytes(MUCH)
        .with_max_duration(LONG)
        .with_received(pace()?)
        .with_sent(pace()?))
}

fn pace() -> anyhow::Result<Pace> {
    let rate = Rate::per_second(QUICK)?;
    Ok(Pace::default().with_messages(rate).with_bytes(rate).with_max_wait(LONG))
}

/// Counts messages, as an observer with a metric of its own would.
#[derive(Debug, Default)]
struct Counts(AtomicU64);

impl Observer for Counts {
    type PerCall = ();

    fn started(&self, _: &CallInfo, _: &CallHandle) {}

    fn message(&self, (): &(), _: &CallInfo, _: &Message) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
