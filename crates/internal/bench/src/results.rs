//! What a run found: a row a measured case, and our ratio to the best peer a task.

use serde::Serialize;

use crate::contender::{Role, Task};
use crate::forward::Forward;
use crate::rtptap::Rtptap;
use crate::session::Throughput;
use crate::sessions::Sessions;

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
    /// Nanoseconds an item.
    pub ns: Spread,
    /// Heap allocations an item; those that are alive in S6.
    pub allocs: f64,
    /// Bytes allocated an item; those that are alive in S6.
    pub bytes: f64,
    /// Whose.
    #[serde(skip)]
    pub role: Role,
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

/// How many times the best peer needs what ours does: above 1, ours is better.
#[derive(Clone, Debug, Serialize)]
pub struct Ratio {
    /// `S1`, `S2`, …
    pub scenario: &'static str,
    /// Which form of the scenario.
    pub variant: &'static str,
    /// Streams that share the packets in turn.
    pub streams: u32,
    /// The peer that needs least.
    pub best_peer: &'static str,
    /// Of median times; of bytes in S6.
    pub ratio: f64,
}

/// Everything that one run measured.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// Processor, cores and operating system.
    pub machine: String,
    /// A row a case.
    pub rows: Vec<Row>,
    /// One a task that ours and a peer have.
    pub ratios: Vec<Ratio>,
    /// Whole sessions, if they were measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub session: Vec<Throughput>,
    /// The command-line tool, if it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtptap: Option<Rtptap>,
    /// Processes that forward, if they were measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// Sessions by the thousand, if they were measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
}

impl Row {
    /// A row of a task.
    #[must_use]
    pub const fn new(
        task: Task,
        (role, contender): (Role, &'static str),
        ns: Spread,
        (allocs, bytes): (f64, f64),
    ) -> Self {
        let Task { scenario, variant, streams } = task;
        Self { scenario, variant, streams, contender, ns, allocs, bytes, role }
    }

    /// What is compared.
    #[must_use]
    pub const fn task(&self) -> Task {
        Task { scenario: self.scenario, variant: self.variant, streams: self.streams }
    }

    /// What the ratio is taken of.
    #[must_use]
    pub fn cost(&self) -> f64 {
        if self.scenario == "S6" { self.bytes } else { self.ns.median }
    }
}

impl Spread {
    /// The spread of so many rounds.
    #[must_use]
    pub fn of(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        let at = |index: usize| rounds.get(index).copied().unwrap_or(f64::NAN);
        Self { min: at(0), median: at(rounds.len() / 2), max: at(rounds.len().saturating_sub(1)) }
    }
}

impl Results {
    /// Rows with the ratios that follow from them.
    #[must_use]
    pub fn new(machine: String, mut rows: Vec<Row>) -> Self {
        rows.sort_by_key(|row| row.scenario);
        let ratios = rows.iter().filter(|row| row.role == Role::Subject);
        let ratios = ratios.filter_map(|ours| Ratio::of(ours, &rows)).collect();
        Self { machine, rows, ratios, session: Vec::new(), rtptap: None, forward: None, sessions: None }
    }
}

impl Ratio {
    fn of(ours: &Row, rows: &[Row]) -> Option<Self> {
        let peers = rows.iter().filter(|row| row.role == Role::Peer && row.task() == ours.task());
        let best = peers.min_by(|a, b| a.cost().total_cmp(&b.cost()))?;
        // A line may begin at nothing, or below: no ratio tells anything about that.
        if best.cost() <= 0.0 || ours.cost() <= 0.0 {
            return None;
        }
        let Task { scenario, variant, streams } = ours.task();
        Some(Self { scenario, variant, streams, best_peer: best.contender, ratio: best.cost() / ours.cost() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Results, Row, Spread};
    use crate::contender::{Role, Task};

    const TASK: Task = Task { scenario: "S1", variant: "send", streams: 1 };

    fn row(task: Task, role: Role, contender: &'static str, ns: f64, bytes: f64) -> Row {
        Row::new(task, (role, contender), Spread::of(vec![ns]), (0.0, bytes))
    }

    #[test]
    fn the_ratio_is_to_the_best_peer_of_the_same_task() {
        let other = Task { streams: 100, ..TASK };
        let rows = vec![
            row(TASK, Role::Subject, "ours", 50.0, 0.0),
            row(TASK, Role::Variant, "ours bare", 10.0, 0.0),
            row(TASK, Role::Peer, "slow", 500.0, 0.0),
            row(TASK, Role::Peer, "quick", 300.0, 0.0),
            row(other, Role::Peer, "quicker", 1.0, 0.0),
        ];
        let results = Results::new(String::new(), rows);
        assert_eq!(results.ratios.len(), 1);
        assert_eq!((results.ratios[0].best_peer, results.ratios[0].ratio), ("quick", 6.0));
    }

    #[test]
    fn memory_is_compared_by_bytes() {
        let task = Task { scenario: "S6", variant: "idle", streams: 100 };
        let rows =
            vec![row(task, Role::Subject, "ours", 9.0, 100.0), row(task, Role::Peer, "peer", 1.0, 400.0)];
        assert_eq!(Results::new(String::new(), rows).ratios[0].ratio, 4.0);
    }

    #[test]
    fn a_task_that_no_peer_has_gives_no_ratio() {
        let rows = vec![row(TASK, Role::Subject, "ours", 50.0, 0.0)];
        assert!(Results::new(String::new(), rows).ratios.is_empty());
    }

    #[test]
    fn a_line_that_begins_at_nothing_has_no_ratio() {
        for (ours, theirs) in [(0.0, 5.0), (5.0, -1.0)] {
            let rows =
                vec![row(TASK, Role::Subject, "ours", ours, 0.0), row(TASK, Role::Peer, "peer", theirs, 0.0)];
            assert!(Results::new(String::new(), rows).ratios.is_empty());
        }
    }

    #[test]
    fn a_spread_has_the_middle_and_the_ends() {
        let spread = Spread::of(vec![3.0, 1.0, 2.0, 9.0, 4.0]);
        assert_eq!((spread.min, spread.median, spread.max), (1.0, 3.0, 9.0));
    }
}
