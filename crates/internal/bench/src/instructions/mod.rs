//! Instruction counts under callgrind, and their comparison with the committed baseline.

mod calls;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

pub use calls::{CALLS, Lengths, MESSAGES, calls};

/// What was counted when the baseline was last accepted: a name and a count a line.
const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json");
/// By how much a count may exceed its baseline, in percent.
const TOLERANCE: u64 = 3;

/// What has a baseline.
const GATE: [&str; 2] = ["--bench", "instructions"];

/// Counts by name, for example `s1.100_streams`.
type Counts = BTreeMap<String, u64>;

/// Counts, and fails if a count is more than 3 % over its baseline or has none.
///
/// # Errors
/// What is over, and how to accept it; or callgrind could not be run.
pub fn check() -> anyhow::Result<String> {
    let (counts, baseline) = (count(&GATE)?, baseline()?);
    let worse: Vec<&str> = counts
        .iter()
        .filter(|(name, count)| baseline.get(*name).is_none_or(|was| **count * 100 > was * (100 + TOLERANCE)))
        .map(|(name, _)| name.as_str())
        .collect();
    let text = table(&counts, &baseline);
    ensure!(
        worse.is_empty(),
        "{text}\nover the baseline by more than {TOLERANCE} %: {}\nif that is meant: cargo xtask bench --instructions --accept",
        worse.join(", ")
    );
    Ok(text)
}

/// Counts, and makes that the baseline.
///
/// # Errors
/// Callgrind could not be run, or the file not be written.
pub fn accept() -> anyhow::Result<String> {
    let counts = count(&GATE)?;
    let text = serde_json::to_string_pretty(&counts)? + "\n";
    std::fs::write(BASELINE, text).with_context(|| format!("writing {BASELINE}"))?;
    Ok(table(&counts, &counts))
}

/// Counts, beside the baseline.
///
/// # Errors
/// Callgrind could not be run.
pub fn show() -> anyhow::Result<String> {
    Ok(table(&count(&GATE)?, &baseline()?))
}

fn baseline() -> anyhow::Result<Counts> {
    if !Path::new(BASELINE).exists() {
        return Ok(Counts::new());
    }
    let text = std::fs::read_to_string(BASELINE).with_context(|| format!("reading {BASELINE}"))?;
    serde_json::from_str(&text).with_context(|| format!("reading {BASELINE}"))
}

/// Runs a benchmark under callgrind; needs valgrind and gungraun-runner.
fn count(which: &[&str]) -> anyhow::Result<Counts> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["bench", "--quiet", "--package", "bench"])
        .args(which)
        .args(["--", "--output-format=json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo bench")?;
    ensure!(output.status.success(), "counting instructions failed: {}", output.status);
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// The counts of gungraun's summaries, one JSON object a line.
fn parse(summaries: &str) -> anyhow::Result<Counts> {
    let mut counts = Counts::new();
    for line in summaries.lines().filter(|line| line.starts_with('{')) {
        let summary: Value = serde_json::from_str(line).context("reading a summary")?;
        let name = |field: &str| summary.get(field).and_then(Value::as_str);
        let count = summary.pointer("/profiles/0/data/parts/0/metrics/Ir/values/new").and_then(Value::as_u64);
        let (Some(function), Some(count)) = (name("function_name"), count) else {
            bail!("a summary without an instruction count: {line}");
        };
        counts.insert(format!("{function}.{}", name("id").unwrap_or_default()), count);
    }
    ensure!(!counts.is_empty(), "nothing was counted");
    Ok(counts)
}

fn table(counts: &Counts, baseline: &Counts) -> String {
    let mut text = format!("{:<28} {:>14} {:>14} {:>8}\n", "instructions", "counted", "baseline", "");
    for (name, count) in counts {
        let was = baseline.get(name);
        let change = was.map(|was| format!("{:+.2} %", (*count as f64 / *was as f64 - 1.0) * 100.0));
        let was = was.map_or_else(|| "none".to_owned(), u64::to_string);
        let _ = writeln!(text, "{name:<28} {count:>14} {was:>14} {:>8}", change.unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Counts, parse, table};

    const SUMMARY: &str = r#"{"function_name":"s1","id":"one","profiles":[{"data":{"parts":[{"metrics":{"Ir":{"values":{"new":1234,"old":1}}}}]}}]}"#;

    #[test]
    fn reads_the_counts_of_summaries() {
        let counts = parse(&format!("noise\n{SUMMARY}\n")).unwrap();
        assert_eq!(counts, Counts::from([("s1.one".to_owned(), 1234)]));
    }

    #[test]
    fn a_summary_without_a_count_is_an_error() {
        assert!(parse("{\"function_name\":\"s1\"}").is_err());
        assert!(parse("").is_err());
    }

    #[test]
    fn shows_what_has_changed() {
        let (now, was) = (Counts::from([("a".to_owned(), 103)]), Counts::from([("a".to_owned(), 100)]));
        assert!(table(&now, &was).contains("+3.00 %"));
        assert!(table(&now, &Counts::new()).contains("none"));
    }
}
