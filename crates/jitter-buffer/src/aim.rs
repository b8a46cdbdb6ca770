//! How long to wait, and what to do when that was not enough.

use std::time::Duration;

/// How long packets wait: what is weighed is the delay against the packets that come too late for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Aim {
    /// For conversations: the delay within which the latest packet of 95 in 100 half seconds came.
    Interactive,
    /// Of 97 in 100.
    #[default]
    Balanced,
    /// For listening and watching: of 99 in 100.
    Smooth,
    /// Of so many in a thousand, 500..=999.
    PerMille(u16),
    /// Always so long over the fastest path of late, whatever packets do: 0..=[`max`](crate::JitterBufferOptions::max). Other buffers
    /// call it latency.
    Fixed(Duration),
}

impl Aim {
    /// The part of half seconds; `None`: it is fixed.
    pub(crate) fn quantile(self) -> Option<f32> {
        match self {
            Self::Interactive => Some(0.95),
            Self::Balanced => Some(0.97),
            Self::Smooth => Some(0.99),
            Self::PerMille(per_mille) => Some(f32::from(per_mille) / 1000.0),
            Self::Fixed(_) => None,
        }
    }
}

/// What happens to a packet that comes after its time while nothing newer has left: playout has run dry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Underrun {
    /// It leaves at once, and what follows is as late as it: one pause in place of many losses. The delay then falls as after any
    /// rise.
    #[default]
    Wait,
    /// It is too late, as is what follows until the estimate has caught up.
    Drop,
}

/// What happens to a packet that comes when a newer one has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LatePolicy {
    /// It ends here.
    #[default]
    Drop,
    /// It goes on at once, out of order: for recorders that sort by themselves.
    Deliver,
}
