//! The simulated network path.

mod delay;
mod loss;
mod options;
mod path;
mod prop;
mod rate;
mod reconfigure;

use std::time::{Duration, Instant};

use interceptor_test::{Clock, Link, LinkOptions, Message};

const MS: Duration = Duration::from_millis(1);

/// A packet that knows its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Probe {
    number: u64,
    len: usize,
    capable: bool,
    marked: bool,
}

impl Message for Probe {
    fn len_bytes(&self) -> usize {
        self.len
    }

    fn mark_congestion(&mut self) -> bool {
        let newly = self.capable && !self.marked;
        self.marked |= self.capable;
        newly
    }
}

fn probe(number: u64, len: usize) -> Probe {
    Probe { number, len, capable: false, marked: false }
}

fn link(seed: u64, options: LinkOptions) -> Link<Probe> {
    Link::new(Clock::new().now(), seed, options).expect("valid options")
}

fn at(since_start: Duration) -> Instant {
    Clock::new().at(since_start)
}

fn since_start(instant: Instant) -> Duration {
    instant - Clock::new().now()
}

/// Everything that is still to arrive, as time since the start and number.
fn drain(link: &mut Link<Probe>) -> Vec<(Duration, u64)> {
    let mut arrivals = Vec::new();
    while let Some(next) = link.next_delivery() {
        while let Some((arrived, probe)) = link.pop(next) {
            arrivals.push((since_start(arrived), probe.number));
        }
    }
    arrivals
}

/// Offers `count` packets of `len` bytes, one each `interval`, and drains the link.
fn stream(link: &mut Link<Probe>, count: u64, len: usize, interval: Duration) -> Vec<(Duration, u64)> {
    for number in 0..count {
        link.push(at(interval * number as u32), probe(number, len));
    }
    drain(link)
}

fn numbers(arrivals: &[(Duration, u64)]) -> Vec<u64> {
    arrivals.iter().map(|(_, number)| *number).collect()
}
