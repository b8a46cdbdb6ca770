//! Runs every case in turn, several rounds, and keeps time and allocations an item.

use std::time::Duration;

use anyhow::{Context as _, bail};
use cpu_time::ThreadTime;

use crate::contender::{Case, Contender, Heap, Kind, Task};
use crate::results::{Results, Row, Spread};
use crate::slope;

/// Stretches a round.
const STRETCHES: usize = 400;
/// Stretches before anything counts: buffers and histories reach their size.
pub const WARM_UP: usize = 200;

/// Which cases to run, and how often.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Rounds of each measurement.
    pub rounds: u32,
    /// Only scenarios whose name starts with this.
    pub scenario: Option<String>,
    /// Only variants whose name starts with this.
    pub variant: Option<String>,
    /// Only contenders whose name starts with this.
    pub contender: Option<String>,
}

impl Plan {
    fn wants(&self, case: &Case) -> bool {
        let Task { scenario, variant, .. } = case.task;
        chooses(&self.scenario, scenario) && self.chooses(variant, case.contender)
    }

    /// Whether these are to be measured, if their scenario is.
    #[must_use]
    pub fn chooses(&self, variant: &str, contender: &str) -> bool {
        chooses(&self.variant, variant) && chooses(&self.contender, contender)
    }
}

fn chooses(prefix: &Option<String>, name: &str) -> bool {
    prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
}

/// Every case that is built in, those of one task after one another so that they meet the same noise.
#[must_use]
pub fn all_cases() -> Vec<Case> {
    let mut cases = crate::ours::cases();
    cases.extend(crate::streams::cases());
    #[cfg(feature = "peers")]
    cases.extend(crate::peers::cases());
    let tasks: Vec<Task> = cases.iter().map(|case| case.task).collect();
    let first = |task: &Task| tasks.iter().position(|other| other == task);
    cases.sort_by_key(|case| (case.task.scenario, first(&case.task)));
    cases
}

/// One case's contender, set up and not yet run.
///
/// # Errors
/// There is no such case that is timed, or it cannot be set up.
pub fn contender(scenario: &str, variant: &str, contender: &str) -> anyhow::Result<Box<dyn Contender>> {
    let wanted = |case: &Case| {
        (case.task.scenario, case.task.variant, case.contender) == (scenario, variant, contender)
    };
    match all_cases().into_iter().find(wanted).map(|case| case.kind) {
        Some(Kind::Timed(_, make)) => make(),
        _ => bail!("no such case: {scenario} ({variant}): {contender}"),
    }
}

/// Runs all cases of a plan, each round every case in turn.
///
/// # Errors
/// A contender that cannot be set up.
pub fn run(plan: &Plan) -> anyhow::Result<Results> {
    let mut cases = all_cases();
    cases.retain(|case| plan.wants(case));
    let mut running = Vec::new();
    for case in &cases {
        running.push(Running::start(case).with_context(|| format!("setting up {case:?}"))?);
    }
    let clock = clock_cost();
    for _ in 0..plan.rounds {
        for case in &mut running {
            case.round(clock)?;
        }
    }
    let finished: Vec<Finished<'_>> = running.into_iter().map(Running::finish).collect();
    let rows = finished.iter().map(Finished::row).chain(slope::rows(&finished)).collect();
    Ok(Results::new(machine(), rows))
}

/// A case while it is measured.
struct Running<'a> {
    case: &'a Case,
    contender: Option<(usize, Box<dyn Contender>)>,
    kept: Option<Heap>,
    rounds: Vec<f64>,
}

/// A case and what each round took.
#[derive(Debug)]
pub struct Finished<'a> {
    pub(crate) case: &'a Case,
    /// Nanoseconds an item, by round.
    pub(crate) rounds: Vec<f64>,
    /// Allocations and bytes an item.
    pub(crate) heap: (f64, f64),
}

impl<'a> Running<'a> {
    fn start(case: &'a Case) -> anyhow::Result<Self> {
        let mut contender = None;
        if let Kind::Timed(stretch, make) = &case.kind {
            let mut made = make()?;
            warm_up(&mut *made, *stretch);
            contender = Some((*stretch, made));
        }
        Ok(Self { case, contender, kept: None, rounds: Vec::new() })
    }

    fn round(&mut self, clock: Duration) -> anyhow::Result<()> {
        if let Some((stretch, contender)) = &mut self.contender {
            let mut stretch_time = || time(&mut **contender, *stretch).saturating_sub(clock);
            let time: Duration = (0..STRETCHES).map(|_| stretch_time()).sum();
            self.rounds.push(time.as_nanos() as f64 / (STRETCHES * *stretch) as f64);
        }
        if let Kind::Kept(measure) = &self.case.kind {
            let heap = measure()?;
            self.rounds.push(heap.ns);
            self.kept = Some(heap);
        }
        Ok(())
    }

    fn finish(self) -> Finished<'a> {
        let timed = self.contender.map(|(stretch, mut contender)| allocations(&mut *contender, stretch));
        let kept = self.kept.map(|heap| (heap.allocs, heap.bytes));
        Finished { case: self.case, rounds: self.rounds, heap: timed.or(kept).unwrap_or_default() }
    }
}

impl Finished<'_> {
    fn row(&self) -> Row {
        let case = self.case;
        Row::new(case.task, (case.role, case.contender), Spread::of(self.rounds.clone()), self.heap)
    }
}

/// Lets a contender reach its steady state.
pub fn warm_up(contender: &mut dyn Contender, stretch: usize) {
    for _ in 0..WARM_UP {
        contender.prepare(stretch);
        contender.run();
    }
}

/// Processor time of this thread, on which every contender does all its work.
fn time(contender: &mut dyn Contender, stretch: usize) -> Duration {
    contender.prepare(stretch);
    let start = ThreadTime::now();
    contender.run();
    start.elapsed()
}

/// What reading the clock adds to each stretch: the middle of many readings, to be taken off again.
fn clock_cost() -> Duration {
    let mut readings: Vec<Duration> = (0..10_001).map(|_| ThreadTime::now().elapsed()).collect();
    readings.sort();
    readings.get(5_000).copied().unwrap_or_default()
}

/// Heap allocations and bytes an item, over as many items as hold several seconds of virtual time.
pub fn allocations(contender: &mut dyn Contender, stretch: usize) -> (f64, f64) {
    let (mut count, mut bytes) = (0, 0);
    for _ in 0..WARM_UP {
        contender.prepare(stretch);
        let info = allocation_counter::measure(|| contender.run());
        count += info.count_total;
        bytes += info.bytes_total;
    }
    let items = (WARM_UP * stretch) as f64;
    (count as f64 / items, bytes as f64 / items)
}

/// Processor, number of cores and operating system.
#[must_use]
pub fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = model.unwrap_or("unknown processor").trim();
    format!("{model}, {cores} cores, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}
