//! Every place that the maps name exists: the file, in it an item of that name, and where a test is named it is one.

use std::collections::{BTreeMap, BTreeSet};

use super::files::TextFile;
use super::tokens::{Source, Token};
use super::{Finding, text_of};

/// A document of tables. A row says what is asked for, where it is met, and by which tests it would be missed.
struct Map {
    document: &'static str,
    without: &'static str,
    /// What a path begins at.
    base: Base,
}

enum Base {
    /// The folder that the heading above names, as in `` ## `crates/nack` ``.
    Heading,
    /// The folder of all.
    Root,
}

const MAPS: [Map; 2] = [
    Map {
        document: "docs/rfc-map.md",
        without: "nothing says where the RFCs are implemented",
        base: Base::Heading,
    },
    Map {
        document: "docs/texts.md",
        without: "nothing says where what was asked for is met",
        base: Base::Root,
    },
];

/// What an item's name stands behind.
const KEYWORDS: [&str; 10] =
    ["fn", "struct", "enum", "trait", "const", "static", "type", "mod", "union", "macro_rules"];

/// The names in a Rust file.
#[derive(Default)]
struct Names<'a> {
    items: BTreeSet<&'a str>,
    tests: BTreeSet<&'a str>,
}

/// Places that are not there, tests that are none, and rows that lack either.
pub(super) fn check(sources: &[Source<'_>], files: &[TextFile]) -> Vec<Finding> {
    let known: BTreeMap<&str, Names<'_>> =
        sources.iter().map(|source| (source.path, names(&source.tokens))).collect();
    MAPS.iter().flat_map(|map| check_map(map, &known, files)).collect()
}

fn check_map(map: &Map, known: &BTreeMap<&str, Names<'_>>, files: &[TextFile]) -> Vec<Finding> {
    let Some(text) = text_of(files, map.document) else {
        return vec![Finding::new(map.document, format!("is missing: {}", map.without))];
    };
    let mut findings = Vec::new();
    let mut folder = "";
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        if let (Base::Heading, Some(heading)) = (&map.base, line.strip_prefix("## ")) {
            folder = heading.trim().trim_matches('`');
        }
        let is_head = lines.get(index + 1).is_some_and(|next| next.starts_with("|-"));
        let Some(cells) = cells(line).filter(|_| !is_head) else { continue };
        let last = cells.len() - 1;
        let places = cells.iter().enumerate().skip(1);
        let broken = places.flat_map(|(column, cell)| {
            check_cell(cell, &Look { folder, known, files, for_tests: column == last })
        });
        findings.extend(broken.map(|message| Finding::at(map.document, index + 1, message)));
        if cells.len() < 3 {
            findings.push(Finding::at(map.document, index + 1, "names no place or no test"));
        }
    }
    findings
}

/// The cells of a table's row.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
    Some(row.split(" | ").collect())
}

/// Where places are looked up.
struct Look<'a> {
    folder: &'a str,
    known: &'a BTreeMap<&'a str, Names<'a>>,
    files: &'a [TextFile],
    for_tests: bool,
}

impl Look<'_> {
    fn path(&self, path: &str) -> String {
        if self.folder.is_empty() { path.to_owned() } else { format!("{}/{path}", self.folder) }
    }
}

/// What is wrong with a cell of places: `` `file.rs::name` `` each, where a name without a file is in the file before it, or
/// whole files.
fn check_cell(cell: &str, look: &Look<'_>) -> Vec<String> {
    let places: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
    if places.is_empty() {
        return vec![format!("`{cell}` names no place: write `file.rs::name` in backquotes")];
    }
    let mut file = String::new();
    places.into_iter().filter_map(|place| check_place(place, &mut file, look)).collect()
}

fn check_place(place: &str, file: &mut String, look: &Look<'_>) -> Option<String> {
    let path = match place.split_once(".rs::") {
        Some((stem, path)) => {
            *file = look.path(&format!("{stem}.rs"));
            path
        }
        // A whole file; a name that is none of an item has a dot or a slash.
        None if place.contains(['/', '.']) => {
            let whole = look.path(place);
            let there = look.files.iter().any(|file| file.path == whole);
            return (!there).then(|| format!("`{place}`: there is no file {whole}"));
        }
        None => place,
    };
    let Some(known) = look.known.get(file.as_str()) else {
        return Some(format!("`{place}`: there is no file {file}"));
    };
    if let Some(missing) = path.split("::").find(|name| !known.items.contains(name)) {
        return Some(format!("`{place}`: there is no `{missing}` in {file}"));
    }
    let name = path.rsplit("::").next().unwrap_or(path);
    (look.for_tests && !known.tests.contains(name)).then(|| format!("`{place}`: `{name}` is no test"))
}

/// The names of all items in a file, and of those that are tests.
fn names(tokens: &[Token]) -> Names<'_> {
    let mut names = Names::default();
    // Between `#[test]`, `#[tokio::test]` and the function that it stands on.
    let mut for_test = false;
    for (at, token) in tokens.iter().enumerate() {
        let text = token.text.as_str();
        if token.in_attribute {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before));
            for_test |=
                text == "test" && before.is_some_and(|before| ["[", ":"].contains(&before.text.as_str()));
            continue;
        }
        if KEYWORDS.contains(&text) {
            let name = tokens.iter().skip(at + 1).map(|token| token.text.as_str()).find(|text| *text != "!");
            names.items.extend(name);
            names.tests.extend(name.filter(|_| text == "fn" && for_test));
        }
        for_test &= !["fn", "{", "}", ";"].contains(&text);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{MAPS, check};
    use crate::tidy::files::TextFile;
    use crate::tidy::tokens::Source;

    const CODE: &str = "//! A.\nconst MAX: u8 = 1;\nstruct Log;\nimpl Log { fn add() { other(); } }\n\
        macro_rules! each { () => {} }\n\
        #[cfg(test)]\nmod tests {\n #[test]\n #[should_panic]\n fn adds() { fn helper() {} }\n\
         #[tokio::test(flavor = \"x\")]\n async fn waits() {}\n fn sets_up() {}\n}\n#[cfg(test)]\nfn kit() {}\n";

    /// What is found in both maps, each with these rows.
    fn found_in(by_heading: &str, from_root: &str) -> Vec<String> {
        let file = |path: &str, text: String| TextFile { path: path.to_owned(), text };
        let map =
            |rows| format!("# Map\n\n## `crates/nack`\n\n| what | where | tests |\n|---|---|---|\n{rows}");
        let files = [
            file("crates/nack/src/log.rs", CODE.to_owned()),
            file(MAPS[0].document, map(by_heading)),
            file(MAPS[1].document, map(from_root)),
            file("docs/defaults.md", String::new()),
            file("a.toml", String::new()),
        ];
        let sources = [Source::parse(&files[0]).unwrap()];
        check(&sources, &files).iter().map(ToString::to_string).collect()
    }

    fn found(rows: &str) -> Vec<String> {
        found_in(rows, "")
    }

    #[test]
    fn places_that_exist_are_fine() {
        let rows =
            "| 4585 §6.2 | `src/log.rs::Log::add`, `MAX`, `each` | `src/log.rs::adds`, `tests::waits` |\n";
        assert_eq!(found(rows), Vec::<String>::new());
    }

    #[test]
    fn paths_of_what_was_asked_for_begin_at_the_root() {
        let rows =
            "| keep | `crates/nack/src/log.rs::Log`, `docs/defaults.md` | `crates/nack/src/log.rs::adds` |\n";
        assert_eq!(found_in("", rows), Vec::<String>::new());
        assert_eq!(
            found_in("", "| keep | `src/log.rs::Log` | `docs/gone.md` |\n"),
            [
                "docs/texts.md:7: `src/log.rs::Log`: there is no file src/log.rs",
                "docs/texts.md:7: `docs/gone.md`: there is no file docs/gone.md",
            ]
        );
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
    fn what_cannot_fail_is_no_test() {
        for name in ["Log", "add", "MAX", "helper", "sets_up", "kit", "tests"] {
            let findings = found(&format!("| 4585 | `src/log.rs::Log` | `src/log.rs::{name}` |\n"));
            assert_eq!(findings.len(), 1, "{name}: {findings:?}");
            assert!(findings[0].ends_with(&format!("`{name}` is no test")), "{findings:?}");
        }
    }

    #[test]
    fn a_file_that_is_gone_is_named() {
        let findings = found("| 4585 | `src/gone.rs::add` | `src/log.rs::adds` |\n");
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].ends_with("there is no file crates/nack/src/gone.rs"), "{findings:?}");
    }

    #[test]
    fn a_row_without_a_test_is_found() {
        assert_eq!(found("| 4585 | `src/log.rs::add` | none |\n").len(), 1);
        assert_eq!(found_in("", "| keep | `crates/nack/src/log.rs::adds` |\n").len(), 1);
    }

    #[test]
    fn a_missing_document_is_found() {
        assert_eq!(check(&[], &[]).len(), MAPS.len());
    }
}
