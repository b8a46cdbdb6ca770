//! Never more than the burst and the rate allow, never less, and never a nanosecond late.

use interceptor_token_bucket::Rate;
use proptest::prelude::*;

use crate::kit::{Model, SECOND, bucket, rate};

/// What may happen to a bucket.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many tokens, so many nanoseconds after the last step, or before it.
    Take {
        n: u64,
        after: i64,
    },
    /// As soon as what was denied last is to be granted.
    TakeWhenTold,
    GiveBack(u64),
}

/// Rates from one token a day to several a nanosecond: with common divisors and without.
fn rates() -> impl Strategy<Value = Rate> {
    let amount =
        prop_oneof![1..=10_u64, 1..=2_000_000_000_u64, Just(187_500), Just(999_999_937), Just(u64::MAX)];
    let per = prop_oneof![Just(SECOND), Just(1_u64), 1..=5 * SECOND, Just(86_400 * SECOND)];
    let burst = prop_oneof![1..=3_u64, 1..=200_000_u64];
    (amount, per, burst, any::<bool>()).prop_map(|(amount, per, burst, empty)| {
        let rate = rate(amount, per, burst);
        if empty { rate.starting_empty() } else { rate }
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = prop_oneof![4 => 0..=3_u64, 2 => 0..=200_001_u64, 1 => Just(u64::MAX)];
    let after = prop_oneof![2 => Just(0), 4 => 0..=50_i64, 4 => 0..=2_000_000_000_i64, 1 => -1_000_000_000..0_i64,
        1 => 0..=400_000_000_000_000_i64];
    let step = prop_oneof![
        6 => (n, after).prop_map(|(n, after)| Step::Take { n, after }),
        3 => Just(Step::TakeWhenTold),
        1 => (0..=5_u64).prop_map(Step::GiveBack),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn never_more_than_burst_plus_rate(rate in rates(), steps in steps()) {
        let (mut bucket, mut model) = (bucket(rate), Model::new(rate));
        // Granted tokens with their times, less what was given back; a clock that goes back stands still.
        let mut granted: Vec<(u64, u64)> = Vec::new();
        let (mut clock, mut latest) = (0_u64, 0_u64);
        let mut told: Option<(u64, u64)> = None;
        for step in steps {
            let (n, at) = match step {
                Step::Take { n, after } => (n, clock.saturating_add_signed(after)),
                Step::TakeWhenTold => {
                    let Some((n, at)) = told.take() else { continue };
                    prop_assert!(bucket.take_at(n, at - 1).is_err(), "a nanosecond before {at}");
                    prop_assert!(!model.take(n, at - 1));
                    let mut then = bucket;
                    prop_assert_eq!(then.take_at(n, at), Ok(()), "at {}", at);
                    (n, at)
                }
                Step::GiveBack(n) => {
                    // Only what has been taken: anything else is not a refund.
                    let Some((_, last)) = granted.last_mut() else { continue };
                    let n = n.min(*last);
                    *last -= n;
                    bucket.give_back(n);
                    model.give_back(n);
                    told = None;
                    continue;
                }
            };
            (clock, latest) = (at, latest.max(at));
            let outcome = bucket.take_at(n, at);
            prop_assert_eq!(outcome.is_ok(), model.take(n, at), "{} at {}", n, at);
            match outcome {
                Ok(()) => {
                    granted.push((latest, n));
                    told = None;
                }
                Err(denied) => {
                    prop_assert_eq!(denied.until(), model.until(n));
                    told = denied.until().map(|until| (n, until));
                }
            }
            prop_assert_eq!(bucket.available_at(at), model.available(at));
        }
        within_the_rate(rate, &granted)?;
    }
}

/// tokens · per ≤ burst · per + amount · time, for any two grants and all between.
fn within_the_rate(rate: Rate, granted: &[(u64, u64)]) -> Result<(), TestCaseError> {
    let (per, amount) = (rate.per().as_nanos(), u128::from(rate.amount()));
    let most = u128::from(rate.burst()) * per;
    for (first, &(start, _)) in granted.iter().enumerate() {
        let mut tokens = 0;
        for &(end, n) in &granted[first..] {
            tokens += u128::from(n);
            let allowed = most + amount.saturating_mul(u128::from(end - start));
            prop_assert!(tokens * per <= allowed, "{tokens} tokens from {start} to {end} at {rate:?}");
        }
    }
    Ok(())
}
