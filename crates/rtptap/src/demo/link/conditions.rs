//! What a link does to what crosses it.

use std::time::Duration;

use super::RateSchedule;

/// Conditions of a link, the same in both directions but for the rate.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LinkConditions {
    /// Share of datagrams lost in each direction, 0.0..=0.5. Default 0.05.
    pub loss: f64,
    /// Mean number of consecutive media packets of a stream that are lost together, 1.0..=100.0; the share lost stays
    /// [`Self::loss`]. `None` (default): each packet is lost independently.
    pub burst: Option<f64>,
    /// One-way delay, 0..=5 s. Default 40 ms.
    pub delay: Duration,
    /// Largest deviation from [`Self::delay`] either way, evenly spread, 0..=5 s; the delay never goes below 0 and
    /// packets of one direction never overtake each other. Default 5 ms.
    pub jitter: Duration,
    /// Chooses what is lost and how long the rest takes; any value. Default 1.
    pub seed: u64,
    /// What passes from A to B, the way that media takes; the rest waits, up to 300 ms, or is dropped. What is lost has passed
    /// there. `None` (default): as much as comes.
    pub rate: Option<RateSchedule>,
}

impl Default for LinkConditions {
    fn default() -> Self {
        Self {
            loss: 0.05,
            burst: None,
            delay: Duration::from_millis(40),
            jitter: Duration::from_millis(5),
            seed: 1,
            rate: None,
        }
    }
}

impl LinkConditions {
    /// Sets [`Self::loss`].
    #[must_use]
    pub fn with_loss(mut self, share: f64) -> Self {
        self.loss = share;
        self
    }

    /// Sets [`Self::burst`].
    #[must_use]
    pub fn with_burst(mut self, mean_packets: Option<f64>) -> Self {
        self.burst = mean_packets;
        self
    }

    /// Sets [`Self::delay`].
    #[must_use]
    pub fn with_delay(mut self, one_way: Duration) -> Self {
        self.delay = one_way;
        self
    }

    /// Sets [`Self::jitter`].
    #[must_use]
    pub fn with_jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets [`Self::seed`].
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets [`Self::rate`].
    #[must_use]
    pub fn with_rate(mut self, rate: Option<RateSchedule>) -> Self {
        self.rate = rate;
        self
    }

    /// Round trip without any queue: twice the delay.
    #[must_use]
    pub fn round_trip(&self) -> Duration {
        self.delay * 2
    }

    pub(super) fn check(&self) -> Result<(), ConditionsError> {
        let five_seconds = Duration::from_secs(5);
        let error = |field, value: String, range| Err(ConditionsError { field, value, range });
        if !(0.0..=0.5).contains(&self.loss) {
            return error("loss", self.loss.to_string(), "0.0..=0.5");
        }
        if let Some(burst) = self.burst.filter(|b| !(1.0..=100.0).contains(b)) {
            return error("burst", burst.to_string(), "1.0..=100.0 packets");
        }
        if self.delay > five_seconds {
            return error("delay", format!("{:?}", self.delay), "0..=5 s");
        }
        if self.jitter > five_seconds {
            return error("jitter", format!("{:?}", self.jitter), "0..=5 s");
        }
        Ok(())
    }
}

/// A link condition is out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}, which is not in {range}")]
#[non_exhaustive]
pub struct ConditionsError {
    /// Which field of [`LinkConditions`].
    pub field: &'static str,
    /// The value given.
    pub value: String,
    /// What it may be.
    pub range: &'static str,
}
