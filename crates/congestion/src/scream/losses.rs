//! Whether packets are lost for want of room, or whatever is sent.

use super::digest::{Digest, seconds};
use crate::Time;

/// Packets that a share of losses is judged by, at least.
const MIN_PACKETS: f64 = 20.0;
/// Seconds that the usual share is learnt over.
const LEARN: f64 = 5.0;
/// Standard deviations by which losses have to exceed the usual, with the queue as good as empty and with some.
const DEVIATIONS: f64 = 4.0;
const DEVIATIONS_QUEUED: f64 = 0.8;
/// Seconds of queue delay from which on losses may come of it; shallow queues hold no more than twenty milliseconds.
const SOME_QUEUE: f64 = 0.010;

/// Tells losses that come of a full queue from those that the path has anyway.
///
/// The share of lost packets is learnt while the queue is short; more of them within a round trip than chance explains are congestion.
/// While the queue delay says that there is congestion, any loss is.
#[derive(Clone, Debug, Default)]
pub(super) struct Losses {
    since: Option<Time>,
    packets: f64,
    lost: f64,
    usual: f64,
}

impl Losses {
    /// Feedback has come. Are packets lost for want of room?
    pub(super) fn see(
        &mut self,
        now: Time,
        rtt: f64,
        digest: &Digest,
        tolerated: f64,
        queue: f64,
        queued: bool,
    ) -> bool {
        let since = *self.since.get_or_insert(now);
        self.packets += f64::from(digest.received + digest.lost);
        self.lost = (self.lost + f64::from(digest.lost) - f64::from(digest.recovered)).max(0.0);
        let usual = self.usual.min(tolerated);
        let chance = (self.packets * usual * (1.0 - usual)).sqrt();
        let deviations = if queue > SOME_QUEUE { DEVIATIONS_QUEUED } else { DEVIATIONS };
        let expected = self.packets.max(MIN_PACKETS) * usual + deviations * chance + 1.0;
        let excess = self.lost > expected || (queued && digest.lost > 0);
        let span = seconds(now.since(since));
        if self.packets >= MIN_PACKETS && span >= rtt {
            if queue <= SOME_QUEUE {
                self.usual += span / (span + LEARN) * (self.lost / self.packets - self.usual);
            }
            self.restart(now);
        }
        excess
    }

    /// What follows is counted anew: packets of before a cut say nothing of it.
    pub(super) const fn restart(&mut self, now: Time) {
        self.since = Some(now);
        self.packets = 0.0;
        self.lost = 0.0;
    }

    /// The usual share of lost packets.
    pub(super) const fn usual(&self) -> f64 {
        self.usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages each 50 ms of twenty packets, over a round trip of 100 ms; which of them show congestion.
    fn congested(losses: &mut Losses, lost: impl IntoIterator<Item = u32>, queue: f64) -> Vec<bool> {
        let tell = |(step, lost): (usize, u32)| {
            let digest = Digest { received: 20 - lost, lost, ..Digest::default() };
            losses.see(Time::from_micros(step as i64 * 50_000), 0.1, &digest, 0.1, queue, queue > 0.024)
        };
        lost.into_iter().enumerate().map(tell).collect()
    }

    #[test]
    fn one_loss_is_none_and_two_in_a_round_trip_are_congestion() {
        assert_eq!(congested(&mut Losses::default(), [1, 0], 0.0), [false; 2]);
        assert_eq!(congested(&mut Losses::default(), [1, 1], 0.0), [false, true]);
    }

    #[test]
    fn with_a_long_queue_any_loss_is_congestion() {
        assert_eq!(congested(&mut Losses::default(), [0, 1], 0.030), [false, true]);
    }

    #[test]
    fn a_usual_loss_is_none_and_more_is() {
        let mut losses = Losses::default();
        let shown = congested(&mut losses, (0..400).map(|step| u32::from(step % 2 == 0)), 0.0);
        assert!(shown.iter().skip(40).all(|congested| !congested));
        assert!((losses.usual() - 0.025).abs() < 0.005, "{}", losses.usual());
        // Of twenty packets half a one is usual, and of four deviations 2.8: five are not.
        assert_eq!(congested(&mut losses, [5], 0.0), [true]);
    }

    #[test]
    fn with_some_queue_less_is_congestion_and_nothing_is_learnt() {
        let mut losses = Losses::default();
        congested(&mut losses, (0..400).map(|step| u32::from(step % 2 == 0)), 0.0);
        let usual = losses.usual();
        assert_eq!(congested(&mut losses, [3], 0.015), [true]);
        congested(&mut losses, [3; 100], 0.015);
        assert_eq!(losses.usual(), usual);
    }

    #[test]
    fn what_comes_late_was_not_lost() {
        let mut losses = Losses::default();
        congested(&mut losses, [1], 0.0);
        let late = Digest { received: 10, recovered: 1, lost: 1, ..Digest::default() };
        assert!(!losses.see(Time::from_micros(50_000), 0.1, &late, 0.1, 0.0, false));
    }

    #[test]
    fn more_than_is_tolerated_is_never_usual() {
        let mut losses = Losses::default();
        let shown = congested(&mut losses, [8; 400], 0.0);
        assert!(losses.usual() > 0.3);
        // A tenth of 40 packets is four, and four deviations 7.6; sixteen are lost.
        assert!(shown.iter().skip(3).any(|congested| *congested));
    }
}
