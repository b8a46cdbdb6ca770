//! Rules of a single Rust file: its first line, whole files without a lint, and what a library may not do although clippy lets it.

use super::Finding;
use super::dependencies::SHELLS;
use super::tokens::Source;

/// Library files that read a clock after all, and why.
const CLOCK_READERS: [&str; 1] = [
    // The epoch of virtual time: std offers no other way to make an `Instant`.
    "crates/test/src/clock.rs",
];

/// Folders of [`SHELLS`] and of what is never part of a library.
const SHELL_FOLDERS: [&str; 8] = [
    "crates/tokio/",
    "crates/webrtc/",
    "crates/rtptap/",
    "crates/internal/bench/",
    "crates/internal/browser/",
    "crates/internal/str0m-tap/",
    "crates/internal/fuzz/",
    "xtask/",
];

/// Token sequences that a library's product code must not have, with the remedy. Clocks, sleeping and ambient randomness
/// are in `clippy.toml`; there the environment would be forbidden to every test and program as well.
const FORBIDDEN: [(&[&str], &str); 4] = [
    // The way around `clippy.toml`, for shells and tests.
    (&["clippy", ":", ":", "disallowed_methods"], "time and chance are arguments"),
    (&["env", ":", ":", "var"], "options are arguments"),
    (&["env", ":", ":", "var_os"], "options are arguments"),
    (&["env", ":", ":", "vars"], "options are arguments"),
];

/// Libraries all of whose code may run for a packet. What others share between threads is not on a packet's way, which no token
/// shows.
const LOCK_FREE: [&str; 13] = [
    "crates/core/src/",
    "crates/packet/src/",
    "crates/nack/src/",
    "crates/rtx/src/",
    "crates/report/src/",
    "crates/rewriter/src/",
    "crates/token-bucket/src/",
    // But for the handle of audio levels, which is locked when streams begin and end.
    "crates/hdrext/src/abs_capture_time/",
    "crates/hdrext/src/abs_send_time/",
    "crates/hdrext/src/forward/",
    "crates/hdrext/src/identification/",
    "crates/hdrext/src/playout_delay/",
    "crates/hdrext/src/transmission_offset/",
];

/// What waits for another thread, or makes one.
const WAITING: [&[&str]; 7] = [
    &["Mutex"],
    &["RwLock"],
    &["Condvar"],
    &["Barrier"],
    &["mpsc"],
    &["thread", ":", ":", "spawn"],
    &["thread", ":", ":", "Builder"],
];

/// Every broken rule in one file.
pub(super) fn check(source: &Source<'_>) -> Vec<Finding> {
    let mut findings = waiting(source);
    findings.extend(opening(source));
    findings.extend(inner_allow(source));
    findings.extend(forbidden(source));
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

/// Clippy's `allow_attributes` overlooks those of a whole file, crate or module.
fn inner_allow(source: &Source<'_>) -> Vec<Finding> {
    let found = source.find(&["#", "!", "[", "allow", "("]);
    let message = "`#![allow]` hides a lint for ever: use `#![expect(lint, reason = \"…\")]`";
    found.map(|token| Finding::at(source.path, token.line, message)).collect()
}

/// No packet waits for a lock.
fn waiting(source: &Source<'_>) -> Vec<Finding> {
    if !LOCK_FREE.iter().any(|folder| source.path.starts_with(folder)) {
        return Vec::new();
    }
    let found = WAITING.iter().flat_map(|pattern| {
        let product_code = source.find(pattern).filter(|token| !token.in_test);
        product_code.map(|token| {
            let message =
                format!("`{}` on the way of packets: a chain is one thread's at a time", pattern.concat());
            Finding::at(source.path, token.line, message)
        })
    });
    found.collect()
}

fn forbidden(source: &Source<'_>) -> Vec<Finding> {
    let product = is_library(source.path) && source.path.contains("/src/");
    if !product || CLOCK_READERS.contains(&source.path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (pattern, remedy) in FORBIDDEN {
        let product_code = source.find(pattern).filter(|token| !token.in_test);
        findings.extend(product_code.map(|token| {
            let message = format!("`{}` belongs to {} only: {remedy}", pattern.concat(), SHELLS.join(", "));
            Finding::at(source.path, token.line, message)
        }));
    }
    findings
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
    fn an_allow_of_a_whole_file_is_found() {
        let findings = found(LIBRARY, "//! A.\n#![allow(dead_code)]\nmod a { #![allow(unused)] }\n");
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].starts_with("crates/nack/src/lib.rs:2: "), "{findings:?}");
    }

    #[test]
    fn a_function_named_allow_and_an_expect_are_fine() {
        let text = "//! A.\n#![expect(unused, reason = \"#![allow(x)]\")]\nfn a() { allow(1); }\n";
        assert_eq!(found(LIBRARY, text), Vec::<String>::new());
    }

    #[test]
    fn a_library_does_not_opt_out_of_the_ban_on_clocks_and_reads_no_environment() {
        for code in [
            "#[expect(clippy::disallowed_methods, reason = \"now and then\")] let t = Instant::now();",
            "let a = std::env::var(\"A\");",
            "let a = env::var_os(\"A\");",
            "let a = std::env::vars();",
        ] {
            let text = format!("//! A.\nfn a() {{ {code} }}\n");
            assert_eq!(found(LIBRARY, &text).len(), 1, "{code}");
            for elsewhere in
                ["crates/tokio/src/timer.rs", "crates/nack/tests/it/main.rs", "crates/test/src/clock.rs"]
            {
                assert_eq!(found(elsewhere, &text), Vec::<String>::new(), "{elsewhere}: {code}");
            }
            let in_test = format!("//! A.\n#[cfg(test)]\nmod tests {{ fn a() {{ {code} }} }}\n");
            assert_eq!(found(LIBRARY, &in_test), Vec::<String>::new(), "{code}");
        }
    }

    #[test]
    fn nothing_on_the_way_of_packets_waits_for_another_thread() {
        for code in ["a: std::sync::Mutex<u8>", "a: RwLock<u8>", "a: mpsc::Sender<u8>"] {
            let text = format!("//! A.\nstruct A {{ {code} }}\n");
            assert_eq!(found(LIBRARY, &text).len(), 1, "{code}");
            for elsewhere in ["crates/stats/src/handle.rs", "crates/nack/tests/it/main.rs"] {
                assert_eq!(found(elsewhere, &text), Vec::<String>::new(), "{elsewhere}: {code}");
            }
            let in_test = format!("//! A.\n#[cfg(test)]\nmod tests {{ struct A {{ {code} }} }}\n");
            assert_eq!(found(LIBRARY, &in_test), Vec::<String>::new(), "{code}");
        }
        assert_eq!(found(LIBRARY, "//! A.\nfn a() { std::thread::spawn(b); }\n").len(), 1);
        assert_eq!(
            found(LIBRARY, "//! A.\n//! No Mutex.\nfn a() { spawn(thread); }\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn shells_are_not_libraries() {
        assert!(is_library("crates/nack/src/lib.rs"));
        assert!(!is_library("crates/rtptap/src/main.rs"));
        assert!(!is_library("xtask/src/main.rs"));
    }
}
