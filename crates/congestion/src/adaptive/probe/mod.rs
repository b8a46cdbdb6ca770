//! Rates that are tried by clusters of packets: at the start, while little is sent, when a limit is raised, on a new path.

mod estimate;

use std::time::Duration;

use estimate::{Cluster, Shown};
use interceptor_core::Probe;

use super::clock::millis;
use super::ring::Ring;
use crate::Time;

/// The first rates that are tried, as multiples of the one to start with; libwebrtc `first_exponential_probe_scale`, `second_…`.
const START: [f64; 2] = [3.0, 6.0];
/// Further ones, as multiples of the last result or of the target; libwebrtc `further_exponential_probe_scale`.
const FURTHER: f64 = 2.0;
/// While results reach this share of what was tried.
const REACHED: f64 = 0.85;
/// A cluster takes so long, in ms, and at least so many packets; libwebrtc `min_probe_duration`, `min_probe_packets_sent`.
const CLUSTER_MS: f64 = 15.0;
const CLUSTER_PACKETS: u16 = 5;
/// The least time between two packets of a cluster; libwebrtc `min_probe_delta`.
const GAP: Duration = Duration::from_millis(2);
/// Probes that wait at most; libwebrtc `kMaxPendingProbeClusters`.
const MOST_PENDING: usize = 5;
/// They are given up after this, in ms; libwebrtc `kProbeClusterTimeout`.
const PATIENCE_MS: f64 = 5000.0;
/// Between two probes while little is sent, in ms; libwebrtc `alr_probing_interval`.
const BETWEEN_MS: f64 = 5000.0;

#[derive(Clone, Copy, Debug)]
struct Wanted {
    probe: Probe,
    since: Time,
}

impl Default for Wanted {
    fn default() -> Self {
        let probe = Probe { id: 0, rate: 0, min_bytes: 0, min_packets: 0, min_gap: Duration::ZERO };
        Self { probe, since: Time::MIN }
    }
}

/// Plans probes and reads their results.
#[derive(Clone, Debug)]
pub(super) struct Probes {
    enabled: bool,
    pending: Ring<Wanted, 8>,
    /// Those that were handed out.
    tried: Ring<Wanted, 8>,
    next_id: u8,
    cluster: Option<Cluster>,
    /// The cluster has grown since its result was looked at.
    grown: bool,
    last_rate: f64,
    last_at: Time,
    started: bool,
}

impl Probes {
    pub(super) fn new(enabled: bool) -> Self {
        Self {
            enabled,
            pending: Ring::new(),
            tried: Ring::new(),
            next_id: 0,
            cluster: None,
            grown: false,
            last_rate: f64::INFINITY,
            last_at: Time::MIN,
            started: false,
        }
    }

    /// Media begins to leave, with this rate; no more than `max` is tried.
    pub(super) fn start(&mut self, now: Time, rate: f64, max: f64) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        for times in START {
            self.want(now, (times * rate).min(max), rate);
        }
    }

    /// Another path, that may carry what the old one did (`before`), or more.
    pub(super) fn start_anew(&mut self, now: Time, before: f64, rate: f64, max: f64) {
        self.cancel();
        for times in [1.0, FURTHER] {
            self.want(now, (times * before).min(max), rate);
        }
    }

    /// More than `rate` may be possible.
    pub(super) fn try_more(&mut self, now: Time, rate: f64, max: f64) {
        self.want(now, (FURTHER * rate).min(max), rate);
    }

    /// As [`try_more`](Self::try_more), now and then.
    pub(super) fn try_again(&mut self, now: Time, rate: f64, max: f64) {
        if millis(now, self.last_at) > BETWEEN_MS {
            self.last_at = now;
            self.try_more(now, rate, max);
        }
    }

    /// A result has been taken over: where it reached what was tried, more is tried at once.
    pub(super) fn go_on(&mut self, now: Time, result: f64, max: f64) {
        if result > REACHED * self.last_rate && self.pending.len() == 0 {
            self.want(now, (FURTHER * result).min(max), result);
        }
    }

    /// A packet of a cluster has come.
    pub(super) fn came(&mut self, id: u8, sent: Time, came: Time, bytes: u32) {
        self.grown = true;
        match &mut self.cluster {
            Some(cluster) if cluster.id == id => cluster.add(sent, came, bytes),
            _ => self.cluster = Some(Cluster::new(id, sent, came, bytes)),
        }
    }

    /// What the newest cluster shows, if it has grown.
    pub(super) fn result(&mut self) -> Option<Shown> {
        if !std::mem::take(&mut self.grown) {
            return None;
        }
        let cluster = self.cluster?;
        let asked = self.tried.iter().rev().find(|tried| tried.probe.id == cluster.id)?;
        cluster.result(&asked.probe)
    }

    /// Nothing more is to be tried for now.
    pub(super) const fn cancel(&mut self) {
        self.pending.clear();
    }

    /// The next that is wanted and not too old.
    pub(super) fn poll(&mut self, now: Time) -> Option<Probe> {
        while let Some(wanted) = self.pending.pop() {
            if millis(now, wanted.since) <= PATIENCE_MS {
                self.tried.push(wanted);
                return Some(wanted.probe);
            }
        }
        None
    }

    /// A probe of no more than what is sent anyway shows nothing.
    fn want(&mut self, now: Time, rate: f64, current: f64) {
        if !self.enabled || rate <= current || self.pending.len() == MOST_PENDING {
            return;
        }
        self.last_rate = rate;
        self.next_id = self.next_id.wrapping_add(1);
        let probe = Probe {
            id: self.next_id,
            rate: rate as u64,
            min_bytes: (rate * CLUSTER_MS / 8e3) as u32,
            min_packets: CLUSTER_PACKETS,
            min_gap: GAP,
        };
        self.pending.push(Wanted { probe, since: now });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    fn rates(probes: &mut Probes, now: Time) -> Vec<u64> {
        std::iter::from_fn(|| probes.poll(now)).map(|probe| probe.rate).collect()
    }

    #[test]
    fn starts_with_three_and_six_times_the_rate_once() {
        let mut probes = Probes::new(true);
        probes.start(ms(0), 300e3, 50e6);
        probes.start(ms(0), 300e3, 50e6);
        let first = probes.poll(ms(1)).unwrap();
        assert_eq!((first.rate, first.min_bytes, first.min_packets), (900_000, 1687, 5));
        assert_eq!(rates(&mut probes, ms(1)), [1_800_000]);
    }

    #[test]
    fn tries_no_more_than_the_limit_nor_what_is_sent_anyway() {
        let mut probes = Probes::new(true);
        probes.start(ms(0), 300e3, 1e6);
        assert_eq!(rates(&mut probes, ms(1)), [900_000, 1_000_000]);
        probes.try_more(ms(1), 1e6, 1e6);
        assert_eq!(rates(&mut probes, ms(1)), [0; 0]);
        let mut probes = Probes::new(false);
        probes.start(ms(0), 300e3, 50e6);
        assert_eq!(rates(&mut probes, ms(0)), [0; 0], "switched off");
    }

    #[test]
    fn five_wait_for_five_seconds_at_most_and_a_cut_ends_all() {
        let mut probes = Probes::new(true);
        for n in 1..=9 {
            probes.try_more(ms(0), f64::from(n) * 1e5, 50e6);
        }
        assert_eq!(rates(&mut probes, ms(5000)).len(), 5);
        probes.try_more(ms(0), 1e6, 50e6);
        assert_eq!(rates(&mut probes, ms(5001)), [0; 0]);
        probes.try_more(ms(0), 1e6, 50e6);
        probes.cancel();
        assert_eq!(rates(&mut probes, ms(0)), [0; 0]);
    }

    #[test]
    fn tries_again_each_five_seconds() {
        let mut probes = Probes::new(true);
        for at in 0..=100 {
            probes.try_again(ms(at * 200), 1e6, 50e6);
        }
        assert_eq!(rates(&mut probes, ms(20_000)).len(), 1, "the others were given up");
        assert_eq!(probes.next_id, 4);
    }

    #[test]
    fn a_result_is_of_a_cluster_that_was_asked_for() {
        let mut probes = Probes::new(true);
        probes.try_more(ms(0), 500e3, 50e6);
        let probe = probes.poll(ms(0)).unwrap();
        let send = |probes: &mut Probes, id| {
            for n in 0..6 {
                probes.came(id, ms(n * 8), ms(50 + n * 8), 1000);
            }
        };
        send(&mut probes, probe.id + 1);
        assert_eq!(probes.result(), None);
        send(&mut probes, probe.id);
        assert_eq!((probes.result(), probes.result()), (Some(Shown { rate: 1e6, full: false }), None));
        probes.go_on(ms(60), 1e6, 50e6);
        assert_eq!(rates(&mut probes, ms(60)), [2_000_000]);
        probes.go_on(ms(60), 1.6e6, 50e6);
        assert_eq!(rates(&mut probes, ms(60)), [0; 0], "the path does not carry it");
    }
}
