//! Vectors, and property tests against models that keep everything and count it naively.

mod jitter;
mod losses;
mod missing;
mod outages;
mod repeats;
mod truth;

use std::time::Duration;

use super::{Arrival, SourceState};

/// A sender whose packets carry the numbers of a line, at even intervals, and the state of the one who receives them.
struct Stream {
    source: SourceState,
    /// Packets a second.
    rate: u32,
    clock_rate: u32,
    /// What is told of the clock: 0 for nothing.
    told: u32,
    /// Sequence number and timestamp of number 0.
    first: (u16, u32),
}

impl Stream {
    fn new(rate: u32, clock_rate: u32) -> Self {
        Self { source: SourceState::default(), rate, clock_rate, told: clock_rate, first: (0, 0xffff_0000) }
    }

    fn from(mut self, seq: u16) -> Self {
        self.first.0 = seq;
        self
    }

    fn with_unknown_clock(mut self) -> Self {
        self.told = 0;
        self
    }

    /// When a number is sent. A minute is over at number 0.
    fn time(&self, number: i64) -> Duration {
        let micros = 60_000_000 + number * 1_000_000 / i64::from(self.rate);
        Duration::from_micros(u64::try_from(micros).unwrap())
    }

    fn seq(&self, number: i64) -> u16 {
        self.first.0.wrapping_add(number as u16)
    }

    fn timestamp(&self, number: i64) -> u32 {
        let units = number * i64::from(self.clock_rate) / i64::from(self.rate);
        self.first.1.wrapping_add(units as u32)
    }

    /// A number comes when it is sent.
    fn receive(&mut self, number: i64) -> Arrival {
        self.receive_with(number, number)
    }

    /// A number comes when another one is sent.
    fn receive_with(&mut self, number: i64, other: i64) -> Arrival {
        let at = self.time(other);
        self.source.update(self.seq(number), self.timestamp(number), at, self.told)
    }

    /// Numbers in order.
    fn run(&mut self, numbers: std::ops::Range<i64>) {
        numbers.for_each(|number| {
            let arrival = self.receive(number);
            assert!(matches!(arrival, Arrival::First | Arrival::Newest { .. }), "{number}: {arrival:?}");
        });
    }

    fn sums(&self) -> (u64, u64, i64) {
        let source = &self.source;
        assert_eq!(source.lost(), source.expected().wrapping_sub(source.received()).cast_signed());
        (source.expected(), source.received(), source.lost())
    }
}
