//! Every target and every datagram of a run with media.

use std::time::Duration;

use crate::demo::link::{Direction, Fate, HEADER_BYTES, TruthEntry, TruthLog};

/// How a run went on a link of limited rate. Rates and sizes are with IP and UDP headers.
#[derive(Clone, Debug, Default)]
pub struct RateRecord {
    /// When congestion control changed its target, and to how many bits per second.
    pub targets: Vec<(Duration, u64)>,
    /// Every datagram that came to the link with the media, whatever it carries, in order.
    pub crossings: Vec<Crossing>,
    /// Payloads that the receiving application got otherwise than they were sent.
    pub damaged: u64,
}

/// A datagram at the link's bottleneck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// When it came there.
    pub at: Duration,
    /// Its size in bytes.
    pub bytes: usize,
    /// How long it waited for those before it; `None`: the queue was full.
    pub queued: Option<Duration>,
}

impl Crossing {
    /// As the link logged it, if it went the way of the media.
    pub(in crate::demo) fn new(entry: &TruthEntry) -> Option<Self> {
        let queued = (entry.fate != Fate::QueueFull).then_some(entry.queued);
        let crossing = Self { at: entry.at, bytes: entry.bytes + HEADER_BYTES, queued };
        (entry.direction == Direction::AToB).then_some(crossing)
    }
}

/// Bits that came to the link with the media since a time, and how long they waited there in the mean.
pub(in crate::demo) fn came_since(truth: &TruthLog, since: Duration) -> (u64, Duration) {
    let recent = truth.entries().iter().rev().take_while(|entry| entry.at >= since);
    let (mut bits, mut waited, mut passed) = (0, Duration::ZERO, 0);
    for crossing in recent.filter_map(Crossing::new) {
        bits += 8 * crossing.bytes as u64;
        if let Some(queued) = crossing.queued {
            waited += queued;
            passed += 1;
        }
    }
    (bits, waited.checked_div(passed).unwrap_or_default())
}

impl RateRecord {
    /// Joins the link's log with what the application knows.
    #[must_use]
    pub fn new(truth: &TruthLog, targets: Vec<(Duration, u64)>, damaged: u64) -> Self {
        Self { targets, crossings: truth.entries().iter().filter_map(Crossing::new).collect(), damaged }
    }

    /// The target at a time, in bits per second; `None` before there was one.
    #[must_use]
    pub fn target_at(&self, time: Duration) -> Option<u64> {
        let after = self.targets.partition_point(|(at, _)| *at <= time);
        self.targets.get(after.checked_sub(1)?).map(|(_, target)| *target)
    }

    /// The mean target in bits per second, from the first one to `end`.
    #[must_use]
    pub fn mean_target(&self, end: Duration) -> Option<f64> {
        let first = self.targets.first().filter(|(at, _)| *at < end)?.0;
        let ends = self.targets.iter().skip(1).map(|(at, _)| (*at).min(end)).chain([end]);
        let bits: f64 = self
            .targets
            .iter()
            .zip(ends)
            .map(|((from, target), to)| *target as f64 * to.saturating_sub(*from).as_secs_f64())
            .sum();
        Some(bits / (end - first).as_secs_f64())
    }

    /// The datagrams that came before `end`.
    pub fn until(&self, end: Duration) -> impl Iterator<Item = &Crossing> {
        self.crossings.iter().filter(move |crossing| crossing.at < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_target_holds_until_the_next() {
        let record = RateRecord {
            targets: vec![(secs(1), 300), (secs(2), 600), (secs(9), 900)],
            ..RateRecord::default()
        };
        assert_eq!(
            [0, 1, 2, 8, 9, 20].map(|at| record.target_at(secs(at))),
            [None, Some(300), Some(600), Some(600), Some(900), Some(900)]
        );
        assert_eq!(record.mean_target(secs(4)), Some(500.0), "a second of 300, two of 600");
        assert_eq!(record.mean_target(secs(1)), None);
        assert_eq!(RateRecord::default().mean_target(secs(1)), None);
    }
}
