//! The receiver's clock is another one: it shows anything, runs faster, is set.

use super::link::{Path, Run};

fn used(path: Path) -> (f64, f64) {
    let mut run = Run::adaptive(path);
    run.until(60.0);
    (run.utilisation(5.0, 60.0), run.q95(5.0, 60.0))
}

#[test]
fn what_it_shows_does_not_matter() {
    let here = used(Path::of(&[(0.0, 1e6)]));
    for offset in [-30_000.0, 30_000.0, 1e12] {
        let there = used(Path { clock: vec![(0.0, offset)], ..Path::of(&[(0.0, 1e6)]) });
        assert_eq!(there, here, "{offset} ms");
    }
}

#[test]
fn running_fast_or_slow_costs_little() {
    for drift_ppm in [-100.0, 100.0] {
        let (used, q95) = used(Path { drift_ppm, ..Path::of(&[(0.0, 1e6)]) });
        println!("{drift_ppm} ppm: {used:.3} {q95:.1} ms");
        assert!(used > 0.88 && q95 < 40.0, "{drift_ppm} ppm: {used} {q95} ms");
    }
}

#[test]
fn being_set_costs_little() {
    for jump in [-30_000.0, 30_000.0, -1_000.0] {
        let path = Path { clock: vec![(0.0, 0.0), (20.0, jump), (40.0, 0.0)], ..Path::of(&[(0.0, 1e6)]) };
        let (used, q95) = used(path);
        println!("{jump} ms: {used:.3} {q95:.1} ms");
        assert!(used > 0.75 && q95 < 60.0, "{jump} ms: {used} {q95} ms");
    }
}
