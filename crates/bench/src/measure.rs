//! Runs every case in turn, several rounds, and keeps time and allocations a packet.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;

use crate::{Case, Contender};

/// Packets in one measured stretch: long enough for the clock, short enough for the prepared packets to stay in cache.
const STRETCH: usize = 256;
/// Stretches a round.
const STRETCHES: usize = 400;
/// Stretches before anything counts: buffers and histories reach their size.
const WARM_UP: usize = 200;

/// Which cases to run.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only scenarios whose name starts with this.
    pub scenario: Option<String>,
}

/// One measured case.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// `S1`, `S2`, …
    pub scenario: &'static str,
    /// Which form of the scenario.
    pub variant: &'static str,
    /// Streams that share the packets in turn.
    pub streams: u32,
    /// Who.
    pub contender: &'static str,
    /// Nanoseconds a packet.
    pub ns: Spread,
    /// Heap allocations a packet.
    pub allocs: f64,
    /// Bytes allocated a packet.
    pub bytes: f64,
}

/// The middle and the ends of several rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    /// The quickest round.
    pub min: f64,
    /// The middle round.
    pub median: f64,
    /// The slowest round.
    pub max: f64,
}

/// Everything that one run measured.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// Processor and number of cores.
    pub machine: String,
    /// A row a case.
    pub rows: Vec<Row>,
}

/// Runs all cases that pass the filter, `rounds` times in turn.
///
/// # Errors
/// A contender that cannot be set up.
pub fn run(rounds: u32, filter: &Filter) -> anyhow::Result<Results> {
    let wanted = |case: &Case| {
        filter.scenario.as_ref().is_none_or(|prefix| case.scenario.starts_with(prefix.as_str()))
    };
    let cases: Vec<Case> = Case::all().into_iter().filter(wanted).collect();
    let mut running = cases
        .iter()
        .map(|case| (case.make)().with_context(|| format!("setting up {case:?}")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    for contender in &mut running {
        (0..WARM_UP).for_each(|_| drop(stretch(&mut **contender)));
    }
    let mut times = vec![Vec::new(); cases.len()];
    for _ in 0..rounds {
        for (contender, times) in running.iter_mut().zip(&mut times) {
            let round: Duration = (0..STRETCHES).map(|_| stretch(&mut **contender)).sum();
            times.push(round.as_nanos() as f64 / (STRETCH * STRETCHES) as f64);
        }
    }
    let rows = cases.iter().zip(&mut running).zip(times).map(|((case, contender), times)| {
        let (allocs, bytes) = allocations(&mut **contender);
        let &Case { scenario, variant, streams, contender, .. } = case;
        Row { scenario, variant, streams, contender, ns: Spread::of(times), allocs, bytes }
    });
    Ok(Results { machine: machine(), rows: rows.collect() })
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn stretch(contender: &mut dyn Contender) -> Duration {
    contender.prepare(STRETCH);
    let start = Instant::now();
    contender.run();
    start.elapsed()
}

/// Heap allocations and bytes a packet, over as many packets as hold several seconds of virtual time.
pub fn allocations(contender: &mut dyn Contender) -> (f64, f64) {
    let (mut count, mut bytes) = (0, 0);
    for _ in 0..WARM_UP {
        contender.prepare(STRETCH);
        let info = allocation_counter::measure(|| contender.run());
        count += info.count_total;
        bytes += info.bytes_total;
    }
    let packets = (STRETCH * WARM_UP) as f64;
    (count as f64 / packets, bytes as f64 / packets)
}

impl Spread {
    fn of(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        let at = |index: usize| rounds.get(index).copied().unwrap_or(f64::NAN);
        Self { min: at(0), median: at(rounds.len() / 2), max: at(rounds.len().saturating_sub(1)) }
    }
}

fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cores} cores", model.unwrap_or("unknown processor").trim())
}
