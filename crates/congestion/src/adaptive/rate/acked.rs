//! The rate that arrives.

use crate::Time;
use crate::adaptive::clock::millis;
use crate::adaptive::ring::Ring;

/// Over what it is counted, in ms: short enough to follow a path, long enough for a few frames.
const WINDOW_MS: f64 = 500.0;
/// Over what it is counted when a queue has to be stopped, in ms.
const SHORT_WINDOW_MS: f64 = 150.0;
/// Packets that make a rate.
const LEAST_PACKETS: u64 = 5;
/// Packets that came within this time, in ms, share a place: memory is the same at any rate.
const SLOT_MS: f64 = 5.0;
/// The shortest time that a rate is taken over, in ms: whole bursts arrive at one instant of a receiver's clock.
const LEAST_TIME_MS: f64 = 1.0;
/// A receiver's clock that falls back by more has been set, in ms.
const BACK_MS: f64 = 1000.0;
/// What may have come though nobody told, between two packets that did, in bytes: more than one lost feedback message covers.
const MOST_UNTOLD_BYTES: u64 = 60_000;

/// From its first packet on a slot can begin a window.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    first: Time,
    /// All bytes and packets that came before and with its first packet: what begins a window does not count in it.
    bytes: u64,
    packets: u64,
}

/// Counts what arrives, by the receiver's clock.
#[derive(Clone, Debug)]
pub(crate) struct Acked {
    slots: Ring<Slot, 128>,
    /// The slot that begins the short window.
    short: usize,
    newest: Time,
    bytes: u64,
    packets: u64,
    untold: u64,
    rate: f64,
    short_rate: f64,
}

impl Acked {
    /// Nothing has come yet; until a rate is known it is taken to be `rate`.
    pub(crate) fn new(rate: f64) -> Self {
        Self {
            slots: Ring::new(),
            short: 0,
            newest: Time::MIN,
            bytes: 0,
            packets: 0,
            untold: 0,
            rate,
            short_rate: rate,
        }
    }

    /// A packet has come.
    #[inline]
    pub(crate) fn came(&mut self, at: Time, bytes: u32) {
        let untold = std::mem::take(&mut self.untold);
        self.add(at, u64::from(bytes) + untold);
    }

    /// A packet may have come: nobody tells when, and the next that did come stands for it.
    pub(crate) fn untold(&mut self, bytes: u32) {
        let untold = self.untold + u64::from(bytes);
        if untold < MOST_UNTOLD_BYTES {
            self.untold = untold;
        }
    }

    /// Feedback has been told in full.
    pub(crate) fn measure(&mut self) {
        self.untold = 0;
        while self.slots.first().is_some_and(|slot| millis(self.newest, slot.first) > WINDOW_MS) {
            self.slots.pop();
            self.short = self.short.saturating_sub(1);
        }
        while self.slots.get(self.short).is_some_and(|slot| millis(self.newest, slot.first) > SHORT_WINDOW_MS)
        {
            self.short += 1;
        }
        if let Some(rate) = self.since(0) {
            self.rate = rate;
        }
        self.short_rate = self.since(self.short).unwrap_or(self.rate);
    }

    /// Bits per second over half a second.
    #[inline]
    pub(crate) const fn rate(&self) -> f64 {
        self.rate
    }

    /// Bits per second over 150 ms.
    #[inline]
    pub(crate) const fn short_rate(&self) -> f64 {
        self.short_rate
    }

    /// What came before says nothing of what comes: counts anew, and takes the rate to be `rate` meanwhile.
    pub(crate) fn restart(&mut self, rate: f64) {
        *self = Self::new(rate);
    }

    fn add(&mut self, at: Time, bytes: u64) {
        if millis(self.newest, at) > BACK_MS {
            self.slots.clear();
            (self.short, self.newest) = (0, at);
        }
        // One that was overtaken counts with the one that overtook it.
        self.newest = self.newest.max(at);
        self.bytes += bytes;
        self.packets += 1;
        if self.slots.last().is_none_or(|slot| millis(self.newest, slot.first) >= SLOT_MS) {
            if self.slots.len() == 128 {
                self.short = self.short.saturating_sub(1);
            }
            self.slots.push(Slot { first: self.newest, bytes: self.bytes, packets: self.packets });
        }
    }

    /// The rate since the first packet of a slot.
    fn since(&self, slot: usize) -> Option<f64> {
        let slot = self.slots.get(slot)?;
        if self.packets - slot.packets + 1 < LEAST_PACKETS {
            return None;
        }
        let time = millis(self.newest, slot.first).max(LEAST_TIME_MS);
        Some((self.bytes - slot.bytes) as f64 * 8e3 / time)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn us(micros: i64) -> Time {
        Time::from_micros(micros)
    }

    #[test]
    fn a_steady_stream_has_its_rate_at_any_time_of_any_clock() {
        for start in [0, -30_000_000, 1 << 50] {
            let mut acked = Acked::new(1.0);
            for n in 0..200 {
                acked.came(us(start + n * 10_000), 1000);
                acked.measure();
            }
            assert_eq!((acked.rate(), acked.short_rate()), (800_000.0, 800_000.0));
        }
    }

    #[test]
    fn fewer_than_five_packets_make_no_rate() {
        let mut acked = Acked::new(7.0);
        for n in 0..4 {
            acked.came(us(n * 1000), 1000);
            acked.measure();
            assert_eq!((acked.rate(), acked.short_rate()), (7.0, 7.0));
        }
        acked.came(us(4000), 1000);
        acked.measure();
        assert_eq!(acked.rate(), 8_000_000.0);
    }

    #[test]
    fn the_short_window_sees_a_fall_first() {
        let mut acked = Acked::new(1.0);
        for n in 0..100 {
            acked.came(us(n * 5000), 1000);
        }
        for n in 0..16 {
            acked.came(us(500_000 + n * 10_000), 1000);
        }
        acked.measure();
        assert_eq!(acked.short_rate(), 800_000.0);
        assert!(acked.rate() > 1_200_000.0);
    }

    #[test]
    fn what_nobody_told_of_counts_up_to_a_bound_and_never_beyond_its_feedback() {
        let run = |untold: u32| {
            let mut acked = Acked::new(1.0);
            for n in 0..100 {
                acked.untold(untold);
                acked.came(us(n * 10_000), 1000);
                acked.measure();
                acked.untold(untold);
                acked.measure();
            }
            acked.rate()
        };
        assert_eq!(run(1000), 1_600_000.0);
        assert_eq!(run(60_000), 800_000.0);
    }

    #[test]
    fn a_clock_that_falls_back_costs_a_moment() {
        let mut acked = Acked::new(1.0);
        for n in 0..100 {
            acked.came(us(n * 10_000), 1000);
        }
        for n in 0..20 {
            acked.came(us(-30_000_000 + n * 10_000), 1000);
            acked.measure();
        }
        assert_eq!(acked.rate(), 800_000.0);
    }

    proptest! {
        #[test]
        fn agrees_with_a_list_of_all_packets(packets in prop::collection::vec((0_i64..60_000, 1_u32..2000), 1..400)) {
            let mut acked = Acked::new(1.0);
            let (mut at, mut slot, mut list) = (0, i64::MIN, Vec::new());
            for (gap, bytes) in packets {
                at += gap;
                acked.came(us(at), bytes);
                acked.measure();
                if at >= slot.saturating_add(5000) {
                    slot = at;
                }
                list.push((at, bytes, slot == at));
                // A window begins with the first packet of a slot.
                let begin = list.iter().position(|(came, _, begins)| *begins && at - came <= 500_000).unwrap();
                let window = &list[begin..];
                if window.len() >= 5 {
                    let sum: u32 = window[1..].iter().map(|(_, bytes, _)| bytes).sum();
                    let rate = f64::from(sum) * 8e6 / (at - window[0].0).max(1000) as f64;
                    prop_assert!((acked.rate() - rate).abs() < 1.0, "{} for {rate}", acked.rate());
                }
            }
        }
    }
}
