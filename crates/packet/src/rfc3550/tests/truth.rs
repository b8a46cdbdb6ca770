//! What the state says beside what really happened: a sender whose every packet is remembered.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use crate::rfc3550::{Arrival, Mark, SourceState};

/// What happens to a stream.
#[derive(Clone, Debug)]
enum Event {
    /// Packets come in order.
    Run(u16),
    /// Packets are lost.
    Lose(u16),
    /// A minute or more is lost.
    Outage(u16),
    /// One of the packets in the window that have not come does.
    Late(prop::sample::Index),
    /// Packets in the window come again, in order.
    Repeat(prop::sample::Index, u8),
    /// So many come in the opposite order.
    Reverse(u8),
    /// Another sequence begins, with another clock; then so many packets in order.
    Restart(u16, u32, u16),
}

fn event(restarts: u32) -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (1_u16..120).prop_map(Event::Run),
        4 => (1_u16..60).prop_map(Event::Lose),
        1 => (2990_u16..32_700).prop_map(Event::Outage),
        6 => any::<prop::sample::Index>().prop_map(Event::Late),
        2 => (any::<prop::sample::Index>(), 1_u8..40).prop_map(|(index, count)| Event::Repeat(index, count)),
        2 => (2_u8..40).prop_map(Event::Reverse),
        restarts => (any::<u16>(), any::<u32>(), 2_u16..200).prop_map(|(seq, ts, run)| Event::Restart(seq, ts, run)),
    ]
}

/// A sender and its network: knows everything.
#[derive(Debug)]
struct World {
    source: SourceState,
    rate: u64,
    clock_rate: u32,
    told: u32,
    /// Microseconds.
    now: u64,
    /// The number that is sent next, on a line, and the line's place on the circles.
    next: i64,
    line: (i64, u32),
    /// Since the last restart: what came, how many, and from where to where.
    came: BTreeSet<i64>,
    received: u64,
    span: Option<(i64, i64)>,
    lost_before: i64,
    restarts: u32,
}

const WINDOW: i64 = 4095;

impl World {
    fn new(seq: u16, timestamp: u32, rate: u64, clock_rate: u32, told: bool) -> Self {
        Self {
            source: SourceState::default(),
            rate,
            clock_rate,
            told: if told { clock_rate } else { 0 },
            now: 5_000_000,
            next: 0,
            line: (i64::from(seq), timestamp),
            came: BTreeSet::new(),
            received: 0,
            span: None,
            lost_before: 0,
            restarts: 0,
        }
    }

    /// Sends the next number, which arrives or does not.
    fn send(&mut self, arrives: bool) {
        self.next += 1;
        self.now += 1_000_000 / self.rate;
        if arrives {
            self.deliver(self.next - 1);
        }
    }

    fn deliver(&mut self, number: i64) -> Arrival {
        let units = number * i64::from(self.clock_rate) / self.rate as i64;
        let timestamp = self.line.1.wrapping_add(units as u32);
        let seq = (self.line.0 + number) as u16;
        self.came.insert(number);
        self.received += 1;
        let (low, high) = self.span.unwrap_or((number, number));
        self.span = Some((low, high.max(number)));
        self.source.update(seq, timestamp, Duration::from_micros(self.now), self.told)
    }

    /// The newest packet that has come.
    fn newest(&self) -> i64 {
        self.span.map_or(0, |span| span.1)
    }

    fn happen(&mut self, event: &Event) {
        let newest = self.newest();
        let known = self.span.map_or(0, |span| span.0).max(newest - WINDOW)..=newest;
        match event {
            Event::Run(packets) => (0..*packets).for_each(|_| self.send(true)),
            // No more of them in a row than are a gap without a doubt.
            Event::Lose(_) if self.next - newest > 2900 => {}
            Event::Lose(packets) => (0..*packets).for_each(|_| self.send(false)),
            Event::Outage(packets) => {
                (0..*packets).for_each(|_| self.send(false));
                // Only what comes then tells what it was.
                (0..2).for_each(|_| self.send(true));
            }
            Event::Late(index) => {
                let missing: Vec<i64> = known.filter(|number| !self.came.contains(number)).collect();
                if !missing.is_empty() {
                    assert_eq!(self.deliver(*index.get(&missing)), Arrival::Late);
                }
            }
            Event::Repeat(index, count) => {
                let came: Vec<i64> = known.filter(|number| self.came.contains(number)).collect();
                let from = index.index(came.len());
                for number in came.iter().skip(from).take(usize::from(*count)) {
                    assert_eq!(self.deliver(*number), Arrival::Duplicate);
                }
            }
            Event::Reverse(count) => {
                let first = self.next;
                (0..*count).for_each(|_| self.send(false));
                (first..self.next).rev().for_each(|number| _ = self.deliver(number));
            }
            Event::Restart(seq, timestamp, run) => self.restart(*seq, *timestamp, *run),
        }
    }

    /// Elsewhere on both circles: where the window is a restart takes its time to show, and a clock that shows what it showed
    /// when those numbers had their turn is one of an old packet.
    fn restart(&mut self, seq: u16, timestamp: u32, run: u16) {
        let ahead = seq.wrapping_sub((self.line.0 + self.newest()) as u16);
        let units = |numbers: i64| (numbers * i64::from(self.clock_rate) / self.rate as i64) as u32;
        let (now, minutes) = (self.line.1.wrapping_add(units(self.next)), 600 * self.clock_rate);
        let elsewhere = now.wrapping_add(minutes + timestamp % (u32::MAX - 2 * minutes));
        let then = now.wrapping_sub(units(65_536 - i64::from(ahead)));
        let apart = elsewhere.wrapping_sub(then).cast_signed().unsigned_abs();
        if !(5000..60_000).contains(&ahead) || apart < minutes / 5 {
            return;
        }
        self.lost_before = self.total_lost();
        self.line = (i64::from(seq), elsewhere);
        (self.next, self.came, self.span, self.received) = (0, BTreeSet::new(), None, 0);
        self.now += 40_000;
        self.send(true);
        // The first does not count.
        (self.came, self.span, self.received) = (BTreeSet::new(), None, 0);
        self.restarts += 1;
        // A second at least, so that there is a rate again.
        (0..run.max(self.rate as u16)).for_each(|_| self.send(true));
    }

    fn lost(&self) -> i64 {
        self.span.map_or(0, |(low, high)| high - low + 1 - self.received as i64)
    }

    fn total_lost(&self) -> i64 {
        self.lost_before + self.lost()
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let Some((low, high)) = self.span else { return Ok(()) };
        prop_assert_eq!(self.source.restarts(), self.restarts);
        prop_assert_eq!(self.source.expected(), (high - low + 1) as u64);
        prop_assert_eq!(self.source.received(), self.received);
        prop_assert_eq!((self.source.lost(), self.source.total_lost()), (self.lost(), self.total_lost()));
        let first = i64::from((self.line.0 + low) as u16);
        prop_assert_eq!(self.source.extended_highest(), (first + high - low) as u32);
        Ok(())
    }
}

fn world() -> impl Strategy<Value = World> {
    let rates = (
        prop_oneof![Just(25_u64), Just(50), Just(400), Just(2000)],
        prop_oneof![Just(8000_u32), Just(48_000), Just(90_000)],
    );
    (any::<u16>(), any::<u32>(), rates, any::<bool>()).prop_map(
        |(seq, timestamp, (rate, clock_rate), told)| World::new(seq, timestamp, rate, clock_rate, told),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_stream_is_counted_as_it_was(mut world in world(), events in prop::collection::vec(event(0), 0..60)) {
        // A second, so that there is a rate.
        world.happen(&Event::Run(world.rate as u16));
        for event in events {
            world.happen(&event);
            world.check()?;
        }
    }

    #[test]
    fn restarts_are_counted_as_they_were(mut world in world(), events in prop::collection::vec(event(3), 0..60)) {
        world.happen(&Event::Run(world.rate as u16));
        for event in events {
            world.happen(&event);
            world.check()?;
        }
    }

    #[test]
    fn only_the_start_of_the_circle_differs(start: u16, steps in prop::collection::vec(1_u16..50, 1..100)) {
        let run = |start: u16| {
            let mut seq = start;
            let mut source = SourceState::default();
            source.update(seq, 0, Duration::ZERO, 0);
            for step in &steps {
                seq = seq.wrapping_add(*step);
                source.update(seq, 0, Duration::ZERO, 0);
            }
            (source.expected(), source.received(), source.extended_highest() - u32::from(start))
        };
        prop_assert_eq!(run(start), run(0));
    }

    /// Whatever comes whenever: nothing panics, the sums agree, and the highest number falls only at a restart.
    #[test]
    fn any_packets_leave_sums_that_agree(
        probation in 0_u8..4,
        packets in prop::collection::vec((any::<u16>(), 0_u16..20, any::<u32>(), any::<u64>(), any::<u32>()), 0..200),
    ) {
        let mut source = SourceState::with_probation(probation);
        let mut mark = Mark::default();
        let mut base = 0_u16;
        for (seq, near, timestamp, nanos, clock_rate) in packets {
            // Mostly around few numbers, so that they meet.
            let seq = if seq % 3 == 0 { base } else { base.wrapping_add(near) };
            base = if timestamp % 7 == 0 { seq.wrapping_mul(31) } else { seq };
            let clock_rate = if clock_rate % 2 == 0 { clock_rate } else { clock_rate % 3 * 90_000 };
            let (highest, restarts) = (source.extended_highest(), source.restarts());
            source.update(seq, timestamp, Duration::from_nanos(nanos), clock_rate);
            prop_assert!(source.restarts() > restarts || source.extended_highest() >= highest);
            prop_assert_eq!(source.lost(), source.expected().wrapping_sub(source.received()).cast_signed());
            let _ = (source.since(mark).fraction(), source.cumulative_lost(), source.recover(seq.wrapping_sub(near)));
            let _ = (source.total_expected(), source.total_lost());
            mark = source.mark();
        }
    }
}
