//! Sizes of files as a ratchet: a large one may be listed with its size, and that size may only go down.

use std::collections::BTreeMap;

use super::files::TextFile;
use super::tokens::Source;
use super::{Finding, text_of};

/// Lines of product code, comments included, beyond which a file wants to be two. Functions are clippy's (`too_many_lines`).
const LIMIT: usize = 400;

/// `path lines` pairs, one a line; `#` begins a comment.
const EXCEPTIONS: &str = "xtask/size-exceptions.txt";

/// Sizes by path.
type Sizes = BTreeMap<String, usize>;

/// Files beyond the limit that are not listed or have grown, and list entries that say too much.
pub(super) fn check(sources: &[Source<'_>], files: &[TextFile]) -> Vec<Finding> {
    let sized = sources.iter().filter_map(|source| Some((source.path.to_owned(), product_lines(source)?)));
    compare(&sized.collect(), &exceptions(files))
}

/// The exceptions with every size that has gone down written down, and the entries no longer needed left out.
pub(super) fn shrunk_exceptions(files: &[TextFile]) -> Option<TextFile> {
    let text = text_of(files, EXCEPTIONS)?;
    let mut lines = Vec::new();
    for line in text.lines() {
        let Some((path, listed)) = entry(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let file = files.iter().find(|file| file.path == path);
        let size = file.and_then(|file| product_lines(&Source::parse(file).ok()?)).unwrap_or(0);
        if size > LIMIT {
            lines.push(format!("{path} {}", size.min(listed)));
        }
    }
    Some(TextFile { path: EXCEPTIONS.to_owned(), text: lines.join("\n") + "\n" })
}

fn exceptions(files: &[TextFile]) -> Sizes {
    let text = text_of(files, EXCEPTIONS).unwrap_or_default();
    text.lines().filter_map(entry).map(|(path, lines)| (path.to_owned(), lines)).collect()
}

fn entry(line: &str) -> Option<(&str, usize)> {
    let (path, lines) = line.split('#').next()?.trim().split_once(' ')?;
    Some((path, lines.trim().parse().ok()?))
}

/// Lines of a file under `src/` without its test items; `None` for files that are tests altogether.
fn product_lines(source: &Source<'_>) -> Option<usize> {
    let is_test = source.path.ends_with("/tests.rs") || source.path.contains("/tests/");
    if !source.path.contains("src/") || is_test {
        return None;
    }
    let test_lines: usize = source.test_lines.iter().map(|lines| lines.end() - lines.start() + 1).sum();
    Some(source.text.lines().count().saturating_sub(test_lines))
}

fn compare(sizes: &Sizes, listed: &Sizes) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, &lines) in sizes {
        let message = match listed.get(path) {
            None if lines > LIMIT => {
                format!("has {lines} lines without tests, the limit is {LIMIT}: make two of it")
            }
            Some(&allowed) if lines > allowed => {
                format!("grew from {allowed} to {lines} lines: what is listed may only shrink")
            }
            Some(&allowed) if lines < allowed => format!(
                "is listed with {allowed} lines and has {lines}: run `cargo xtask tidy --write` to keep the gain"
            ),
            _ => continue,
        };
        findings.push(Finding::new(path, message));
    }
    for path in listed.keys().filter(|path| !sizes.contains_key(*path)) {
        findings.push(Finding::new(
            EXCEPTIONS,
            format!("names {path}, which is not there: run `cargo xtask tidy --write`"),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{EXCEPTIONS, LIMIT, check, shrunk_exceptions};
    use crate::tidy::files::TextFile;
    use crate::tidy::tokens::Source;

    const PATH: &str = "crates/nack/src/lib.rs";

    /// A file of `lines` product lines and 100 test lines, and the list of exceptions.
    fn files(lines: usize, exceptions: &str) -> Vec<TextFile> {
        let product = "fn a() {}\n".repeat(lines - 1);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn b() {}\n".repeat(97));
        vec![
            TextFile { path: PATH.to_owned(), text: format!("//! A.\n{product}{tests}") },
            TextFile { path: EXCEPTIONS.to_owned(), text: exceptions.to_owned() },
        ]
    }

    fn found(files: &[TextFile]) -> Vec<String> {
        let sources: Vec<Source<'_>> =
            files.iter().filter(|file| file.path == PATH).map(|file| Source::parse(file).unwrap()).collect();
        check(&sources, files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn tests_do_not_count() {
        assert_eq!(found(&files(LIMIT, "")), Vec::<String>::new());
        assert_eq!(found(&files(LIMIT + 1, "")).len(), 1);
    }

    #[test]
    fn a_listed_file_may_keep_its_size_but_not_grow() {
        assert_eq!(found(&files(500, &format!("# why\n{PATH} 500 # parser\n"))), Vec::<String>::new());
        let grown = found(&files(501, &format!("{PATH} 500\n")));
        assert!(grown[0].contains("grew from 500 to 501"), "{grown:?}");
    }

    #[test]
    fn a_gain_is_written_down() {
        let shrunk = files(450, &format!("# why\n{PATH} 500\n"));
        assert_eq!(found(&shrunk).len(), 1);
        let written = shrunk_exceptions(&shrunk).unwrap();
        assert_eq!(written.text, format!("# why\n{PATH} 450\n"));
    }

    #[test]
    fn a_file_back_under_the_limit_leaves_the_list() {
        let small = files(300, &format!("# why\n{PATH} 500\n"));
        assert_eq!(found(&small).len(), 1);
        assert_eq!(shrunk_exceptions(&small).unwrap().text, "# why\n");
    }

    #[test]
    fn writing_never_raises_a_size() {
        let grown = files(600, &format!("{PATH} 500\n"));
        assert_eq!(shrunk_exceptions(&grown).unwrap().text, format!("{PATH} 500\n"));
    }

    #[test]
    fn an_entry_without_a_file_is_found() {
        assert_eq!(found(&files(10, "crates/gone/src/lib.rs 500\n")).len(), 1);
    }
}
