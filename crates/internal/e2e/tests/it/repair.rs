//! What repairs a lossy path and what that takes: the figures of `docs/repair.md`.

use std::path::Path;

use e2e::repair::{self, Means, PACKETS, Row};

/// What may stay lost, in percent.
const GOAL: f64 = 0.1;
/// A dozen packets are a thousandth of those that count: by so much a figure may be off by chance.
const CHANCE: f64 = 0.06;

fn figures(row: &Row, means: Means) -> repair::Figures {
    let place = Means::ALL.iter().position(|each| *each == means).unwrap();
    row.figures[place]
}

/// Where anything leaves less than one packet in a thousand, the plan does, and nothing that does so takes less.
fn assert_the_plan_is_cheapest(row: &Row) {
    let both = figures(row, Means::Both);
    for means in [Means::Nack, Means::Fec, Means::Libwebrtc] {
        let other = figures(row, means);
        if other.residual <= GOAL - CHANCE && other.overhead <= 50.0 {
            assert!(both.residual <= GOAL + CHANCE, "{means:?} is enough: {row:?}");
        }
        if other.residual <= GOAL - CHANCE && both.residual <= GOAL + CHANCE {
            assert!(both.overhead <= other.overhead + 2.5, "{means:?} takes less: {row:?}");
        }
    }
}

#[test]
fn the_plan_is_enough_wherever_anything_is_and_the_page_shows_it() {
    let rows = repair::table(PACKETS);
    insta::assert_snapshot!(repair::block(&rows));
    rows.iter().for_each(assert_the_plan_is_cheapest);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs");
    let current = repair::is_current(&docs, &rows).unwrap();
    assert!(current, "docs/repair.md shows other figures: cargo run --release -p e2e --example repair");
}
