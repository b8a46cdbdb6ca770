//! Loss models lose what they say.

use interceptor_test::{Jitter, LinkOptions, Loss};

use super::{MS, at, drain, link, numbers, probe, stream};

const COUNT: u64 = 200_000;

/// For each packet whether it was lost.
fn losses(loss: Loss, seed: u64) -> Vec<bool> {
    let mut link = link(seed, LinkOptions::default().with_loss(loss));
    let mut lost = vec![true; COUNT as usize];
    for number in numbers(&stream(&mut link, COUNT, 100, MS)) {
        lost[number as usize] = false;
    }
    lost
}

fn rate(losses: &[bool]) -> f64 {
    losses.iter().filter(|lost| **lost).count() as f64 / losses.len() as f64
}

fn mean_burst(losses: &[bool]) -> f64 {
    let bursts = losses.chunk_by(|a, b| a == b).filter(|run| run[0]).count();
    losses.iter().filter(|lost| **lost).count() as f64 / bursts as f64
}

#[test]
fn random_loss_converges_to_its_rate_without_bursts() {
    for (seed, expected) in [(1, 0.001), (2, 0.02), (3, 0.2), (4, 0.5), (5, 0.9)] {
        let lost = losses(Loss::random(expected), seed);
        let sigma = (expected * (1.0 - expected) / COUNT as f64).sqrt();
        assert!((rate(&lost) - expected).abs() < 4.0 * sigma, "rate {} for {expected}", rate(&lost));
        // A run of independent losses has mean length 1 / (1 - rate).
        let run = mean_burst(&lost) * (1.0 - expected);
        assert!((0.95..1.05).contains(&run), "runs {run} times as long as chance makes them at {expected}");
    }
}

#[test]
fn loss_rates_of_zero_and_one_are_exact() {
    assert_eq!(rate(&losses(Loss::random(0.0), 1)), 0.0);
    assert_eq!(rate(&losses(Loss::random(1.0), 1)), 1.0);
    assert_eq!(rate(&losses(Loss::burst(0.0, 5.0), 1)), 0.0);
}

#[test]
fn burst_loss_converges_to_its_rate_and_its_mean_length() {
    for (seed, expected, length) in
        [(1, 0.02, 4.0), (2, 0.05, 10.0), (3, 0.2, 3.0), (4, 0.5, 1.0), (5, 0.1, 30.0)]
    {
        let lost = losses(Loss::burst(expected, length), seed);
        assert!((rate(&lost) / expected - 1.0).abs() < 0.1, "rate {} for {expected}", rate(&lost));
        let mean = mean_burst(&lost);
        assert!((mean / length - 1.0).abs() < 0.1, "mean burst {mean} for {length}");
    }
}

#[test]
fn gilbert_elliott_loses_in_both_states() {
    let model = Loss::GilbertElliott { enter: 0.01, leave: 0.09, loss_in_good: 0.02, loss_in_bad: 0.6 };
    let expected = 0.9 * 0.02 + 0.1 * 0.6;
    let measured = rate(&losses(model, 8));
    assert!((measured / expected - 1.0).abs() < 0.05, "rate {measured} for {expected}");
}

#[test]
fn a_list_loses_exactly_its_packets() {
    let options = LinkOptions::default().with_loss(Loss::packets([0, 7])).with_loss(Loss::packets(3..6));
    let arrived = numbers(&stream(&mut link(1, options), 10, 100, MS));
    assert_eq!(arrived, [1, 2, 6, 8, 9]);
}

#[test]
fn an_outage_loses_by_time_and_its_end_is_outside() {
    let options = LinkOptions::default().with_loss(Loss::outage(3 * MS..5 * MS));
    let arrived = numbers(&stream(&mut link(1, options), 8, 100, MS));
    assert_eq!(arrived, [0, 1, 2, 5, 6, 7]);
}

#[test]
fn a_predicate_sees_index_and_message_until_it_is_cleared() {
    let mut link = link(1, LinkOptions::default());
    link.drop_if(|index, probe| index == 1 || probe.len > 1000);
    for (number, len) in [(10, 100), (11, 100), (12, 1200), (13, 100)] {
        link.push(at(MS), probe(number, len));
    }
    link.clear_drop_if();
    link.push(at(MS), probe(14, 1200));
    assert_eq!(numbers(&drain(&mut link)), [10, 13, 14]);
    assert_eq!(link.counters().lost, 2);
}

#[test]
fn jitter_and_copies_do_not_change_which_packets_are_lost() {
    let plain = LinkOptions::default().with_loss(Loss::burst(0.1, 3.0)).with_delay(20 * MS);
    let jittery = plain.clone().with_jitter(Jitter::uniform(20 * MS));
    let arrived = numbers(&stream(&mut link(5, plain), 2000, 100, MS));
    assert_eq!(numbers(&stream(&mut link(5, jittery), 2000, 100, MS)), arrived);
}

#[test]
fn another_seed_loses_other_packets() {
    let lossy = || LinkOptions::default().with_loss(Loss::random(0.2));
    let arrived = |seed| numbers(&stream(&mut link(seed, lossy()), 200, 100, MS));
    assert_eq!(arrived(1), arrived(1));
    assert_ne!(arrived(1), arrived(2));
}
