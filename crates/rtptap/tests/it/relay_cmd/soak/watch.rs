//! What the relay's process is seen to do meanwhile: memory, lines on stderr, answers to those who ask how it is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::relay_cmd::process::RelayProcess;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// Resident memory after each second, in KiB, and how long `/stats` took at most.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) resident: Vec<u64>,
    pub(super) slowest_answer: Duration,
}

/// Looks until `end`. Somebody honest gets an answer each time.
pub(super) async fn watch(relay: &RelayProcess, end: Instant) -> Seen {
    let mut seen = Seen::default();
    let mut clock = tokio::time::interval(EVERY);
    while Instant::now() < end {
        clock.tick().await;
        let asked = Instant::now();
        relay.stats().await;
        seen.slowest_answer = seen.slowest_answer.max(asked.elapsed());
        seen.resident.push(resident(relay.pid()));
    }
    seen
}

/// `VmRSS`, in KiB.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

impl Seen {
    /// The most in each half of the time, in KiB.
    pub(super) fn halves(&self) -> (u64, u64) {
        let (first, second) = self.resident.split_at(self.resident.len() / 2);
        let most = |half: &[u64]| half.iter().copied().max().unwrap_or(0);
        (most(first), most(second))
    }
}

/// Lines by kind: what is left of a line without what differs from one to the next.
pub(super) fn kinds(lines: &[&str]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for line in lines {
        let kind: String = line.chars().filter(|char| char.is_alphabetic() || *char == ' ').collect();
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}

/// On every leg, what came in or was made there went on or is named; nothing waits any more.
pub(super) fn books_close(summary: &Value) {
    for leg in summary["legs"].as_array().unwrap() {
        let book = leg["book"].as_object().unwrap();
        let of = |name: &str| book[name].as_u64().unwrap();
        let all: u64 = book.values().map(|count| count.as_u64().unwrap()).sum();
        let came = of("packetsIn") + of("packetsMade");
        assert_eq!(came, all - came, "{leg}");
        assert_eq!(of("packetsWaiting"), 0, "{leg}");
    }
}

/// Every attack shows.
pub(super) fn all_is_named(summary: &Value) {
    let (source, target) = (&summary["legs"][0], &summary["legs"][1]);
    let shows = |leg: &Value, part: &str, field: &str| {
        assert!(leg[part][field].as_u64().unwrap() > 0, "{part}.{field} of {leg}");
    };
    shows(source, "book", "packetsUnproven");
    shows(source, "transport", "datagramsRejected");
    shows(source, "transport", "datagramsMalformed");
    let hosts = source["rejectedHosts"].as_array().unwrap();
    assert!(hosts.iter().any(|host| host["host"] == super::STRANGER), "{source}");
    shows(target, "stats", "unboundPacketsReceived");
    shows(target, "repair", "packetsRequested");
}
