//! The tables of `docs/congestion.md`.

use std::fmt::Write as _;

use rmcat::case;

use super::Results;
use super::verdicts::{markdown, shown};

/// Between these lines stands what is written here; everything else is by hand.
const GATES: (&str, &str) = ("<!-- gates: generated -->\n", "<!-- gates: end -->\n");
const SIDE_BY_SIDE: (&str, &str) = ("<!-- side by side: generated -->\n", "<!-- side by side: end -->\n");

/// The page with new tables, under a line that says what they are of. `None`: it has no place for them.
#[must_use]
pub fn fill(page: &str, results: &Results, run_of: &str) -> Option<String> {
    let page = between(page, GATES, &format!("\n{run_of}\n\n{}\n", markdown(results)))?;
    between(&page, SIDE_BY_SIDE, &format!("\n{}\n", side_by_side(results)))
}

fn between(page: &str, (begin, end): (&str, &str), text: &str) -> Option<String> {
    let (before, rest) = page.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}{text}{end}{after}"))
}

/// A row a case: medians, and in brackets the worst or best seed on either side.
fn side_by_side(results: &Results) -> String {
    let mut text = "| case | what | figures |".to_owned();
    for column in &results.columns {
        let _ = write!(text, " {} |", column.name);
    }
    text.push_str("\n|---|---|---|");
    text.push_str(&"--:|".repeat(results.columns.len()));
    text.push('\n');
    for (place, case) in case::all().iter().enumerate() {
        let names: Vec<&str> = case.shows.iter().map(|shown| shown.name).collect();
        let _ = write!(text, "| {} | {} | {} |", case.name, case.about, names.join("<br>"));
        for column in &results.columns {
            let figures = column.outcomes.get(place).map(|outcome| &outcome.figures);
            let cells = figures.into_iter().flatten().map(|figure| {
                let least = figure.values.iter().copied().fold(f64::INFINITY, f64::min);
                let most = figure.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                format!("{} [{}–{}]", shown(Some(figure.median())), shown(Some(least)), shown(Some(most)))
            });
            let _ = write!(text, " {} |", cells.collect::<Vec<_>>().join("<br>"));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{GATES, between};

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let page = format!("by hand\n{}old\n{}more\n", GATES.0, GATES.1);
        let new = between(&page, GATES, "new\n").unwrap();
        assert_eq!(new, format!("by hand\n{}new\n{}more\n", GATES.0, GATES.1));
        assert_eq!(between("nothing", GATES, "new"), None);
    }
}
