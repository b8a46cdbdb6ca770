//! The gates, and what everybody came to.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use rmcat::gate::{GATES, Gate};
use serde::Serialize;

use super::{Column, Results};

/// A gate with everybody's figures.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    case: &'static str,
    metric: String,
    limit: f64,
    op: String,
    ours: Option<f64>,
    goog_cc: Option<f64>,
    rtc: Option<f64>,
    pass: bool,
    #[serde(skip)]
    gate: Gate,
}

#[derive(Serialize)]
struct Gates {
    gates: Vec<Verdict>,
}

/// All gates, in their order.
#[must_use]
pub fn verdicts(results: &Results) -> Vec<Verdict> {
    let figure = |gate: &Gate, name: &str| {
        let column = results.columns.iter().find(|column| column.name == name)?;
        figure(gate, column)
    };
    let verdict = |gate: Gate| {
        let ours = results.columns.first().and_then(|column| self::figure(&gate, column));
        Verdict {
            case: gate.case,
            metric: gate.metric_name(),
            limit: gate.limit,
            op: gate.op.to_string(),
            ours,
            goog_cc: figure(&gate, "goog_cc"),
            rtc: figure(&gate, "rtc-interceptor"),
            pass: ours.is_some_and(|ours| gate.holds(ours)),
            gate,
        }
    };
    GATES.into_iter().map(verdict).collect()
}

/// With four digits behind the point; judged as it is shown.
fn figure(gate: &Gate, column: &Column) -> Option<f64> {
    let outcome = column.outcomes.iter().find(|outcome| outcome.case == gate.case)?;
    let figure = gate.figure(outcome.values(gate.metric)?);
    figure.is_finite().then(|| (figure * 1e4).round() / 1e4)
}

/// One object for programs.
///
/// # Errors
/// None that figures could bring about.
pub fn json(results: &Results) -> Result<String> {
    serde_json::to_string_pretty(&Gates { gates: verdicts(results) }).context("writing JSON")
}

/// For people: a line a gate, and how many hold.
#[must_use]
pub fn table(results: &Results) -> String {
    let mut text = format!(
        "{:<9} {:<28} {:>9} {:>9} {:>9} {:>9}\n",
        "case", "figure", "limit", "ours", "goog_cc", "rtc"
    );
    let verdicts = verdicts(results);
    for verdict in &verdicts {
        let Verdict { case, metric, limit, op, ours, goog_cc, rtc, pass, .. } = verdict;
        let [ours, goog_cc, rtc] = [ours, goog_cc, rtc].map(|figure| shown(*figure));
        let missed = if *pass { "" } else { "  missed" };
        let limit = format!("{op} {limit}");
        let _ = writeln!(text, "{case:<9} {metric:<28} {limit:>9} {ours:>9} {goog_cc:>9} {rtc:>9}{missed}");
    }
    let held = verdicts.iter().filter(|verdict| verdict.pass).count();
    let _ = write!(text, "{held} of {} gates hold", verdicts.len());
    text
}

/// The same as a table of the page.
pub(super) fn markdown(results: &Results) -> String {
    let mut text = "| case | figure | limit | ours | goog_cc | rtc-interceptor |\n\
                    |---|---|--:|--:|--:|--:|\n"
        .to_owned();
    for verdict in verdicts(results) {
        let Verdict { case, metric, limit, op, ours, goog_cc, rtc, gate, .. } = verdict;
        let cell = |figure: Option<f64>| match figure {
            Some(figure) if gate.holds(figure) => format!("**{}**", shown(Some(figure))),
            figure => shown(figure),
        };
        let op = if op == ">=" { "≥" } else { "≤" };
        let _ = writeln!(
            text,
            "| {case} | {metric} | {op} {limit} | {} | {} | {} |",
            cell(ours),
            cell(goog_cc),
            cell(rtc)
        );
    }
    text
}

/// Three digits or so.
pub(super) fn shown(figure: Option<f64>) -> String {
    match figure {
        None => "–".to_owned(),
        Some(figure) if figure.abs() >= 100.0 => format!("{figure:.0}"),
        Some(figure) if figure.abs() >= 10.0 => format!("{figure:.1}"),
        Some(figure) if figure.abs() >= 1.0 => format!("{figure:.2}"),
        Some(figure) => format!("{figure:.3}"),
    }
}
