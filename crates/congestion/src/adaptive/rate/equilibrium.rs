//! The queue that a rate may stand for.

/// Flows that each keep a queue of `K / rate` meet at equal rates: who has less may wait longer. In ms·Mb/s: below 12 fairness falls
/// and jitter costs a sixth of the rate, above 24 five flows make a queue of more than 40 ms.
const K: f64 = 16.0;
/// Between these, in ms: above jitter, and below what a conversation feels.
const BOUNDS_MS: (f64, f64) = (8.0, 40.0);
/// Below this rate, in bits per second, one packet alone takes tens of ms, so that the bound is lower, in ms.
const SLOW: f64 = 300e3;
const SLOW_BOUND_MS: f64 = 30.0;

/// The queue in ms that a flow of this rate keeps.
#[inline]
pub(crate) fn equilibrium(rate: f64) -> f64 {
    let most = if rate < SLOW { SLOW_BOUND_MS } else { BOUNDS_MS.1 };
    (K / (rate / 1e6)).clamp(BOUNDS_MS.0, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sends_less_may_wait_longer() {
        for (rate, queue) in
            [(0.0, 30.0), (0.15e6, 30.0), (0.35e6, 40.0), (1e6, 16.0), (3e6, 8.0), (1e9, 8.0)]
        {
            assert_eq!(equilibrium(rate), queue, "{rate}");
        }
    }
}
