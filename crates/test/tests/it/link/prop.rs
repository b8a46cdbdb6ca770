//! What holds for every link, whatever its options.

use std::time::Duration;

use interceptor_test::{Capacity, Duplicate, Hold, Jitter, Link, LinkOptions, Loss, QueueDepth, Reorder};
use proptest::prelude::*;

use super::{Probe, at, drain, link, numbers, probe, since_start};

/// Gaps before packets and their lengths.
type Traffic = Vec<(Duration, usize)>;

fn micros(range: std::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_micros)
}

fn traffic() -> impl Strategy<Value = Traffic> {
    prop::collection::vec((micros(0..5000), 1_usize..1500), 1..60)
}

fn depth() -> impl Strategy<Value = QueueDepth> {
    prop_oneof![
        (0_usize..10_000).prop_map(QueueDepth::Bytes),
        (0_usize..8).prop_map(QueueDepth::Packets),
        micros(0..50_000).prop_map(QueueDepth::Time),
    ]
}

fn capacity() -> impl Strategy<Value = Capacity> {
    let rate = || prop_oneof![1 => Just(0_u64), 9 => 100_000..20_000_000_u64];
    (rate(), prop::collection::vec((micros(1..30_000), rate()), 0..4)).prop_map(|(first, steps)| {
        let mut at = Duration::ZERO;
        steps.into_iter().fold(Capacity::constant(first), |capacity, (gap, rate)| {
            at += gap;
            capacity.then(at, rate)
        })
    })
}

fn loss() -> impl Strategy<Value = Vec<Loss>> {
    let one = prop_oneof![
        (0.0..0.5).prop_map(Loss::random),
        (0.0..0.4, 1.0..6.0).prop_map(|(rate, mean)| Loss::burst(rate, mean)),
        prop::collection::btree_set(0_u64..60, 0..10).prop_map(Loss::Packets),
    ];
    prop::collection::vec(one, 0..3)
}

fn in_order() -> impl Strategy<Value = LinkOptions> {
    let queue = (prop::option::of(capacity()), prop::option::of(depth()), 0_usize..60);
    (loss(), micros(0..40_000), 0.0..=1.0, queue).prop_map(|(losses, delay, jitter, queue)| {
        let (capacity, limit, overhead) = queue;
        let options = LinkOptions::default()
            .with_delay(delay)
            .with_jitter(Jitter::uniform(delay.mul_f64(jitter)))
            .with_capacity(capacity)
            .with_queue_limit(limit)
            .with_overhead_bytes(overhead);
        losses.into_iter().fold(options, LinkOptions::with_loss)
    })
}

fn any_options() -> impl Strategy<Value = LinkOptions> {
    let hold = prop_oneof![
        micros(0..20_000).prop_map(Hold::Time),
        (0_u32..5, micros(0..20_000)).prop_map(|(count, at_most)| Hold::Packets { count, at_most }),
    ];
    let reorder = (0.0..0.5, hold).prop_map(|(fraction, hold)| {
        let mut reorder = Reorder::by_packets(fraction, 0);
        reorder.hold = hold;
        reorder
    });
    let duplicate = (0.0..0.5, micros(0..9000)).prop_map(|(rate, after)| Duplicate::new(rate).after(after));
    (in_order(), prop::option::of(reorder), prop::option::of(duplicate), any::<bool>()).prop_map(
        |(options, reorder, duplicate, jitter_reorders)| {
            options.with_reorder(reorder).with_duplicate(duplicate).with_jitter_reorders(jitter_reorders)
        },
    )
}

/// Offers the traffic; `between` is called before each packet.
fn offer(link: &mut Link<Probe>, traffic: &Traffic, mut between: impl FnMut(&mut Link<Probe>, Duration)) {
    let mut now = Duration::ZERO;
    for (number, (gap, len)) in traffic.iter().enumerate() {
        now += *gap;
        between(link, now);
        link.push(at(now), probe(number as u64, *len));
    }
}

proptest! {
    #[test]
    fn every_packet_is_accounted_for(options in any_options(), traffic in traffic(), seed: u64) {
        let mut link = link(seed, options);
        offer(&mut link, &traffic, |link, now| {
            link.pop(at(now));
            let c = link.counters();
            assert_eq!(
                c.offered + c.duplicated,
                c.delivered + c.lost + c.queue_dropped + link.in_flight() as u64
            );
        });
        drain(&mut link);
        let c = link.counters();
        prop_assert_eq!(c.offered, traffic.len() as u64);
        prop_assert_eq!(c.offered_bytes, traffic.iter().map(|(_, len)| *len as u64).sum::<u64>());
        prop_assert_eq!(c.offered + c.duplicated, c.delivered + c.lost + c.queue_dropped + link.in_flight() as u64);
    }

    #[test]
    fn the_next_delivery_is_exact(options in any_options(), traffic in traffic(), seed: u64) {
        let mut link = link(seed, options);
        offer(&mut link, &traffic, |_, _| ());
        let offered_until = traffic.iter().map(|(gap, _)| *gap).sum();
        let mut previous = Duration::ZERO;
        while let Some(next) = link.next_delivery() {
            if since_start(next) > previous.max(offered_until) {
                prop_assert_eq!(link.pop(next - Duration::from_nanos(1)), None);
            }
            let (arrived, _) = link.pop(next).expect("it said so");
            prop_assert_eq!(arrived, next);
            prop_assert!(since_start(arrived) >= previous);
            previous = since_start(arrived);
        }
        prop_assert_eq!(link.pop(at(Duration::from_secs(3600))), None);
    }

    #[test]
    fn polling_does_not_change_what_arrives(options in any_options(), traffic in traffic(), seed: u64) {
        let mut lazy = link(seed, options.clone());
        offer(&mut lazy, &traffic, |_, _| ());
        let expected = drain(&mut lazy);

        let mut eager = link(seed, options);
        let mut arrivals = Vec::new();
        offer(&mut eager, &traffic, |link, now| {
            while let Some((arrived, probe)) = link.pop(at(now)) {
                arrivals.push((since_start(arrived), probe.number));
            }
        });
        arrivals.extend(drain(&mut eager));
        prop_assert_eq!(arrivals, expected);
        prop_assert_eq!(eager.counters(), lazy.counters());
    }

    #[test]
    fn order_holds_unless_an_option_breaks_it(options in in_order(), traffic in traffic(), seed: u64) {
        let mut link = link(seed, options);
        offer(&mut link, &traffic, |_, _| ());
        prop_assert!(numbers(&drain(&mut link)).is_sorted());
        prop_assert_eq!(link.counters().reordered, 0);
    }

    #[test]
    fn a_queue_never_grows_over_its_bound(capacity in capacity(), limit in depth(), traffic in traffic()) {
        let mut link =
            link(1, LinkOptions::default().with_capacity(capacity.clone()).with_queue_limit(limit));
        let mut now = Duration::ZERO;
        for (number, (gap, len)) in traffic.iter().enumerate() {
            now += *gap;
            let wait = link.queue_delay(at(now));
            let dropped = link.counters().queue_dropped;
            link.push(at(now), probe(number as u64, *len));
            while link.pop(at(now)).is_some() {}
            let accepted = link.counters().queue_dropped == dropped;
            match limit {
                QueueDepth::Bytes(limit) => prop_assert!(link.queued_bytes(at(now)) <= limit),
                QueueDepth::Packets(limit) => prop_assert!(link.in_flight() <= limit + 1),
                QueueDepth::Time(limit) if accepted && wait.is_some() => {
                    prop_assert!(wait <= Some(limit));
                }
                _ => (),
            }
        }
    }

    #[test]
    fn a_step_and_a_change_at_its_time_are_the_same(
        first in 100_000..20_000_000_u64, second in 100_000..20_000_000_u64, when in micros(1..50_000),
        traffic in traffic(),
    ) {
        let mut stepped =
            link(1, LinkOptions::default().with_capacity(Capacity::constant(first).then(when, second)));
        offer(&mut stepped, &traffic, |_, _| ());

        let mut changed = link(1, LinkOptions::default().with_capacity(Capacity::constant(first)));
        let change = |link: &mut Link<Probe>| {
            let options = LinkOptions::default().with_capacity(Capacity::constant(second));
            link.reconfigure(at(when), options).expect("valid");
        };
        let mut pending = true;
        offer(&mut changed, &traffic, |link, now| {
            if pending && now >= when {
                change(link);
                pending = false;
            }
        });
        if pending {
            change(&mut changed);
        }
        for ((a, number), (b, other)) in drain(&mut stepped).into_iter().zip(drain(&mut changed)) {
            prop_assert_eq!(number, other);
            // Within the nanosecond that was being sent when the rate changed.
            prop_assert!(a.abs_diff(b) <= Duration::from_nanos(200), "{:?} and {:?}", a, b);
        }
    }
}
