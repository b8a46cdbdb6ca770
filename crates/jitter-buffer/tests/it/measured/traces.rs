//! Paths of six kinds: ten minutes of a packet each 20 ms, the same for the same seed.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

const PACKETS: u32 = 30_000;
const INTERVAL_MS: f64 = 20.0;
/// What even the fastest packet takes.
const PATH: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Small jitter, and pauses of 40 to 130 ms every few seconds, upon which all comes at once.
    Wifi,
    /// Retransmissions of 8 ms, and a handover of 80 to 500 ms twice a minute.
    Lte,
    /// Each twentieth packet takes 10 to 45 ms longer than those behind it.
    Reorder,
    /// The sender's clock is slow by 200 ppm.
    Skew,
    /// 40 s of calm, 20 s with pauses of up to 220 ms each two seconds.
    Regime,
    /// A path that is 45 ms longer every other half minute.
    Route,
}

impl Kind {
    pub(super) const ALL: [Self; 6] =
        [Self::Wifi, Self::Lte, Self::Reorder, Self::Skew, Self::Regime, Self::Route];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Wifi => "wifi",
            Self::Lte => "LTE",
            Self::Reorder => "reorder",
            Self::Skew => "skew",
            Self::Regime => "regime",
            Self::Route => "route",
        }
    }

    /// Parts in a million by which the sender's clock is slow.
    const fn slow(self) -> f64 {
        if matches!(self, Self::Skew) { 200e-6 } else { 0.0 }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Packet {
    pub(super) number: u32,
    pub(super) arrival: Duration,
}

pub(super) struct Trace {
    kind: Kind,
    /// In order of arrival.
    pub(super) packets: Vec<Packet>,
}

impl Trace {
    pub(super) fn new(kind: Kind, seed: u64) -> Self {
        let mut chance = Chance(ChaCha8Rng::seed_from_u64(seed));
        let (mut pause, mut next_pause, mut newest) = (0.0_f64, chance.exponential(4000.0), 0.0_f64);
        let mut packets = Vec::new();
        for number in 0..PACKETS {
            let sent = sent_ms(kind, number);
            let rough = sent % 60_000.0 >= 40_000.0;
            if sent >= next_pause {
                let (mean, shortest, longest) = match kind {
                    Kind::Wifi => (4000.0, 40.0, 130.0),
                    Kind::Lte => (30_000.0, 80.0, 500.0),
                    Kind::Regime if rough => (2000.0, 20.0, 220.0),
                    _ => (1000.0, 0.0, 0.0),
                };
                pause = sent + chance.between(shortest, longest);
                next_pause = pause + chance.exponential(mean);
            }
            let jitter = match kind {
                Kind::Wifi => chance.exponential(4.0),
                Kind::Lte => 8.0 * chance.between(0.0, 2.0).floor() + chance.between(0.0, 2.0),
                Kind::Reorder if chance.between(0.0, 1.0) < 0.05 => chance.between(10.0, 45.0),
                Kind::Regime if rough => chance.exponential(12.0),
                Kind::Route => chance.exponential(2.0) + if sent % 60_000.0 < 30_000.0 { 0.0 } else { 45.0 },
                _ => chance.between(0.0, 3.0),
            };
            // What waited comes a millisecond apart, and order is kept but where it is not.
            let mut arrival = (sent + jitter).max(pause);
            if !matches!(kind, Kind::Reorder) {
                arrival = arrival.max(newest + 1.0);
                newest = arrival;
            }
            packets.push(Packet { number, arrival: PATH + millis(arrival) });
        }
        packets.sort_by_key(|packet| packet.arrival);
        Self { kind, packets }
    }

    /// When a packet would have come by the fastest path.
    pub(super) fn sent(&self, number: u32) -> Duration {
        PATH + millis(sent_ms(self.kind, number))
    }
}

fn sent_ms(kind: Kind, number: u32) -> f64 {
    f64::from(number) * INTERVAL_MS * (1.0 + kind.slow())
}

pub(super) fn millis(millis: f64) -> Duration {
    Duration::from_nanos((millis * 1e6) as u64)
}

struct Chance(ChaCha8Rng);

impl Chance {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.between(1e-9, 1.0).ln()
    }
}
