//! What a cluster of packets says of the path: how quickly it came, by how quickly it was sent.

use interceptor_core::Probe;

use crate::Time;
use crate::adaptive::clock::millis;

/// The share of the cluster that has to have come; libwebrtc `kMinReceivedProbesRatio`, `kMinReceivedBytesRatio`.
const LEAST_SHARE: f64 = 0.8;
/// A cluster that comes so much quicker than it was sent was held up on the way; libwebrtc `kMaxValidRatio`.
const HIGHEST_RATIO: f64 = 2.0;
/// One that comes this much slower has filled the path; libwebrtc `kMinRatioForUnsaturatedLink`.
const SATURATED: f64 = 0.9;
/// Then this share of what came is what the path carries; libwebrtc `kTargetUtilizationFraction`.
const KEPT: f64 = 0.95;
/// A cluster that takes longer than this says nothing, in ms; libwebrtc `kMaxProbeInterval`.
const LONGEST_MS: f64 = 1000.0;

/// What a cluster shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shown {
    /// Bits per second that the path carries.
    pub(crate) rate: f64,
    /// It does not carry more.
    pub(crate) full: bool,
}

/// The packets of a cluster that have come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cluster {
    pub(crate) id: u8,
    first_sent: Time,
    last_sent: Time,
    first_came: Time,
    last_came: Time,
    packets: u32,
    bytes: f64,
    /// Of the packet sent last, and of the one that came first: no time passes for them.
    last_bytes: f64,
    first_bytes: f64,
}

impl Cluster {
    pub(crate) fn new(id: u8, sent: Time, came: Time, bytes: u32) -> Self {
        let bytes = f64::from(bytes);
        let (first_bytes, last_bytes) = (bytes, bytes);
        Self {
            id,
            first_sent: sent,
            last_sent: sent,
            first_came: came,
            last_came: came,
            packets: 1,
            bytes,
            last_bytes,
            first_bytes,
        }
    }

    pub(crate) fn add(&mut self, sent: Time, came: Time, bytes: u32) {
        let size = f64::from(bytes);
        self.packets += 1;
        self.bytes += size;
        if sent >= self.last_sent {
            (self.last_sent, self.last_bytes) = (sent, size);
        }
        self.first_sent = self.first_sent.min(sent);
        if came < self.first_came {
            (self.first_came, self.first_bytes) = (came, size);
        }
        self.last_came = self.last_came.max(came);
    }

    /// What the cluster shows, if it does.
    pub(crate) fn result(&self, asked: &Probe) -> Option<Shown> {
        let enough = f64::from(self.packets) >= LEAST_SHARE * f64::from(asked.min_packets)
            && self.bytes >= LEAST_SHARE * f64::from(asked.min_bytes);
        let sending = millis(self.last_sent, self.first_sent);
        let coming = millis(self.last_came, self.first_came);
        let measurable = |took: f64| took > 0.0 && took <= LONGEST_MS;
        if !enough || !measurable(sending) || !measurable(coming) {
            return None;
        }
        let sent = (self.bytes - self.last_bytes) * 8e3 / sending;
        let came = (self.bytes - self.first_bytes) * 8e3 / coming;
        if came > HIGHEST_RATIO * sent {
            return None;
        }
        let full = came < SATURATED * sent;
        Some(Shown { rate: if full { KEPT * came } else { sent.min(came) }, full })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The result of ten packets of 1000 bytes, sent and come in these steps of µs.
    fn result(packets: i64, sent: i64, came: i64) -> Option<Shown> {
        let us = Time::from_micros;
        let asked =
            Probe { id: 1, rate: 0, min_bytes: 10_000, min_packets: 10, min_gap: Duration::from_millis(2) };
        let mut cluster = Cluster::new(1, us(0), us(50_000), 1000);
        for n in 1..packets {
            cluster.add(us(n * sent), us(50_000 + n * came), 1000);
        }
        cluster.result(&asked)
    }

    #[test]
    fn is_the_lesser_of_both_rates() {
        let carried = Some(Shown { rate: 1e6, full: false });
        assert_eq!(result(10, 8000, 8000), carried);
        assert_eq!(result(10, 8000, 5000), carried);
        assert_eq!(result(10, 7900, 8000), carried);
    }

    #[test]
    fn a_path_that_is_full_gives_a_little_less_than_what_came() {
        assert_eq!(result(10, 4000, 8000), Some(Shown { rate: 0.95e6, full: true }));
    }

    #[test]
    fn says_nothing_when_too_few_came_or_times_cannot_be() {
        assert_eq!(result(7, 8000, 8000), None);
        assert!(result(8, 8000, 8000).is_some());
        assert_eq!(result(10, 8000, 3900), None, "held up on the way");
        assert_eq!(result(10, 0, 8000), None);
        assert_eq!(result(10, 8000, 0), None);
        assert_eq!(result(10, 120_000, 120_000), None, "too slow to be a probe");
    }
}
