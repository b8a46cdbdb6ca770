//! How quickly the rate grows while there is room.

use super::inflection;

/// The most that the rate grows in 100 ms, as a share (RFC 8698 §5.2.2, accelerated ramp-up, has as much a feedback).
const MOST: f64 = 0.25;
/// A growth of this share of the queue's time for the time that it takes to see a queue: the queue that growth makes until it is
/// noticed is at most so long, in ms (RFC 8698, `QBOUND`).
const QUEUE_BOUND_MS: f64 = 50.0;
/// What a filter adds to the time until a queue is noticed, in ms (RFC 8698, `DFILT`).
const FILTER_MS: f64 = 120.0;
/// Before the path has been full once, growth is so much quicker.
const START: f64 = 2.0;
/// Where the path was full growth is additive: this share of the square root of the rate by 1 Mb/s, a second.
const ADDED: f64 = 0.08;
/// The most that the rate stands above what arrives.
const ABOVE_ACKED: f64 = 1.5;
/// A queue is no hindrance up to this share of the equilibrium.
const LOW_QUEUE: f64 = 0.5;
/// How long it has to have been low besides a round trip, in ms, before the rate grows.
const LOW_FOR_MS: f64 = 150.0;

/// Is a queue of so many ms low?
pub(crate) fn is_low(queue: f64, equilibrium: f64) -> bool {
    queue < LOW_QUEUE * equilibrium
}

/// For how long a queue has to have been low, in ms.
pub(crate) fn patience(rtt: f64) -> f64 {
    LOW_FOR_MS + rtt
}

/// What growth depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ramp {
    /// The rate that arrives.
    pub(crate) acked: f64,
    /// The share of full growth, by the distance from where the path was full.
    pub(crate) share: f64,
    /// The path has not been full yet.
    pub(crate) start: bool,
    /// The round-trip time in ms.
    pub(crate) rtt: f64,
    /// The time since the last feedback in ms.
    pub(crate) dt: f64,
}

impl Ramp {
    /// `rate`, grown for `dt`; never less.
    pub(crate) fn grow(self, rate: f64) -> f64 {
        let quickest = MOST.min(QUEUE_BOUND_MS / (self.rtt + self.dt + FILTER_MS));
        let share = if self.share < 1.0 { self.share - inflection::LEAST } else { 1.0 };
        let growth = quickest * share.max(0.0) * if self.start { START } else { 1.0 };
        let multiplied = ((1.0 + growth) * self.acked).min(rate * (1.0 + growth * self.dt / 100.0));
        let added = (rate + ADDED * (rate * 1e6).sqrt() * self.dt / 1e3).min(ABOVE_ACKED * self.acked);
        rate.max(multiplied).max(added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAMP: Ramp = Ramp { acked: 1e6, share: 1.0, start: false, rtt: 100.0, dt: 50.0 };

    #[test]
    fn grows_by_a_share_far_away_and_by_a_sum_near() {
        let second = |ramp: Ramp| (0..20).fold(1e6, |rate, _| Ramp { acked: rate, ..ramp }.grow(rate));
        assert!((second(RAMP) / 1e6 - 5.9).abs() < 0.1, "{}", second(RAMP));
        let near = second(Ramp { share: inflection::LEAST, ..RAMP });
        assert!((near / 1e6 - 1.08).abs() < 0.003, "{near}");
        assert!(second(Ramp { rtt: 400.0, ..RAMP }) < second(RAMP), "long paths tell late");
    }

    #[test]
    fn is_held_by_what_arrives() {
        assert_eq!(RAMP.grow(1.6e6), 1.6e6, "who sends less than he may learns nothing");
        assert!(Ramp { acked: 0.0, ..RAMP }.grow(1e6) >= 1e6, "and loses nothing");
        assert!(Ramp { start: true, ..RAMP }.grow(1e6) > RAMP.grow(1e6));
    }
}
