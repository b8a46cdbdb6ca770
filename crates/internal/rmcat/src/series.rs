//! Cases times seeds, on several threads, in one order.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, anyhow};

use crate::case::Case;
use crate::contender::Contender;
use crate::gate::median;
use crate::world::run;

/// What one contender came to in one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The case's name.
    pub case: &'static str,
    /// In the order of what the case shows.
    pub figures: Vec<Figure>,
}

/// One figure of each seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// As the case names it.
    pub name: &'static str,
    /// In the order of the seeds.
    pub values: Vec<f64>,
}

impl Outcome {
    /// The values of the figure with this name.
    #[must_use]
    pub fn values(&self, name: &str) -> Option<&[f64]> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.values.as_slice())
    }
}

impl Figure {
    /// The middle one.
    #[must_use]
    pub fn median(&self) -> f64 {
        median(&self.values)
    }
}

/// Runs each case with each seed. Which thread runs what does not matter to any figure.
///
/// # Errors
/// A plan that cannot be run.
pub fn series(
    cases: &[Case],
    contender: &dyn Contender,
    seeds: &[u64],
    threads: usize,
) -> Result<Vec<Outcome>> {
    let jobs: Vec<(&Case, u64)> =
        cases.iter().flat_map(|case| seeds.iter().map(move |seed| (case, *seed))).collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some((index, (case, seed))) = take(&jobs, &next) {
                    let values = run(&case.plan(*seed), contender, *seed).map(|record| {
                        case.shows.iter().map(|shown| shown.measure.of(&record)).collect::<Vec<f64>>()
                    });
                    if let Ok(mut done) = done.lock() {
                        done.push((index, values));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().map_err(|_| anyhow!("a run has panicked"))?;
    done.sort_by_key(|(index, _)| *index);
    let values = done.into_iter().map(|(_, values)| values).collect::<Result<Vec<_>>>()?;
    Ok(cases.iter().zip(values.chunks(seeds.len().max(1))).map(|(case, runs)| outcome(case, runs)).collect())
}

fn take<'a, T>(jobs: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    jobs.get(index).map(|job| (index, job))
}

fn outcome(case: &Case, runs: &[Vec<f64>]) -> Outcome {
    let shown = case.shows.iter().enumerate();
    let figures = shown.map(|(place, shown)| Figure {
        name: shown.name,
        values: runs.iter().filter_map(|run| run.get(place).copied()).collect(),
    });
    Outcome { case: case.name, figures: figures.collect() }
}
