//! Whether something on the path lets no more than a rate pass: loss that rises with the rate.

use super::windows::Observation;
use crate::adaptive::ring::Ring;

/// Loss below this share is nobody's policy.
const LEAST_LOSS: f64 = 0.02;
/// Observations that it takes to compare rates.
const LEAST_OBSERVATIONS: usize = 6;
/// So much likelier has a policer to be than loss by chance, in natural logarithms: e⁴ is 55 to 1.
const EVIDENCE: f64 = 4.0;
/// Bytes of packets whose losses are taken to be independent.
const PACKET_BYTES: f64 = 1200.0;
/// The rates that are tried, as shares of the highest that was sent: sixteen from the first on, in these steps.
const FIRST_SHARE: f64 = 0.5;
const STEP: f64 = 0.03;
const STEPS: u32 = 16;
/// Bounds of what is lost by chance.
const CHANCE: (f64, f64) = (1e-3, 0.5);

/// The rate that a policer lets pass, if that explains the losses so much better than chance.
pub(crate) fn policed_at(observations: &Ring<Observation, 32>) -> Option<f64> {
    let total = observations.iter().fold((0.0, 0.0), |(sent, lost), o| (sent + o.sent, lost + o.lost));
    if observations.len() < LEAST_OBSERVATIONS || total.1 <= LEAST_LOSS * total.0 {
        return None;
    }
    let chance = (total.1 / total.0).clamp(CHANCE.0, CHANCE.1);
    let highest = observations.iter().fold(0.0, |highest, o| o.rate.max(highest));
    let mut best = (likelihood(observations, f64::INFINITY, chance) + EVIDENCE, None);
    for step in 0..STEPS {
        let rate = highest * (FIRST_SHARE + STEP * f64::from(step));
        let below = observations.iter().filter(|o| o.rate <= rate);
        let (sent, lost) = below.fold((1.0, 0.0), |(sent, lost), o| (sent + o.sent, lost + o.lost));
        let likelihood = likelihood(observations, rate, (lost / sent).clamp(CHANCE.0, chance));
        if likelihood > best.0 {
            best = (likelihood, Some(rate));
        }
    }
    best.1
}

/// The logarithm of how likely the losses are when `chance` of all is lost, and all that is above `rate`.
fn likelihood(observations: &Ring<Observation, 32>, rate: f64, chance: f64) -> f64 {
    let each = |o: Observation| {
        let over = if o.rate > rate { (o.rate - rate) / o.rate } else { 0.0 };
        let p = (chance + (1.0 - chance) * over).clamp(1e-6, 1.0 - 1e-6);
        (o.lost * p.ln() + (o.sent - o.lost) * (1.0 - p).ln()) / PACKET_BYTES
    };
    observations.iter().map(each).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Observations of sending at these rates, in Mb/s, with what is lost of them.
    fn observed(rates: &[f64], lost: impl Fn(f64) -> f64) -> Ring<Observation, 32> {
        let mut ring = Ring::new();
        for rate in rates {
            let sent = rate * 1e6 / 32.0;
            ring.push(Observation { rate: rate * 1e6, sent, lost: sent * lost(*rate) });
        }
        ring
    }

    const RATES: [f64; 10] = [0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.0];

    #[test]
    fn loss_that_rises_with_the_rate_is_a_policer() {
        let policed = policed_at(&observed(&RATES, |rate| (1.0 - 1.0 / rate).max(0.0)));
        assert!(policed.is_some_and(|rate| (0.9e6..1.1e6).contains(&rate)), "{policed:?}");
    }

    #[test]
    fn loss_that_does_not_is_chance() {
        for loss in [0.0, 0.02, 0.1, 0.2, 0.5] {
            assert_eq!(policed_at(&observed(&RATES, |_| loss)), None, "{loss}");
        }
    }

    #[test]
    fn nothing_is_said_of_few_observations() {
        assert_eq!(policed_at(&observed(&RATES[..5], |rate| 1.0 - 0.8 / rate)), None);
        assert_eq!(policed_at(&Ring::new()), None);
    }
}
