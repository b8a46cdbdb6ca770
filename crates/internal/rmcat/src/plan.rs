//! What a run is made of: two bottlenecks, and flows that share them.

use std::ops::Range;
use std::time::Duration;

use interceptor_test::{Jitter, MarkRamp, Stalls};

use crate::schedule::Schedule;

/// One way through the network: what all flows share of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Bottleneck {
    /// How much it carries; `None`: everything at once.
    pub capacity: Option<Schedule>,
    /// How long a packet may wait for its turn; what would wait longer is dropped.
    pub queue: Duration,
    /// The part of packets that is lost by chance.
    pub loss: f64,
    /// Early ECN marks.
    pub marks: Option<MarkRamp>,
}

impl Bottleneck {
    /// A queue of 300 ms before a rate (RFC 8867 §4.2).
    #[must_use]
    pub fn new(capacity: Schedule) -> Self {
        Self { capacity: Some(capacity), ..Self::free() }
    }

    /// No bottleneck at all.
    #[must_use]
    pub fn free() -> Self {
        Self { capacity: None, queue: Duration::from_millis(300), loss: 0.0, marks: None }
    }
}

/// What one flow has for itself behind the bottlenecks.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// One-way delay, the same in both directions.
    pub delay: Duration,
    /// Another delay of the data from a second on.
    pub delay_step: Option<(f64, Duration)>,
    /// Scatter of the data's delay.
    pub jitter: Option<Jitter>,
    /// Moments in which no data gets through.
    pub stalls: Option<Stalls>,
    /// The part of feedback messages that is lost.
    pub feedback_loss: f64,
    /// The seconds in which no feedback gets through.
    pub feedback_outage: Option<Range<f64>>,
}

impl Tail {
    /// A delay and nothing else.
    #[must_use]
    pub fn new(delay: Duration) -> Self {
        Self {
            delay,
            delay_step: None,
            jitter: None,
            stalls: None,
            feedback_loss: 0.0,
            feedback_outage: None,
        }
    }
}

/// What an encoder gives, besides following its target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourcePlan {
    /// It gives no more than so many bits per second until a second.
    pub limited: Option<(u64, f64)>,
    /// The seconds in which it gives nothing.
    pub pause: Option<Range<f64>>,
}

impl SourcePlan {
    pub(crate) fn is_silent(&self, second: f64) -> bool {
        self.pause.as_ref().is_some_and(|pause| pause.contains(&second))
    }

    pub(crate) fn most(&self, second: f64) -> u64 {
        self.limited.filter(|(_, until)| second < *until).map_or(u64::MAX, |(rate, _)| rate)
    }
}

/// A flow with a congestion controller.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaPlan {
    /// The seconds in which it sends.
    pub active: Range<f64>,
    /// Its data goes the second way, and its feedback the first.
    pub backward: bool,
    /// Its own part of the path.
    pub tail: Tail,
    /// Its encoder.
    pub source: SourcePlan,
    /// How much faster than the sender's the receiver's clock runs, in millionths.
    pub drift_ppm: i32,
    /// The receiver speaks RFC 8888 and tells of ECN marks; otherwise it speaks TWCC.
    pub l4s: bool,
}

/// What a TCP flow sends.
#[derive(Clone, Debug, PartialEq)]
pub enum TcpLoad {
    /// As much as it can.
    Endless,
    /// Files of a uniformly drawn size in bytes, after exponentially drawn pauses with this mean in seconds.
    Files {
        /// Least and greatest size.
        bytes: Range<u64>,
        /// Seconds.
        mean_pause: f64,
    },
}

/// A flow over TCP.
#[derive(Clone, Debug, PartialEq)]
pub struct TcpPlan {
    /// The seconds in which it sends.
    pub active: Range<f64>,
    /// Its own part of the path.
    pub tail: Tail,
    /// What it sends.
    pub load: TcpLoad,
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Seconds.
    pub duration: f64,
    /// The way of most flows' data.
    pub forward: Bottleneck,
    /// The way of their feedback.
    pub backward: Bottleneck,
    /// Flows with a congestion controller.
    pub media: Vec<MediaPlan>,
    /// Flows over TCP.
    pub tcp: Vec<TcpPlan>,
    /// The target to start with, in bits per second.
    pub start: u64,
    /// The least target, in bits per second.
    pub min: u64,
    /// The greatest target, in bits per second.
    pub max: u64,
}
