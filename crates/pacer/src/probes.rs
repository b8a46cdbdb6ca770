//! Clusters of packets by which congestion control learns whether a higher rate passes.

use std::collections::VecDeque;
use std::time::Duration;

use interceptor_core::Probe;

use crate::budget::countable;

/// More clusters than that do not wait; the oldest goes (libwebrtc `kMaxPendingProbeClusters`).
const MOST_PENDING: usize = 5;
/// So long a cluster may take, waiting included (libwebrtc `kProbeClusterTimeout`).
const PATIENCE_NANOS: u64 = 5_000_000_000;
/// Packets that come so late have been missed: the others do not hurry to make up for them.
const LATE_NANOS: u64 = 5_000_000;
/// A cluster is a matter of milliseconds: what is asked for beyond that is a mistake.
const MOST_BYTES: u32 = 4 << 20;
const MOST_GAP: Duration = Duration::from_millis(20);
/// What a packet is taken for until one has left.
const PACKET_BYTES: u32 = 1200;

/// The clusters that are to be sent, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Probes {
    pending: VecDeque<Cluster>,
    /// Clusters that were sent as a whole.
    pub(crate) done: u64,
    /// Clusters that were not.
    pub(crate) abandoned: u64,
}

#[derive(Debug)]
struct Cluster {
    id: u8,
    /// Bits a second.
    rate: u64,
    min_bytes: u64,
    min_packets: u64,
    gap: u64,
    told_at: u64,
    /// When its first packet left, less what was missed.
    began: Option<u64>,
    last_at: u64,
    last_bytes: u64,
    sent: u64,
    packets: u64,
}

impl Probes {
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    pub(crate) fn add(&mut self, probe: Probe, now: u64) {
        if probe.rate == 0 {
            return;
        }
        if self.pending.len() == MOST_PENDING {
            self.pending.pop_front();
            self.abandoned += 1;
        }
        self.pending.push_back(Cluster {
            id: probe.id,
            rate: countable(probe.rate),
            min_bytes: probe.min_bytes.min(MOST_BYTES).into(),
            min_packets: probe.min_packets.max(2).into(),
            gap: probe.min_gap.min(MOST_GAP).as_nanos() as u64,
            told_at: now,
            began: None,
            last_at: now,
            last_bytes: PACKET_BYTES.into(),
            sent: 0,
            packets: 0,
        });
    }

    /// The rate has been cut: nothing is to be tried any more.
    pub(crate) fn clear(&mut self) {
        self.abandoned += self.pending.len() as u64;
        self.pending.clear();
    }

    /// May a packet leave for a cluster now? The cluster's number, or when one may. `None`: there is no cluster.
    pub(crate) fn ask(&mut self, now: u64) -> Option<Result<u8, u64>> {
        loop {
            let first = self.pending.front_mut()?;
            if now.saturating_sub(first.told_at) > PATIENCE_NANOS {
                self.abandoned += 1;
            } else if first.may_send(now) {
                return Some(Ok(first.id));
            } else if first.is_done() {
                self.done += 1;
            } else {
                return Some(Err(first.next_at()));
            }
            self.pending.pop_front();
        }
    }

    /// A packet of so many bytes leaves for the cluster that was asked about.
    pub(crate) fn sent(&mut self, bytes: u64, now: u64) {
        if let Some(first) = self.pending.front_mut() {
            first.sent(bytes, now);
        }
    }

    /// A packet leaves that has not asked. The number of the cluster, if one has begun: it is part of it.
    pub(crate) fn join(&mut self, bytes: u64, now: u64) -> Option<u8> {
        let first = self.pending.front_mut().filter(|first| first.began.is_some())?;
        first.sent(bytes, now);
        Some(first.id)
    }

    /// Bytes that the cluster wants to leave now, without what each packet takes besides itself on the wire.
    pub(crate) fn wanted(&self, overhead: u64, now: u64) -> u32 {
        self.pending.front().map_or(0, |first| first.wanted(overhead, now))
    }

    /// When the first cluster is given up.
    pub(crate) fn expires_at(&self) -> Option<u64> {
        self.pending.front().map(|first| first.told_at + PATIENCE_NANOS + 1)
    }
}

impl Cluster {
    /// Packets leave in groups, at least `gap` apart: a group is what has become due when its last packet does. So the time from the first
    /// packet to the last is what the rate says, whatever the gap.
    fn may_send(&mut self, now: u64) -> bool {
        let Some(began) = self.began else { return true };
        let due = self.due(began, self.sent);
        if due > now {
            return false;
        }
        if now == self.last_at {
            return true;
        }
        if now < self.last_at + self.gap {
            return false;
        }
        // Late beyond what grouping explains: nothing was there to be sent, or the timer slept.
        let missed = now.saturating_sub(self.next_at());
        if missed > LATE_NANOS {
            self.began = Some(began + missed);
        }
        true
    }

    const fn is_done(&self) -> bool {
        self.sent >= self.min_bytes && self.packets >= self.min_packets
    }

    fn sent(&mut self, bytes: u64, now: u64) {
        self.began.get_or_insert(now);
        self.last_at = now;
        self.last_bytes = bytes.max(1);
        self.sent += bytes;
        self.packets += 1;
    }

    /// When the packet after so many bytes is due.
    fn due(&self, began: u64, sent: u64) -> u64 {
        let nanos = (u128::from(sent) * 8_000_000_000).div_ceil(u128::from(self.rate));
        began.saturating_add(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// When the next group leaves, if its packets are like the last one.
    fn next_at(&self) -> u64 {
        let Some(began) = self.began else { return self.told_at };
        let (due, earliest) = (self.due(began, self.sent), self.last_at + self.gap);
        if due >= earliest {
            return due;
        }
        let missing = u128::from(earliest - due) * u128::from(self.rate);
        let packets = missing.div_ceil(u128::from(self.last_bytes) * 8_000_000_000);
        self.due(
            began,
            self.sent + u64::try_from(packets).unwrap_or(u64::MAX).saturating_mul(self.last_bytes),
        )
    }

    /// All whole packets that are due, if they are like the last one. So half of the last of them is enough to ask for: who fills
    /// a wish to the last byte would add a small one.
    fn wanted(&self, overhead: u64, now: u64) -> u32 {
        let Some(began) = self.began else { return PACKET_BYTES / 2 };
        let until_now = u128::from(now.saturating_sub(began)) * u128::from(self.rate) / 8_000_000_000;
        let bytes = u64::try_from(until_now).unwrap_or(u64::MAX).saturating_sub(self.sent);
        let bytes = bytes.saturating_add(self.last_bytes / 2);
        let without = self.last_bytes.saturating_sub(overhead);
        let bytes = (u128::from(bytes) * u128::from(without)).div_ceil(u128::from(self.last_bytes));
        u32::try_from(bytes).unwrap_or(MOST_BYTES).min(MOST_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn probe(rate: u64, min_gap: Duration) -> Probe {
        Probe { id: 7, rate, min_bytes: (rate / 8 * 15 / 1000) as u32, min_packets: 5, min_gap }
    }

    /// When packets of so many bytes leave, if there are always some.
    fn times(probe: Probe, bytes: u64) -> Vec<u64> {
        let (mut probes, mut now, mut times) = (Probes::default(), 1000 * MS, Vec::new());
        probes.add(probe, now);
        while let Some(asked) = probes.ask(now) {
            match asked {
                Ok(7) => {
                    probes.sent(bytes, now);
                    times.push(now);
                }
                Ok(other) => panic!("cluster {other}"),
                Err(at) => now = at,
            }
        }
        assert_eq!((probes.done, probes.abandoned), (1, 0));
        times
    }

    #[test]
    fn a_cluster_leaves_at_its_rate_whatever_the_gap() {
        for rate in [200_000, 900_000, 3_000_000, 6_000_000, 25_000_000, 300_000_000] {
            for gap in [0, 1, 2, 3] {
                for bytes in [300, 1200] {
                    let times = times(probe(rate, Duration::from_millis(gap)), bytes);
                    let took = times[times.len() - 1] - times[0];
                    // As libwebrtc reckons: without the last packet.
                    let measured = (times.len() as u64 - 1) * bytes * 8_000_000_000 / took;
                    assert!(measured.abs_diff(rate) * 100 <= rate, "{rate} {gap} ms {bytes}: {measured}");
                    let mut groups = times.clone();
                    groups.dedup();
                    assert!(groups.windows(2).all(|pair| pair[1] - pair[0] >= gap * MS));
                }
            }
        }
    }

    #[test]
    fn what_was_missed_is_not_made_up_for() {
        let mut probes = Probes::default();
        probes.add(probe(4_800_000, Duration::ZERO), 0);
        assert_eq!(probes.ask(0), Some(Ok(7)));
        probes.sent(1200, 0);
        assert_eq!(probes.ask(0), Some(Err(2 * MS)));
        // Nothing is there for 40 ms.
        assert_eq!(probes.ask(40 * MS), Some(Ok(7)));
        probes.sent(1200, 40 * MS);
        assert_eq!(probes.ask(40 * MS), Some(Err(42 * MS)));
    }

    #[test]
    fn clusters_wait_for_five_seconds_and_no_more_than_five_do() {
        let mut probes = Probes::default();
        (0..7).for_each(|_| probes.add(probe(1_000_000, Duration::ZERO), MS));
        assert_eq!((probes.pending.len(), probes.abandoned), (5, 2));
        assert_eq!(probes.ask(MS + PATIENCE_NANOS), Some(Ok(7)));
        assert_eq!(probes.ask(probes.expires_at().unwrap()), None);
        assert_eq!(probes.abandoned, 7);
    }

    #[test]
    fn no_probe_is_too_large_to_be_counted() {
        let all = Probe {
            id: 7,
            rate: u64::MAX,
            min_bytes: u32::MAX,
            min_packets: u16::MAX,
            min_gap: Duration::MAX,
        };
        let mut probes = Probes::default();
        probes.add(all, u64::MAX / 2);
        probes.add(Probe { rate: 0, ..all }, u64::MAX / 2);
        assert_eq!((probes.pending.len(), probes.ask(u64::MAX / 2)), (1, Some(Ok(7))));
        probes.sent(u64::from(u32::MAX), u64::MAX / 2);
        assert!(probes.wanted(28, u64::MAX / 2 + 5) > 0 && probes.ask(u64::MAX / 2 + 1).is_some());
    }
}
