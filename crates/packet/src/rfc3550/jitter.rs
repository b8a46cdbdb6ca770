//! Interarrival jitter in integer arithmetic (RFC 3550 §6.4.1, A.8).

use std::time::Duration;

/// Which packets make up the jitter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum JitterRule {
    /// Every packet, in the order of arrival (RFC 3550 §6.4.1; Wireshark does so too).
    #[default]
    Rfc3550,
    /// Only packets that are newest and have another timestamp than the newest before them, and only steps below
    /// 450 000 units (libwebrtc). On video frames of many packets the value is two to three times
    /// smaller or larger than RFC 3550's, because the packets that merely wait behind the first of their frame do not count.
    NewTimestamps,
}

/// The interarrival jitter of one source: the smoothed difference of transit times, in RTP timestamp units.
///
/// Timestamps and arrivals may wrap, stand still or go back: differences are taken modulo 2^32, the short way round.
/// With a clock rate of 0 (unknown) nothing is computed and the value stays 0.
///
/// ```
/// use std::time::Duration;
/// use interceptor_packet::rfc3550::{Jitter, JitterRule};
/// let mut jitter = Jitter::new(JitterRule::Rfc3550, 90_000);
/// jitter.update(Duration::ZERO, 0, true);
/// jitter.update(Duration::from_secs(1), 60_000, true); // a third of a second late
/// assert_eq!(jitter.units(), 30_000 / 16);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jitter {
    /// In sixteenths of a unit.
    scaled: u64,
    clock_rate: u32,
    /// Arrival less timestamp of the packet to compare with.
    transit: u32,
    /// The timestamp of that packet.
    timestamp: u32,
    rule: JitterRule,
    /// There is a packet to compare with.
    started: bool,
}

impl Jitter {
    /// Steps from here on are no jitter but a jump (libwebrtc: 5 s of a 90 kHz clock, whatever the clock).
    const MAX_STEP: u32 = 450_000;

    /// No packet yet, of a stream whose RTP clock makes `clock_rate` units a second; 0 when unknown.
    #[must_use]
    pub const fn new(rule: JitterRule, clock_rate: u32) -> Self {
        Self { scaled: 0, clock_rate, transit: 0, timestamp: 0, rule, started: false }
    }

    /// Takes in a packet that arrived `arrival` after any fixed instant. `newest`: it is ahead of all before it
    /// ([`Arrival::is_newest`](super::Arrival::is_newest)).
    #[inline]
    pub fn update(&mut self, arrival: Duration, timestamp: u32, newest: bool) {
        let seconds = (arrival.as_secs() as u32).wrapping_mul(self.clock_rate);
        let rest = u64::from(arrival.subsec_nanos()) * u64::from(self.clock_rate) / 1_000_000_000;
        self.update_units(seconds.wrapping_add(rest as u32), timestamp, newest);
    }

    /// As [`update`](Self::update), with the arrival in timestamp units modulo 2^32.
    #[inline]
    pub fn update_units(&mut self, arrival: u32, timestamp: u32, newest: bool) {
        if self.clock_rate == 0 || (self.rule == JitterRule::NewTimestamps && !newest) {
            return;
        }
        let transit = arrival.wrapping_sub(timestamp);
        let step = transit.wrapping_sub(self.transit).cast_signed().unsigned_abs();
        let counts = match self.rule {
            JitterRule::Rfc3550 => true,
            JitterRule::NewTimestamps => timestamp != self.timestamp && step < Self::MAX_STEP,
        };
        if counts && self.started {
            // RFC 3550 A.8: 1/16 of the difference, the estimate kept in sixteenths, rounded.
            self.scaled = self.scaled + u64::from(step) - ((self.scaled + 8) >> 4);
        }
        self.transit = transit;
        self.timestamp = timestamp;
        self.started = true;
    }

    /// The jitter in timestamp units, rounded down, as report blocks carry it.
    #[inline]
    #[must_use]
    pub const fn units(&self) -> u32 {
        (self.scaled >> 4) as u32
    }

    /// The estimate as it is kept, in sixteenths of a timestamp unit.
    #[inline]
    #[must_use]
    pub const fn sixteenths(&self) -> u64 {
        self.scaled
    }

    /// The jitter as a time, rounded down to the nanosecond; zero while the clock rate is 0.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        if self.clock_rate == 0 {
            return Duration::ZERO;
        }
        let nanos = self.scaled as u128 * 1_000_000_000 / (self.clock_rate as u128 * 16);
        Duration::from_nanos(nanos as u64)
    }

    /// Timestamp units a second; 0 when unknown.
    #[must_use]
    pub const fn clock_rate(&self) -> u32 {
        self.clock_rate
    }

    /// Packets come on another RTP clock from now on, as when a sender changes its payload type (RFC 7160): the estimate goes on
    /// as the same time in the new units, and the comparison of packets starts again. From or to an unknown clock (0) it
    /// starts anew. The same rate as before changes nothing.
    pub const fn set_clock_rate(&mut self, clock_rate: u32) {
        if clock_rate == self.clock_rate {
            return;
        }
        let before = *self;
        *self = Self::new(before.rule, clock_rate);
        if before.clock_rate != 0 {
            self.scaled = (before.scaled as u128 * clock_rate as u128 / before.clock_rate as u128) as u64;
        }
    }

    /// The next packet cannot be compared with the last one (the sender restarted with another timestamp):
    /// the estimate stays, the comparison starts again.
    #[inline]
    pub const fn resync(&mut self) {
        self.started = false;
    }
}
