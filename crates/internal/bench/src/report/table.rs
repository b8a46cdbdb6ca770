//! A table for terminals.

use std::fmt::Write as _;

use crate::contender::Role;
use crate::results::{Ratio, Results, Row};
use crate::{forward, rtptap, session, sessions};

/// A table for people.
#[must_use]
pub fn table(results: &Results) -> String {
    let mut text = format!("{}\n", results.machine);
    let _ = writeln!(
        text,
        "{:<4} {:<28} {:>7}  {:<36} {:>28} {:>9} {:>10}  ratio",
        "", "variant", "streams", "contender", "ns [min–max]", "allocs", "bytes"
    );
    for row in &results.rows {
        let Row { scenario, variant, streams, contender, ns, allocs, bytes, .. } = row;
        let ns = format!("{:.1} [{:.1}–{:.1}]", ns.median, ns.min, ns.max);
        let ratio = ratio_of(results, row).map(|ratio| format!("{:.1}×", ratio.ratio)).unwrap_or_default();
        let _ = writeln!(
            text,
            "{scenario:<4} {variant:<28} {streams:>7}  {contender:<36} {ns:>28} {allocs:>9.3} {bytes:>10.1}  {ratio}"
        );
    }
    text.push_str(&session::table(&results.session));
    text.extend(results.rtptap.as_ref().map(rtptap::table));
    text.extend(results.forward.as_ref().map(forward::table));
    text.extend(results.sessions.as_ref().map(sessions::table));
    text
}

/// Ours against the best peer, for a row of ours that has one.
pub(super) fn ratio_of<'a>(results: &'a Results, row: &Row) -> Option<&'a Ratio> {
    let same = |ratio: &&Ratio| {
        (ratio.scenario, ratio.variant, ratio.streams) == (row.scenario, row.variant, row.streams)
    };
    results.ratios.iter().find(same).filter(|_| row.role == Role::Subject)
}
