//! What the way to a target does to datagrams on purpose, to try out how a receiver bears a bad link; may change while the relay runs.

use std::time::Duration;

use serde::Serialize;

use super::OptionsError;

/// The longest delay, and the largest jitter.
const MAX_DELAY: Duration = Duration::from_secs(5);

/// What becomes of the datagrams that a leg sends to its target, RTP and RTCP. By default they leave as they are.
///
/// Losses and delays follow from [`seed`](Self::seed): whenever rules are set a row of random numbers begins anew, for RTP one and for RTCP
/// another, and the n-th datagram after that gets the n-th number. So the same seed loses the same datagrams counted from the change, on
/// every machine and in every release; with more loss the same are lost and others besides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TargetRules {
    /// Share of datagrams that are lost, 0.0..=1.0. Default 0.
    pub loss: f64,
    /// Mean number of RTP datagrams that are lost one after another, 1.0..=100.0 and enough for [`loss`](Self::loss): half of all in bursts of
    /// at least 1, 0.9 of all in bursts of at least 9. The share lost stays `loss`. RTCP is lost independently. Default `None`: each by itself.
    pub burst: Option<f64>,
    /// How long datagrams are held back, 0..=5 s. Default 0.
    #[serde(serialize_with = "seconds")]
    pub delay: Duration,
    /// Largest deviation from [`delay`](Self::delay) either way, evenly spread, 0..=5 s; none is sent before it is there, and none overtakes
    /// another. Default 0.
    #[serde(serialize_with = "seconds")]
    pub jitter: Duration,
    /// Chooses what is lost and how long the rest takes; any value. Default 1.
    pub seed: u64,
}

/// What becomes another of [`TargetRules`]; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RulesChange {
    /// See [`TargetRules::loss`].
    pub loss: Option<f64>,
    /// See [`TargetRules::burst`]; 0 is none.
    pub burst: Option<f64>,
    /// See [`TargetRules::delay`].
    pub delay: Option<Duration>,
    /// See [`TargetRules::jitter`].
    pub jitter: Option<Duration>,
    /// See [`TargetRules::seed`].
    pub seed: Option<u64>,
}

impl Default for TargetRules {
    fn default() -> Self {
        Self { loss: 0.0, burst: None, delay: Duration::ZERO, jitter: Duration::ZERO, seed: 1 }
    }
}

impl TargetRules {
    /// Do datagrams leave as they are?
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.loss == 0.0 && self.delay.is_zero() && self.jitter.is_zero()
    }

    /// The first value that does not fit.
    pub(super) fn check(&self) -> Result<(), OptionsError> {
        if !(0.0..=1.0).contains(&self.loss) {
            return Err(OptionsError::new("loss", self.loss, "must be a share in 0.0..=1.0"));
        }
        if let Some(burst) = self.burst {
            if !(1.0..=100.0).contains(&burst) {
                return Err(OptionsError::new(
                    "burst",
                    burst,
                    "must be in 1.0..=100.0 packets, or 0 for none",
                ));
            }
            let least = self.loss / (1.0 - self.loss);
            if self.loss < 1.0 && burst < least {
                let advice = format!("with a loss of {} it must be at least {least:.1}", self.loss);
                return Err(OptionsError::new("burst", burst, advice));
            }
        }
        for (option, value) in [("delay", self.delay), ("jitter", self.jitter)] {
            if value > MAX_DELAY {
                return Err(OptionsError::new(option, format!("{value:?}"), "must be in 0s..=5s"));
            }
        }
        Ok(())
    }
}

impl RulesChange {
    /// The rules as they will be.
    pub(super) fn apply_to(&self, rules: TargetRules) -> TargetRules {
        TargetRules {
            loss: self.loss.unwrap_or(rules.loss),
            burst: self.burst.map_or(rules.burst, |burst| (burst != 0.0).then_some(burst)),
            delay: self.delay.unwrap_or(rules.delay),
            jitter: self.jitter.unwrap_or(rules.jitter),
            seed: self.seed.unwrap_or(rules.seed),
        }
    }

    /// What becomes another, in words.
    pub(super) fn words(&self) -> [Option<String>; 5] {
        let number = |name, value: Option<f64>| value.map(|value| format!("{name}={value}"));
        let time = |name, value: Option<Duration>| value.map(|value| format!("{name}={value:?}"));
        [
            number("loss", self.loss),
            number("burst", self.burst),
            time("delay", self.delay),
            time("jitter", self.jitter),
            self.seed.map(|seed| format!("seed={seed}")),
        ]
    }

    /// Sets [`Self::loss`].
    #[must_use]
    pub const fn with_loss(mut self, share: f64) -> Self {
        self.loss = Some(share);
        self
    }

    /// Sets [`Self::burst`].
    #[must_use]
    pub const fn with_burst(mut self, mean_packets: f64) -> Self {
        self.burst = Some(mean_packets);
        self
    }

    /// Sets [`Self::delay`].
    #[must_use]
    pub const fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Sets [`Self::jitter`].
    #[must_use]
    pub const fn with_jitter(mut self, jitter: Duration) -> Self {
        self.jitter = Some(jitter);
        self
    }

    /// Sets [`Self::seed`].
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::Change;

    #[test]
    fn what_is_not_said_stays_and_zero_ends_bursts() {
        let change = RulesChange::default().with_loss(0.25).with_burst(3.0);
        let rules = change.apply_to(TargetRules { seed: 7, ..TargetRules::default() });
        assert_eq!((rules.loss, rules.burst, rules.seed), (0.25, Some(3.0), 7));
        assert!(!rules.is_clear());
        let rules = RulesChange::default().with_burst(0.0).apply_to(rules);
        assert_eq!((rules.loss, rules.burst), (0.25, None));
        assert!(RulesChange::default().with_loss(0.0).apply_to(rules).is_clear());
        let words = |rules| Change::new("target-1").with_rules(rules).to_string();
        assert_eq!(words(change.with_delay(Duration::from_millis(40))), "loss=0.25 burst=3 delay=40ms");
        assert_eq!(words(RulesChange::default()), "nothing");
    }

    #[test]
    fn bounds() {
        let over = MAX_DELAY + Duration::from_nanos(1);
        for (change, fault) in [
            (RulesChange::default().with_loss(0.0), None),
            (RulesChange::default().with_loss(1.0), None),
            (RulesChange::default().with_loss(-0.01), Some("loss")),
            (RulesChange::default().with_loss(1.01), Some("loss")),
            (RulesChange::default().with_loss(f64::NAN), Some("loss")),
            (RulesChange::default().with_burst(1.0), None),
            (RulesChange::default().with_burst(100.0), None),
            (RulesChange::default().with_burst(0.5), Some("burst")),
            (RulesChange::default().with_burst(100.5), Some("burst")),
            (RulesChange::default().with_burst(f64::NAN), Some("burst")),
            (RulesChange::default().with_loss(0.9).with_burst(8.0), Some("burst")),
            (RulesChange::default().with_loss(0.9).with_burst(9.1), None),
            (RulesChange::default().with_loss(1.0).with_burst(1.0), None),
            (RulesChange::default().with_delay(MAX_DELAY), None),
            (RulesChange::default().with_delay(over), Some("delay")),
            (RulesChange::default().with_jitter(MAX_DELAY), None),
            (RulesChange::default().with_jitter(over), Some("jitter")),
        ] {
            let found = change.apply_to(TargetRules::default()).check();
            assert_eq!(found.err().map(|error| error.option), fault, "{change:?}");
        }
    }
}
