//! Rules of a single Rust file: its first line, its lints, and no clock or chance in a library.

use super::Finding;
use super::dependencies::SHELLS;
use super::tokens::Source;

/// Library files that read a clock after all, and why.
const CLOCK_READERS: [&str; 1] = [
    // The epoch of virtual time: std offers no other way to make an `Instant`.
    "crates/test/src/clock.rs",
];

/// Folders of [`SHELLS`] and of what is never part of a library.
const SHELL_FOLDERS: [&str; 5] =
    ["crates/tokio/", "crates/rtptap/", "crates/internal/bench/", "crates/internal/fuzz/", "xtask/"];

/// Token sequences that a library's product code must not have, with the remedy.
const CLOCKS: [(&[&str], &str); 5] = [
    (&["Instant", ":", ":", "now"], "time is an argument"),
    (&["SystemTime", ":", ":", "now"], "time is an argument"),
    (&[".", "elapsed", "("], "it reads the clock: subtract two instants"),
    (&["env", ":", ":", "var"], "options are arguments"),
    (&["env", ":", ":", "var_os"], "options are arguments"),
];

/// Token sequences that a library must not have even in its tests: such a test could not be replayed.
const CHANCE: [(&[&str], &str); 6] = [
    (&["thread", ":", ":", "sleep"], "use virtual time"),
    (&["rand", ":", ":", "rng", "("], "use a seed"),
    (&["rand", ":", ":", "random"], "use a seed"),
    (&["thread_rng", "("], "use a seed"),
    (&["from_os_rng", "("], "use a seed"),
    (&["from_entropy", "("], "use a seed"),
];

/// Every broken rule in one file.
pub(super) fn check(source: &Source<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(opening(source));
    findings.extend(bare_allow(source));
    if is_library(source.path) {
        findings.extend(clocks(source));
        findings.extend(chance(source));
    }
    findings
}

fn is_library(path: &str) -> bool {
    path.starts_with("crates/") && !SHELL_FOLDERS.iter().any(|folder| path.starts_with(folder))
}

fn opening(source: &Source<'_>) -> Option<Finding> {
    let first = source.text.lines().next().unwrap_or_default();
    let says = first.strip_prefix("//!").is_some_and(|text| !text.trim().is_empty());
    (!says)
        .then(|| Finding::at(source.path, 1, "opens without a `//!` sentence that says what the file is for"))
}

fn bare_allow(source: &Source<'_>) -> Vec<Finding> {
    let attributes = source.find(&["allow", "("]).filter(|token| token.in_attribute);
    attributes
        .map(|token| {
            Finding::at(
                source.path,
                token.line,
                "`allow` hides a lint for ever: use `#[expect(lint, reason = \"…\")]`",
            )
        })
        .collect()
}

fn clocks(source: &Source<'_>) -> Vec<Finding> {
    if !source.path.contains("/src/") || CLOCK_READERS.contains(&source.path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (pattern, remedy) in CLOCKS {
        let product_code = source.find(pattern).filter(|token| !token.in_test);
        findings.extend(product_code.map(|token| forbidden(source, token.line, pattern, remedy)));
    }
    findings
}

fn chance(source: &Source<'_>) -> Vec<Finding> {
    let found = CHANCE.iter().flat_map(|(pattern, remedy)| {
        source.find(pattern).map(move |token| forbidden(source, token.line, pattern, remedy))
    });
    found.collect()
}

fn forbidden(source: &Source<'_>, line: usize, pattern: &[&str], remedy: &str) -> Finding {
    let shells = SHELLS.join(", ");
    Finding::at(
        source.path,
        line,
        format!("`{}` belongs to {shells} only: {remedy}", pattern.concat().trim_end_matches('(')),
    )
}

#[cfg(test)]
mod tests {
    use super::{check, is_library};
    use crate::tidy::files::TextFile;
    use crate::tidy::tokens::Source;

    fn found(path: &str, text: &str) -> Vec<String> {
        let file = TextFile { path: path.to_owned(), text: text.to_owned() };
        let source = Source::parse(&file).unwrap();
        check(&source).iter().map(ToString::to_string).collect()
    }

    const LIBRARY: &str = "crates/nack/src/lib.rs";

    #[test]
    fn a_file_opens_with_a_sentence() {
        assert_eq!(found(LIBRARY, "//! What it is for.\nfn a() {}\n"), Vec::<String>::new());
        assert_eq!(found(LIBRARY, "fn a() {}\n").len(), 1);
        assert_eq!(found(LIBRARY, "//!\n//! Late.\n").len(), 1);
        assert_eq!(found("crates/nack/tests/it/main.rs", "").len(), 1);
    }

    #[test]
    fn a_bare_allow_is_found_wherever_it_stands() {
        let text = "//! A.\n#![allow(dead_code)]\n#[allow(unused)]\nfn a() {}\n#[cfg_attr(test, allow(unused))]\nfn b() {}\n";
        let findings = found(LIBRARY, text);
        assert_eq!(findings.len(), 3, "{findings:?}");
        assert!(findings[1].starts_with("crates/nack/src/lib.rs:3: "), "{findings:?}");
    }

    #[test]
    fn a_function_named_allow_and_an_expect_are_fine() {
        assert_eq!(
            found(LIBRARY, "//! A.\n#[expect(unused, reason = \"allow(x)\")]\nfn a() { allow(1); }\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_clock_in_a_library_is_found() {
        for code in
            ["Instant::now()", "std::time::SystemTime::now()", "start.elapsed()", "std::env::var(\"A\")"]
        {
            let text = format!("//! A.\nfn a() {{ let t = {code}; }}\n");
            assert_eq!(found(LIBRARY, &text).len(), 1, "{code}");
            assert_eq!(found("crates/tokio/src/timer.rs", &text), Vec::<String>::new(), "{code}");
        }
    }

    #[test]
    fn tests_may_take_an_epoch_but_never_sleep_or_throw_dice() {
        let epoch = "//! A.\n#[cfg(test)]\nmod tests { fn a() { Instant::now(); } }\n";
        assert_eq!(found(LIBRARY, epoch), Vec::<String>::new());
        assert_eq!(
            found("crates/nack/tests/it/main.rs", "//! A.\nfn a() { Instant::now(); }\n"),
            Vec::<String>::new()
        );
        for code in
            ["std::thread::sleep(d)", "rand::rng()", "rand::random::<u8>()", "SmallRng::from_os_rng()"]
        {
            let text = format!("//! A.\n#[cfg(test)]\nmod tests {{ fn a() {{ {code}; }} }}\n");
            assert_eq!(found(LIBRARY, &text).len(), 1, "{code}");
        }
    }

    #[test]
    fn shells_are_not_libraries() {
        assert!(is_library("crates/nack/src/lib.rs"));
        assert!(!is_library("crates/rtptap/src/main.rs"));
        assert!(!is_library("xtask/src/main.rs"));
    }
}
