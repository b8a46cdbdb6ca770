//! Congestion controllers on simulated bottlenecks: ours beside those of other projects.

#[cfg(feature = "congestion-peers")]
mod goog_cc;
mod page;
#[cfg(feature = "congestion-peers")]
mod rtc_interceptor;
mod verdicts;

use std::path::Path;

use anyhow::{Context as _, Result};
use rmcat::plot::{Panel, svg};
use rmcat::{Contender, Ours, Outcome, case, run, series};

pub use self::page::fill;
pub use self::verdicts::{Verdict, json, table, verdicts};

/// What the scenario is called.
pub const NAME: &str = "congestion";

/// Where the page is, from the workspace's root, and where its pictures are.
pub const PAGE: &str = "docs/congestion.md";
const PICTURES: &str = "docs/congestion";

/// Cases of which there are pictures.
const PICTURED: [&str; 3] = ["5.1", "5.4", "5.6"];

/// Seeds of each case.
pub const SEEDS: [u64; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/// The seed of the pictures.
const PICTURED_SEED: u64 = 1;

/// What everybody came to in all cases.
#[derive(Clone, Debug)]
pub struct Results {
    /// Ours first.
    pub columns: Vec<Column>,
}

/// What one contender came to.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// In the order of the cases.
    pub outcomes: Vec<Outcome>,
}

/// Everybody, ours first.
fn contenders() -> Vec<Box<dyn Contender>> {
    vec![
        Box::new(Ours),
        #[cfg(feature = "congestion-peers")]
        Box::new(goog_cc::GoogCc),
        #[cfg(feature = "congestion-peers")]
        Box::new(rtc_interceptor::RtcInterceptor),
    ]
}

/// Runs all cases with everybody.
///
/// # Errors
/// A case that cannot be run.
pub fn measure(seeds: &[u64]) -> Result<Results> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let columns = contenders().into_iter().map(|contender| {
        let outcomes = series(&case::all(), contender.as_ref(), seeds, threads)?;
        Ok(Column { name: contender.name().to_owned(), outcomes })
    });
    Ok(Results { columns: columns.collect::<Result<_>>()? })
}

/// Writes the tables of the page anew, and its pictures.
///
/// # Errors
/// A page that has no place for the tables, files that cannot be written.
pub fn write(root: &Path, results: &Results, run_of: &str) -> Result<()> {
    let path = root.join(PAGE);
    let page = std::fs::read_to_string(&path).with_context(|| format!("reading {PAGE}"))?;
    let page = fill(&page, results, run_of).with_context(|| format!("{PAGE} has no marks"))?;
    std::fs::write(&path, page).with_context(|| format!("writing {PAGE}"))?;
    std::fs::create_dir_all(root.join(PICTURES)).with_context(|| format!("making {PICTURES}"))?;
    for case in case::all().iter().filter(|case| PICTURED.contains(&case.name)) {
        let runs = contenders().into_iter().take(2).map(|contender| {
            let record = run(&case.plan(PICTURED_SEED), contender.as_ref(), PICTURED_SEED)?;
            Ok((contender.name().to_owned(), record))
        });
        let runs = runs.collect::<Result<Vec<_>>>()?;
        let panels: Vec<Panel<'_>> =
            runs.iter().map(|(name, record)| Panel { title: name, record }).collect();
        let picture = svg(&format!("{}: {}", case.name, case.about), &panels);
        let path = root.join(PICTURES).join(format!("{}.svg", case.name));
        std::fs::write(path, picture).with_context(|| format!("writing into {PICTURES}"))?;
    }
    Ok(())
}
