//! Sizes of files and functions as a ratchet: a large one may be listed with its size, and that size may only go down.

use std::collections::BTreeMap;

use super::files::TextFile;
use super::tokens::Source;
use super::{Finding, functions, text_of};

/// Lines of product code, comments included, beyond which a file wants to be two.
const FILE_LIMIT: usize = 400;

/// Lines from signature to closing brace beyond which a function wants to be two, in tests as well.
const FUNCTION_LIMIT: usize = 60;

/// `path lines` and `path::function lines` pairs, one a line; `#` begins a comment.
const EXCEPTIONS: &str = "xtask/size-exceptions.txt";

/// Sizes by what has them: a path, or a path with `::` and a function's name.
type Sizes = BTreeMap<String, usize>;

/// Files and functions beyond their limit that are not listed or have grown, and list entries that say too much.
pub(super) fn check(sources: &[Source<'_>], files: &[TextFile]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut sizes = Sizes::new();
    for source in sources {
        match sizes_of(source) {
            Ok(found) => sizes.extend(found),
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(compare(&sizes, &exceptions(files)));
    findings
}

/// The exceptions with every size that has gone down written down, and the entries no longer needed left out.
pub(super) fn shrunk_exceptions(files: &[TextFile]) -> Option<TextFile> {
    let text = text_of(files, EXCEPTIONS)?;
    let mut lines = Vec::new();
    for line in text.lines() {
        let Some((name, listed)) = entry(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let path = name.split_once("::").map_or(name, |(path, _)| path);
        let file = files.iter().find(|file| file.path == path);
        let sizes = file.and_then(|file| sizes_of(&Source::parse(file).ok()?).ok()).unwrap_or_default();
        let size = sizes.get(name).copied().unwrap_or(0);
        if size > limit(name) {
            lines.push(format!("{name} {}", size.min(listed)));
        }
    }
    Some(TextFile { path: EXCEPTIONS.to_owned(), text: lines.join("\n") + "\n" })
}

/// The size of a file, unless it is a test, and of each function in it.
fn sizes_of(source: &Source<'_>) -> Result<Sizes, Finding> {
    let mut sizes = Sizes::new();
    for function in functions::find(source)? {
        let size = sizes.entry(format!("{}::{}", source.path, function.name)).or_default();
        // Functions of one name, as in two `cfg` variants, share an entry.
        *size = function.lines.max(*size);
    }
    sizes.extend(product_lines(source).map(|lines| (source.path.to_owned(), lines)));
    Ok(sizes)
}

fn limit(name: &str) -> usize {
    if name.contains("::") { FUNCTION_LIMIT } else { FILE_LIMIT }
}

fn exceptions(files: &[TextFile]) -> Sizes {
    let text = text_of(files, EXCEPTIONS).unwrap_or_default();
    text.lines().filter_map(entry).map(|(name, lines)| (name.to_owned(), lines)).collect()
}

fn entry(line: &str) -> Option<(&str, usize)> {
    let (name, lines) = line.split('#').next()?.trim().split_once(' ')?;
    Some((name, lines.trim().parse().ok()?))
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
    for (name, &lines) in sizes {
        let limit = limit(name);
        let of = if limit == FILE_LIMIT { " without tests" } else { "" };
        let message = match listed.get(name) {
            None if lines > limit => {
                format!("has {lines} lines{of}, the limit is {limit}: make two of it")
            }
            Some(&allowed) if lines > allowed => {
                format!("grew from {allowed} to {lines} lines: what is listed may only shrink")
            }
            Some(&allowed) if lines < allowed => format!(
                "is listed with {allowed} lines and has {lines}: run `cargo xtask tidy --write` to keep the gain"
            ),
            _ => continue,
        };
        findings.push(Finding::new(name, message));
    }
    for name in listed.keys().filter(|name| !sizes.contains_key(*name)) {
        findings.push(Finding::new(
            EXCEPTIONS,
            format!("names {name}, which is not there: run `cargo xtask tidy --write`"),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{EXCEPTIONS, FILE_LIMIT, FUNCTION_LIMIT, check, shrunk_exceptions};
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
        assert_eq!(found(&files(FILE_LIMIT, "")), Vec::<String>::new());
        assert_eq!(found(&files(FILE_LIMIT + 1, "")).len(), 1);
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

    /// A file with a function of `lines` lines, and the list of exceptions.
    fn function(lines: usize, exceptions: &str) -> Vec<TextFile> {
        let body = "    let a = 1;\n".repeat(lines - 2);
        vec![
            TextFile { path: PATH.to_owned(), text: format!("//! A.\nimpl A {{\nfn b() {{\n{body}}}\n}}\n") },
            TextFile { path: EXCEPTIONS.to_owned(), text: exceptions.to_owned() },
        ]
    }

    #[test]
    fn a_long_function_is_found_in_a_short_file() {
        assert_eq!(found(&function(FUNCTION_LIMIT, "")), Vec::<String>::new());
        let long = found(&function(FUNCTION_LIMIT + 1, ""));
        assert_eq!(long, ["crates/nack/src/lib.rs::A::b: has 61 lines, the limit is 60: make two of it"]);
    }

    #[test]
    fn a_listed_function_may_shrink_only() {
        let list = format!("{PATH}::A::b 70\n");
        assert_eq!(found(&function(70, &list)), Vec::<String>::new());
        assert!(found(&function(71, &list))[0].contains("grew from 70 to 71"));
        assert!(found(&function(65, &list))[0].contains("keep the gain"));
        assert_eq!(shrunk_exceptions(&function(65, &list)).unwrap().text, format!("{PATH}::A::b 65\n"));
        assert_eq!(found(&function(50, &list)).len(), 1);
        assert_eq!(shrunk_exceptions(&function(50, &list)).unwrap().text, "\n");
    }
}
