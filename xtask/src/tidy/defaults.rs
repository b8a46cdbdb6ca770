//! Every option of a library stands in `docs/defaults.md` with its default and a source, and nothing else does.

use std::collections::BTreeMap;

use super::files::TextFile;
use super::tokens::Source;
use super::{Finding, text_of};

const DOCUMENT: &str = "docs/defaults.md";

/// Structs with these endings hold options.
const ENDINGS: [&str; 3] = ["Options", "Limits", "Config"];

/// Folders of programs and of what is not published. A program's options are in its `--help`.
const NOT_LIBRARIES: [&str; 5] = [
    "crates/rtptap/",
    "crates/internal/bench/",
    "crates/internal/e2e/",
    "crates/internal/fuzz/",
    "crates/internal/guides/",
];

/// Options that the document lacks, and options that it alone has.
pub(super) fn check(sources: &[Source<'_>], files: &[TextFile]) -> Vec<Finding> {
    let structs: Vec<Options> =
        sources.iter().filter(|source| is_library(source.path)).flat_map(options).collect();
    let Some(text) = text_of(files, DOCUMENT) else {
        let missing =
            (!structs.is_empty()).then(|| Finding::new(DOCUMENT, "is missing: options have no document"));
        return missing.into_iter().collect();
    };
    let documented = sections(text);
    let mut findings: Vec<Finding> =
        structs.iter().flat_map(|options| undocumented(options, &documented)).collect();
    for (line, text) in
        text.lines().enumerate().filter(|(_, text)| text.starts_with("| `") && !explains(text))
    {
        let option = text.split(" |").next().unwrap_or_default().trim_start_matches("| ");
        findings.push(Finding::at(
            DOCUMENT,
            line + 1,
            format!("{option} has no default, or no source for it"),
        ));
    }
    for (name, rows) in &documented {
        let known = structs.iter().find(|options| options.name == *name);
        for (row, line) in rows {
            if !known.is_some_and(|options| options.fields.iter().any(|(field, _)| field == row)) {
                findings.push(Finding::at(DOCUMENT, *line, format!("`{name}` has no public field `{row}`")));
            }
        }
    }
    findings
}

/// A struct of options with its public fields and their lines.
struct Options {
    path: String,
    line: usize,
    name: String,
    fields: Vec<(String, usize)>,
}

/// Names in a document, each with its line.
type Rows = BTreeMap<String, usize>;

fn is_library(path: &str) -> bool {
    path.starts_with("crates/")
        && path.contains("/src/")
        && !NOT_LIBRARIES.iter().any(|folder| path.starts_with(folder))
}

/// The structs of options that a file makes public.
fn options(source: &Source<'_>) -> Vec<Options> {
    let starts = source.tokens.windows(4).enumerate().filter_map(|(at, window)| match window {
        [public, keyword, name, open]
            if public.text == "pub" && keyword.text == "struct" && open.text == "{" && !public.in_test =>
        {
            ENDINGS.iter().any(|ending| name.text.ends_with(ending)).then_some((at + 4, name))
        }
        _ => None,
    });
    starts
        .map(|(body, name)| Options {
            path: source.path.to_owned(),
            line: name.line,
            name: name.text.clone(),
            fields: public_fields(source, body),
        })
        .collect()
}

/// The fields `pub name: …` of the struct whose body begins at token `body`.
fn public_fields(source: &Source<'_>, body: usize) -> Vec<(String, usize)> {
    let mut fields = Vec::new();
    let mut depth = 1;
    for window in source.tokens.get(body..).unwrap_or_default().windows(3) {
        let [first, name, colon] = window else { break };
        match first.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            "pub" if depth == 1 && colon.text == ":" => fields.push((name.text.clone(), name.line)),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    fields
}

/// The first cells of each table row, by the name in the heading above them.
fn sections(markdown: &str) -> BTreeMap<String, Rows> {
    let mut sections: BTreeMap<String, Rows> = BTreeMap::new();
    let mut current: Option<String> = None;
    for (index, line) in markdown.lines().enumerate() {
        if line.starts_with('#') {
            current = line.strip_prefix("## ").and_then(code).map(str::to_owned);
            if let Some(name) = &current {
                sections.entry(name.clone()).or_default();
            }
            continue;
        }
        let row = line.strip_prefix("| ").and_then(|row| code(row.split(" |").next()?));
        if let (Some(name), Some(row)) = (&current, row) {
            sections.entry(name.clone()).or_default().insert(row.to_owned(), index + 1);
        }
    }
    sections
}

/// True if a row's second cell, the default, and its last one, the source, say something.
fn explains(row: &str) -> bool {
    let mut cells = row.trim().trim_matches('|').split('|').skip(1);
    let default = cells.next();
    [default, cells.last().or(default)].iter().all(|cell| cell.is_some_and(|cell| !cell.trim().is_empty()))
}

/// What stands between two backquotes, if nothing else is there.
fn code(text: &str) -> Option<&str> {
    text.trim().strip_prefix('`')?.strip_suffix('`')
}

fn undocumented(options: &Options, documented: &BTreeMap<String, Rows>) -> Vec<Finding> {
    let Options { path, line, name, fields } = options;
    let Some(rows) = documented.get(name) else {
        return vec![Finding::at(path, *line, format!("`{name}` has no section in {DOCUMENT}"))];
    };
    let missing = fields.iter().filter(|(field, _)| !rows.contains_key(field));
    missing
        .map(|(field, line)| Finding::at(path, *line, format!("`{name}::{field}` is not in {DOCUMENT}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{DOCUMENT, check};
    use crate::tidy::files::TextFile;
    use crate::tidy::tokens::Source;

    const CODE: &str = "//! A.\n/// B.\npub struct NackOptions {\n    /// C.\n    pub size: [u8; 2],\n    #[doc = \"D\"]\n    pub age: Option<(u8, u8)>,\n    pub(crate) hidden: u8,\n    own: u8,\n}\npub struct Other { pub field: u8 }\n";

    fn found(path: &str, document: Option<&str>) -> Vec<String> {
        let mut files = vec![TextFile { path: path.to_owned(), text: CODE.to_owned() }];
        files.extend(document.map(|text| TextFile { path: DOCUMENT.to_owned(), text: text.to_owned() }));
        let sources = [Source::parse(&files[0]).unwrap()];
        check(&sources, &files).iter().map(ToString::to_string).collect()
    }

    const LIBRARY: &str = "crates/nack/src/options.rs";

    #[test]
    fn a_document_with_every_public_field_is_fine() {
        let document = "# Defaults\n\n## `NackOptions`\n\n| option | default |\n|---|---|\n| `size` | 2 |\n| `age` | none |\n\n## Fixed\n\n| `what` | 7 |\n";
        assert_eq!(found(LIBRARY, Some(document)), Vec::<String>::new());
    }

    #[test]
    fn a_field_that_is_missing_is_named_with_its_line() {
        let findings = found(LIBRARY, Some("## `NackOptions`\n| `size` | 2 |\n"));
        assert_eq!(findings, ["crates/nack/src/options.rs:7: `NackOptions::age` is not in docs/defaults.md"]);
    }

    #[test]
    fn a_struct_without_a_section_is_named() {
        let findings = found(LIBRARY, Some("# Defaults\n"));
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].starts_with("crates/nack/src/options.rs:3: "), "{findings:?}");
    }

    #[test]
    fn a_row_without_a_field_is_stale() {
        let document = "## `NackOptions`\n| `size` | 2 |\n| `age` | 1 |\n| `hidden` | 1 |\n## `GoneOptions`\n| `a` | 1 |\n";
        let findings = found(LIBRARY, Some(document));
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[1].starts_with("docs/defaults.md:4: "), "{findings:?}");
    }

    #[test]
    fn a_row_without_a_default_or_a_source_is_found() {
        for bare in ["| `age` | 1 | 1..=2 | |", "| `age` | | 1..=2 | RFC |", "| `age` |"] {
            let document = format!("## `NackOptions`\n| `size` | 2 | | ours |\n{bare}\n");
            let findings = found(LIBRARY, Some(&document));
            assert_eq!(findings, ["docs/defaults.md:3: `age` has no default, or no source for it"], "{bare}");
        }
    }

    #[test]
    fn a_missing_document_is_found_and_programs_need_none() {
        assert_eq!(found(LIBRARY, None).len(), 1);
        assert_eq!(found("crates/rtptap/src/options.rs", None), Vec::<String>::new());
        assert_eq!(found("crates/nack/tests/it/options.rs", None), Vec::<String>::new());
    }
}
