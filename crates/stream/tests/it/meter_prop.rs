//! The meter beside a naive model: lists of what was granted, and sums in numbers that hold every product.

use interceptor_stream::{Direction, Excess, Metered, Pace, Rate, StreamLimits, Verdict};
use proptest::prelude::*;

use crate::kit::{metered, rate};

/// A bucket as its definition says it: what was granted when.
struct Bucket {
    rate: Rate,
    /// Tokens times nanoseconds.
    level: u128,
    at: u64,
    granted: Vec<(u64, u64)>,
}

impl Bucket {
    fn new(rate: Rate) -> Self {
        let full = u128::from(rate.burst()) * rate.per().as_nanos();
        Self { rate, level: if rate.starts_empty() { 0 } else { full }, at: 0, granted: Vec::new() }
    }

    /// When `n` tokens are there; `None` if they never are.
    fn ready(&mut self, n: u64, now: u64) -> Option<u64> {
        let per = self.rate.per().as_nanos();
        let come = u128::from(now - self.at) * u128::from(self.rate.amount());
        self.level = (self.level + come).min(u128::from(self.rate.burst()) * per);
        self.at = now;
        let missing = (u128::from(n) * per).saturating_sub(self.level);
        (n <= self.rate.burst())
            .then(|| now + u64::try_from(missing.div_ceil(u128::from(self.rate.amount()))).unwrap())
    }

    fn take(&mut self, n: u64) {
        self.level -= u128::from(n) * self.rate.per().as_nanos();
        self.granted.push((self.at, n));
    }

    /// Between any two grants, both included: burst + rate · time at most.
    fn check(&self) {
        for (first, &(from, _)) in self.granted.iter().enumerate() {
            let mut tokens = 0;
            for &(to, n) in &self.granted[first..] {
                tokens += u128::from(n);
                let come = u128::from(to - from) * u128::from(self.rate.amount());
                let per = self.rate.per().as_nanos();
                assert!(
                    tokens * per <= u128::from(self.rate.burst()) * per + come,
                    "{tokens} from {from} to {to}"
                );
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    passed: (u64, u64),
    dropped: (u64, u64),
    refused: (u64, u64),
    waited: u64,
}

/// Buckets of messages and of bytes, with what they are for.
struct Paced(Pace, Option<Bucket>, Option<Bucket>);

impl Paced {
    fn new(pace: Pace) -> Self {
        Self(pace, pace.messages.map(Bucket::new), pace.bytes.map(Bucket::new))
    }

    fn each(&mut self, bytes: u64) -> impl Iterator<Item = (&mut Bucket, u64)> {
        let Self(_, messages, sizes) = self;
        messages
            .iter_mut()
            .map(|bucket| (bucket, 1))
            .chain(sizes.iter_mut().map(move |bucket| (bucket, bytes)))
    }
}

#[derive(Debug, PartialEq)]
enum Expected {
    Pass,
    Wait(u64),
    Drop,
    End,
}

/// Looks at all buckets in order; takes from all when none denies.
fn expect(paces: [&mut Paced; 2], bytes: u64, now: u64) -> Expected {
    let [own, both] = paces;
    for paced in [&mut *own, &mut *both] {
        let Pace { excess, .. } = paced.0;
        for (bucket, n) in paced.each(bytes) {
            match (bucket.ready(n, now), excess) {
                (Some(at), _) if at <= now => {}
                (_, Excess::Drop) => return Expected::Drop,
                (None, _) | (Some(_), Excess::Fail) => return Expected::End,
                (Some(at), _) => return Expected::Wait(at),
            }
        }
    }
    for paced in [own, both] {
        paced.each(bytes).for_each(|(bucket, n)| bucket.take(n));
    }
    Expected::Pass
}

fn some_rate() -> impl Strategy<Value = Option<Rate>> {
    let any = (1_u64..5_000, 1_u64..2_000, any::<bool>()).prop_map(|(amount, burst, empty)| {
        let rate = rate(amount, burst);
        if empty { rate.starting_empty() } else { rate }
    });
    prop::option::weighted(0.6, any)
}

fn some_pace() -> impl Strategy<Value = Pace> {
    let excess = prop_oneof![4 => Just(Excess::Wait), 1 => Just(Excess::Fail), 2 => Just(Excess::Drop)];
    (some_rate(), some_rate(), excess).prop_map(|(messages, bytes, excess)| {
        let mut pace = Pace::default().with_excess(excess);
        (pace.messages, pace.bytes) = (messages, bytes);
        pace
    })
}

fn some_limits() -> impl Strategy<Value = StreamLimits> {
    let max = || prop::option::weighted(0.2, 1_u64..60);
    (some_pace(), some_pace(), some_pace(), max(), max()).prop_map(
        |(received, sent, both, messages, size)| {
            let mut limits = StreamLimits::default().with_received(received).with_sent(sent).with_both(both);
            (limits.max_messages, limits.max_message_bytes) = (messages, size.map(|size| size * 30));
            limits
        },
    )
}

proptest! {
    #[test]
    fn agrees_with_lists_and_large_numbers(
        limits in some_limits(),
        schedule in prop::collection::vec((any::<bool>(), 0_u64..1_500, 0_u64..2_000_000_000), 1..80),
    ) {
        let Metered { meter, mut received, mut sent, .. } = metered(limits);
        let [mut own_received, mut own_sent, mut both] = [limits.received, limits.sent, limits.both].map(Paced::new);
        let mut counts = [Counts::default(); 2];
        let (mut now, mut ended) = (0, false);
        for &(is_sent, bytes, pause) in &schedule {
            now += pause;
            let came = now;
            let (lane, own) = if is_sent { (&mut sent, &mut own_sent) } else { (&mut received, &mut own_received) };
            let count = &mut counts[usize::from(is_sent)];
            loop {
                let over = limits.max_message_bytes.is_some_and(|max| bytes > max)
                    || limits.max_messages.is_some_and(|max| count.passed.0 >= max);
                let expected = if ended || over { Expected::End } else { expect([&mut *own, &mut both], bytes, now) };
                let verdict = lane.admit(bytes, now);
                let counted = match (verdict, &expected) {
                    (Verdict::Wait { until_nanos }, Expected::Wait(at)) => {
                        prop_assert_eq!(until_nanos, *at);
                        now = until_nanos;
                        continue;
                    }
                    (Verdict::Pass, Expected::Pass) => {
                        let held = lane.held_nanos(now);
                        lane.passed(bytes, held);
                        count.waited += now - came;
                        &mut count.passed
                    }
                    (Verdict::Drop, Expected::Drop) => &mut count.dropped,
                    (Verdict::End(cause), Expected::End) => {
                        prop_assert_eq!(meter.ended(), Some(cause));
                        ended = true;
                        &mut count.refused
                    }
                    other => return Err(TestCaseError::fail(format!("{other:?} of {bytes} bytes at {now}"))),
                };
                *counted = (counted.0 + 1, counted.1 + bytes);
                break;
            }
        }
        let stats = meter.stats(now);
        for (direction, count) in [(Direction::Received, counts[0]), (Direction::Sent, counts[1])] {
            let traffic = stats.traffic(direction);
            prop_assert_eq!(Counts {
                passed: (traffic.messages, traffic.bytes),
                dropped: (traffic.dropped_messages, traffic.dropped_bytes),
                refused: (traffic.refused_messages, traffic.refused_bytes),
                waited: traffic.waited.as_nanos() as u64,
            }, count);
            let came = schedule.iter().filter(|(is_sent, ..)| *is_sent == (direction == Direction::Sent)).count();
            prop_assert_eq!(traffic.messages + traffic.dropped_messages + traffic.refused_messages, came as u64);
        }
        for paced in [own_received, own_sent, both] {
            for bucket in [paced.1, paced.2].into_iter().flatten() {
                bucket.check();
            }
        }
    }
}
