//! Results as a table and as JSON.

use std::fmt::Write as _;

use crate::Results;

/// A table for people.
#[must_use]
pub fn table(results: &Results) -> String {
    let mut text =
        format!("{}\n{:<4} {:<28} {:>7}  {:<24} ", results.machine, "", "variant", "streams", "contender");
    let _ = writeln!(text, "{:>22} {:>8} {:>8}", "ns/packet [min–max]", "allocs", "bytes");
    for row in &results.rows {
        let ns = format!("{:.1} [{:.1}–{:.1}]", row.ns.median, row.ns.min, row.ns.max);
        let _ = writeln!(
            text,
            "{:<4} {:<28} {:>7}  {:<24} {ns:>22} {:>8.3} {:>8.1}",
            row.scenario, row.variant, row.streams, row.contender, row.allocs, row.bytes
        );
    }
    text
}

/// One JSON object.
///
/// # Errors
/// None that the values can cause.
pub fn json(results: &Results) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(results)?)
}
