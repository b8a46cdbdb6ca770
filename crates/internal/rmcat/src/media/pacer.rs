//! Lets packets go at the pace that the controller decides, and probes.

use std::collections::VecDeque;
use std::time::Duration;

use interceptor_congestion::{Decision, PacketClass, Time};
use interceptor_core::Probe;

/// With the window full, a packet leaves after so long all the same: else no feedback would ever come again.
const KEEP_ALIVE: Duration = Duration::from_millis(500);

/// A probe that has not begun after so long is of no use any more.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Far enough.
const NEVER: Time = Time::MAX;

/// What leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Departure {
    pub(super) bytes: u32,
    pub(super) class: PacketClass,
    pub(super) probe: Option<u8>,
}

/// The pacer of one flow.
#[derive(Debug)]
pub(super) struct Pacer {
    queue: VecDeque<u32>,
    queued_bytes: u64,
    /// When all that has left will have been sent at the pace. Nanoseconds: at 10 Mb/s a packet takes few microseconds.
    free: i64,
    /// The same for the rate of padding.
    filled: i64,
    last_sent: Time,
    probes: VecDeque<(Probe, Time)>,
    cluster: Option<Cluster>,
}

/// A probe at work.
#[derive(Clone, Copy, Debug)]
struct Cluster {
    probe: Probe,
    began: Time,
    last: Time,
    bytes: u32,
    packets: u16,
}

impl Pacer {
    pub(super) fn new(start: Time) -> Self {
        Self {
            queue: VecDeque::new(),
            queued_bytes: 0,
            free: nanos(start),
            filled: nanos(start),
            last_sent: start,
            probes: VecDeque::new(),
            cluster: None,
        }
    }

    pub(super) fn push(&mut self, bytes: u32) {
        self.queue.push_back(bytes);
        self.queued_bytes += u64::from(bytes);
    }

    pub(super) fn push_probe(&mut self, now: Time, probe: Probe) {
        self.probes.push_back((probe, now));
    }

    /// How long what waits will take at this pace.
    pub(super) fn delay(&self, pacing: u64) -> Duration {
        Duration::from_micros(self.queued_bytes * 8_000_000 / pacing.max(1))
    }

    /// When the next packet may leave.
    pub(super) fn due(&self, decision: &Decision, in_flight: u32) -> Time {
        let due = self.unhindered(decision);
        let size = self.queue.front().copied().unwrap_or_default();
        let full = decision.window.is_some_and(|window| in_flight > 0 && in_flight + size > window);
        if full && due < NEVER { due.max(self.last_sent + KEEP_ALIVE) } else { due }
    }

    /// Takes the packet that is due; `padding` is the size of one that is made up.
    pub(super) fn pop(&mut self, now: Time, decision: &Decision, padding: u32) -> Departure {
        self.begin_probe(now);
        let media = self.queue.pop_front();
        let bytes = media.unwrap_or(padding);
        if media.is_some() {
            self.queued_bytes -= u64::from(bytes);
            self.free = self.free.max(nanos(now)) + sending_time(bytes, decision.pacing);
        }
        self.filled = self.filled.max(nanos(now));
        if decision.padding > 0 {
            self.filled += sending_time(bytes, decision.padding);
        }
        self.last_sent = now;
        let probe = self.cluster.map(|cluster| cluster.probe.id);
        if let Some(cluster) = &mut self.cluster {
            cluster.count(now, bytes);
            if cluster.is_complete() {
                self.cluster = None;
            }
        }
        let class = if media.is_some() { PacketClass::Video } else { PacketClass::Padding };
        Departure { bytes, class, probe }
    }

    /// When the next packet may leave if the window lets it.
    fn unhindered(&self, decision: &Decision) -> Time {
        if let Some(cluster) = self.cluster {
            return cluster.due();
        }
        if !self.queue.is_empty() {
            // A probe begins with media.
            let ahead = i64::try_from(decision.burst.as_nanos()).unwrap_or(i64::MAX);
            return if self.probes.is_empty() { micros(self.free - ahead) } else { Time::MIN };
        }
        if decision.padding > 0 { micros(self.filled) } else { NEVER }
    }

    fn begin_probe(&mut self, now: Time) {
        if self.cluster.is_some() || self.queue.is_empty() {
            return;
        }
        while let Some((probe, announced)) = self.probes.pop_front() {
            if now.since(announced) <= PROBE_TIMEOUT.as_micros() as i64 {
                self.cluster = Some(Cluster { probe, began: now, last: now, bytes: 0, packets: 0 });
                return;
            }
        }
    }
}

impl Cluster {
    /// Packets leave as the rate has it, but for those that would follow within the least gap: they leave together after it.
    fn due(&self) -> Time {
        let at = self.began + Duration::from_nanos(sending_time(self.bytes, self.probe.rate).unsigned_abs());
        if at <= self.last { at } else { at.max(self.last + self.probe.min_gap) }
    }

    fn count(&mut self, now: Time, bytes: u32) {
        self.last = now;
        self.bytes += bytes;
        self.packets += 1;
    }

    fn is_complete(&self) -> bool {
        self.bytes >= self.probe.min_bytes && self.packets >= self.probe.min_packets
    }
}

/// How long so many bytes take at a rate, in nanoseconds.
fn sending_time(bytes: u32, rate: u64) -> i64 {
    i64::try_from(u64::from(bytes) * 8_000_000_000 / rate.max(1)).unwrap_or(i64::MAX)
}

fn nanos(time: Time) -> i64 {
    time.micros().saturating_mul(1000)
}

/// Not before.
fn micros(nanos: i64) -> Time {
    Time::from_micros(nanos.div_euclid(1000) + i64::from(nanos.rem_euclid(1000) > 0))
}
