//! The table as a page shows it, and whether a page shows it.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use super::{Means, Row, svg};

/// What may stay lost, in percent.
const GOAL: f64 = 0.1;
const BEGIN: &str = "<!-- table: generated -->\n";
const END: &str = "<!-- table: end -->";

/// The table in Markdown: bold what reaches the goal, and marked what does so with the least overhead.
#[must_use]
pub fn block(rows: &[Row]) -> String {
    let mut text = String::from("\n| RTT | loss | burst |");
    Means::ALL.iter().for_each(|means| {
        let _ = write!(text, " {} |", means.name());
    });
    text += "\n|--:|--:|--:|--:|--:|--:|--:|\n";
    for row in rows {
        let cell = row.cell;
        let _ = write!(text, "| {} | {:.0} % | {} |", cell.rtt, 100.0 * cell.loss, cell.burst);
        for figures in &row.figures {
            let [mark, residual] =
                [if figures.residual <= GOAL { "**" } else { "" }, &format!("{:.2}", figures.residual)];
            let after = if figures.recovered_after > 0.0 {
                format!("{:.0}", figures.recovered_after)
            } else {
                "–".into()
            };
            let _ = write!(text, " {mark}{residual}{mark} / {:.0} / {after} |", figures.overhead);
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

/// The pictures: a name and an SVG each.
fn pictures(rows: &[Row]) -> Vec<(String, String)> {
    [20, 100, 300].map(|rtt| (format!("rtt-{rtt}.svg"), svg(rtt, rows))).to_vec()
}

/// Writes the table into `docs/repair.md` and the pictures beside it.
///
/// # Errors
/// What cannot be read or written, and a page without a place for the table.
pub fn write(docs: &Path, rows: &[Row]) -> io::Result<()> {
    let page = docs.join("repair.md");
    let text = fs::read_to_string(&page)?;
    fs::write(&page, with_block(&text, rows)?)?;
    fs::create_dir_all(docs.join("repair"))?;
    for (name, picture) in pictures(rows) {
        fs::write(docs.join("repair").join(name), picture)?;
    }
    Ok(())
}

/// Do the page and the pictures show these rows?
///
/// # Errors
/// What cannot be read, and a page without a place for the table.
pub fn is_current(docs: &Path, rows: &[Row]) -> io::Result<bool> {
    let text = fs::read_to_string(docs.join("repair.md"))?;
    let mut current = with_block(&text, rows)? == text;
    for (name, picture) in pictures(rows) {
        current &= fs::read_to_string(docs.join("repair").join(name))? == picture;
    }
    Ok(current)
}

fn with_block(text: &str, rows: &[Row]) -> io::Result<String> {
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        parts.ok_or_else(|| io::Error::other("docs/repair.md has no place for the table"))?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", block(rows)))
}
