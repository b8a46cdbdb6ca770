//! Every place that `docs/rfc-map.md` names exists: the file, and in it an item of that name.

use std::collections::{BTreeMap, BTreeSet};

use super::files::TextFile;
use super::tokens::Source;
use super::{Finding, text_of};

const DOCUMENT: &str = "docs/rfc-map.md";

/// What an item's name stands behind.
const KEYWORDS: [&str; 9] = ["fn", "struct", "enum", "trait", "const", "static", "type", "mod", "union"];

/// Places that are not there, and rows that lack a place.
pub(super) fn check(sources: &[Source<'_>], files: &[TextFile]) -> Vec<Finding> {
    let Some(text) = text_of(files, DOCUMENT) else {
        return vec![Finding::new(DOCUMENT, "is missing: nothing says where the RFCs are implemented")];
    };
    let items: BTreeMap<&str, BTreeSet<&str>> =
        sources.iter().map(|source| (source.path, names(source))).collect();
    let mut findings = Vec::new();
    let mut folder = "";
    for (index, line) in text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("## ") {
            folder = heading.trim().trim_matches('`');
        }
        let Some(cells) = cells(line) else { continue };
        let broken = cells.iter().skip(1).flat_map(|cell| check_cell(cell, folder, &items));
        findings.extend(broken.map(|message| Finding::at(DOCUMENT, index + 1, message)));
    }
    findings
}

/// The cells of a table's row; nothing for its head and the line below.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
    (!row.starts_with("RFC |")).then(|| row.split(" | ").collect())
}

/// What is wrong with a cell of places, `` `file.rs::name` `` each; a name without a file is in the file before it.
fn check_cell(cell: &str, folder: &str, items: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let places: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
    if places.is_empty() {
        return vec![format!("`{cell}` names no place: write `file.rs::name` in backquotes")];
    }
    let mut file = String::new();
    places
        .into_iter()
        .filter_map(|place| {
            let path = match place.split_once(".rs::") {
                Some((stem, path)) => {
                    file = format!("{folder}/{stem}.rs");
                    path
                }
                None => place,
            };
            let Some(known) = items.get(file.as_str()) else {
                return Some(format!("`{place}`: there is no file {file}"));
            };
            let missing = path.split("::").find(|name| !known.contains(name))?;
            Some(format!("`{place}`: there is no `{missing}` in {file}"))
        })
        .collect()
}

/// The names of all items in a file.
fn names<'a>(source: &'a Source<'_>) -> BTreeSet<&'a str> {
    let pairs = source.tokens.windows(2).filter_map(|window| match window {
        [keyword, name] if KEYWORDS.contains(&keyword.text.as_str()) => Some(name.text.as_str()),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::{DOCUMENT, check};
    use crate::tidy::files::TextFile;
    use crate::tidy::tokens::Source;

    fn found(rows: &str) -> Vec<String> {
        let files = [
            TextFile {
                path: "crates/nack/src/log.rs".to_owned(),
                text: "//! A.\nconst MAX: u8 = 1;\nstruct Log;\nimpl Log { fn add() { other(); } }\n"
                    .to_owned(),
            },
            TextFile {
                path: DOCUMENT.to_owned(),
                text: format!("# Map\n\n## `crates/nack`\n\n| RFC | where | tests |\n|---|---|---|\n{rows}"),
            },
        ];
        let sources = [Source::parse(&files[0]).unwrap()];
        check(&sources, &files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn places_that_exist_are_fine() {
        let rows = "| 4585 §6.2 | `src/log.rs::Log::add`, `MAX` | `src/log.rs::Log` |\n";
        assert_eq!(found(rows), Vec::<String>::new());
    }

    #[test]
    fn a_name_that_is_only_used_in_a_file_is_not_in_it() {
        let findings = found("| 4585 | `src/log.rs::other` | `src/log.rs::Log::gone` |\n");
        assert_eq!(
            findings,
            [
                "docs/rfc-map.md:7: `src/log.rs::other`: there is no `other` in crates/nack/src/log.rs",
                "docs/rfc-map.md:7: `src/log.rs::Log::gone`: there is no `gone` in crates/nack/src/log.rs",
            ]
        );
    }

    #[test]
    fn a_file_that_is_gone_is_named() {
        let findings = found("| 4585 | `src/gone.rs::add` | `src/log.rs::add` |\n");
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].ends_with("there is no file crates/nack/src/gone.rs"), "{findings:?}");
    }

    #[test]
    fn a_row_without_a_test_is_found() {
        assert_eq!(found("| 4585 | `src/log.rs::add` | none |\n").len(), 1);
    }

    #[test]
    fn a_missing_document_is_found() {
        assert_eq!(check(&[], &[]).len(), 1);
    }
}
