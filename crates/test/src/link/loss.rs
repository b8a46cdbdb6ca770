//! Which packets a link loses.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use interceptor_core::OptionsError;
use rand::Rng;

use super::check::{check, check_fraction};

/// One reason for which packets are lost. A link can have several; a packet that any of them takes is lost.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Loss {
    /// Every packet is lost with the same probability, independently of the others.
    Random {
        /// Fraction of packets lost, 0 to 1.
        rate: f64,
    },
    /// Packets are lost in runs of geometrically distributed length: the Gilbert model.
    Burst {
        /// Fraction of packets lost in the long run, 0 to below 1.
        rate: f64,
        /// Mean length of a run of losses in packets, at least 1 and at least `rate / (1 - rate)`.
        mean_packets: f64,
    },
    /// The Gilbert–Elliott model: a good and a bad state, each with its own loss rate. It begins in the good
    /// state.
    ///
    /// For every packet the state's loss rate decides first, then the state may change.
    GilbertElliott {
        /// Probability per packet to go from good to bad, 0 to 1.
        enter: f64,
        /// Probability per packet to go from bad to good, 0 to 1.
        leave: f64,
        /// Fraction of packets lost in the good state, 0 to 1.
        loss_in_good: f64,
        /// Fraction of packets lost in the bad state, 0 to 1.
        loss_in_bad: f64,
    },
    /// Exactly these packets are lost: the indices of the packets as offered to the link, from 0.
    Packets(BTreeSet<u64>),
    /// Everything offered in this span after the link's start is lost; the end does not belong to it.
    Outage(Range<Duration>),
}

impl Loss {
    /// See [`Loss::Random`].
    #[must_use]
    pub fn random(rate: f64) -> Self {
        Self::Random { rate }
    }

    /// See [`Loss::Burst`].
    #[must_use]
    pub fn burst(rate: f64, mean_packets: f64) -> Self {
        Self::Burst { rate, mean_packets }
    }

    /// See [`Loss::Packets`]; a range of indices is one burst.
    pub fn packets(indices: impl IntoIterator<Item = u64>) -> Self {
        Self::Packets(indices.into_iter().collect())
    }

    /// See [`Loss::Outage`].
    #[must_use]
    pub fn outage(span: Range<Duration>) -> Self {
        Self::Outage(span)
    }

    pub(super) fn validate(&self) -> Result<(), OptionsError> {
        match *self {
            Self::Random { rate } => check_fraction("loss.rate", rate),
            Self::Burst { rate, mean_packets } => {
                check((0.0..1.0).contains(&rate), "loss.rate", rate, "in 0.0..1.0")?;
                let shortest = (rate / (1.0 - rate)).max(1.0);
                check(
                    mean_packets.is_finite() && mean_packets >= shortest,
                    "loss.mean_packets",
                    mean_packets,
                    "finite, at least 1 and at least rate / (1 - rate)",
                )
            }
            Self::GilbertElliott { enter, leave, loss_in_good, loss_in_bad } => {
                check_fraction("loss.enter", enter)?;
                check_fraction("loss.leave", leave)?;
                check_fraction("loss.loss_in_good", loss_in_good)?;
                check_fraction("loss.loss_in_bad", loss_in_bad)
            }
            Self::Packets(_) | Self::Outage(_) => Ok(()),
        }
    }
}

/// One [`Loss`] at work.
#[derive(Debug)]
pub(super) enum LossProcess {
    TwoState { enter: f64, leave: f64, loss_in_good: f64, loss_in_bad: f64, bad: bool },
    Packets(BTreeSet<u64>),
    Outage(Range<Duration>),
}

impl LossProcess {
    /// A process for a validated model.
    pub(super) fn new(model: &Loss) -> Self {
        match model.clone() {
            Loss::Random { rate } => {
                Self::TwoState { enter: 0.0, leave: 0.0, loss_in_good: rate, loss_in_bad: rate, bad: false }
            }
            Loss::Burst { rate, mean_packets } => {
                // A run of losses ends with probability `leave`, so 1 / leave is its mean length; the share
                // of time in the bad state, enter / (enter + leave), is the loss rate.
                let leave = 1.0 / mean_packets;
                let enter = (rate * leave / (1.0 - rate)).min(1.0);
                Self::TwoState { enter, leave, loss_in_good: 0.0, loss_in_bad: 1.0, bad: false }
            }
            Loss::GilbertElliott { enter, leave, loss_in_good, loss_in_bad } => {
                Self::TwoState { enter, leave, loss_in_good, loss_in_bad, bad: false }
            }
            Loss::Packets(indices) => Self::Packets(indices),
            Loss::Outage(span) => Self::Outage(span),
        }
    }

    /// Whether the packet is lost that is offered as number `index`, `since_start` after the link's start.
    pub(super) fn takes(&mut self, index: u64, since_start: Duration, rng: &mut impl Rng) -> bool {
        match self {
            Self::TwoState { enter, leave, loss_in_good, loss_in_bad, bad } => {
                let lost = rng.random_bool(if *bad { *loss_in_bad } else { *loss_in_good });
                if rng.random_bool(if *bad { *leave } else { *enter }) {
                    *bad = !*bad;
                }
                lost
            }
            Self::Packets(indices) => indices.contains(&index),
            Self::Outage(span) => span.contains(&since_start),
        }
    }
}
