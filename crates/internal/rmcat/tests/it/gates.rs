//! The gates, with three seeds.

use rmcat::gate::GATES;
use rmcat::{Ours, case, series};

#[test]
#[cfg_attr(debug_assertions, ignore = "slow without optimisation: `cargo xtask test-all` runs it in release")]
fn adaptive_keeps_to_all_gates() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let cases: Vec<_> =
        case::all().into_iter().filter(|case| GATES.iter().any(|gate| gate.case == case.name)).collect();
    let outcomes = series(&cases, &Ours, &[1, 2, 3], threads).unwrap();
    let mut missed = Vec::new();
    for gate in GATES {
        let outcome = outcomes.iter().find(|outcome| outcome.case == gate.case).unwrap();
        let figure = gate.figure(outcome.values(gate.metric).unwrap());
        if !gate.holds(figure) {
            missed.push(format!(
                "{} {}: {figure:.3}, not {} {}",
                gate.case,
                gate.metric_name(),
                gate.op,
                gate.limit
            ));
        }
    }
    assert!(missed.is_empty(), "{} of {} gates missed\n{}", missed.len(), GATES.len(), missed.join("\n"));
}
