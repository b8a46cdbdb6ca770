//! The tests of a crate's malformed input, and the words that each of them uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::tokens::{Source, Token};
use crate::workspace::Crate;

/// Functions of `tests/it/malformed.rs`, and of the files below `tests/it/malformed/`.
pub(super) struct Tests<'a> {
    path: String,
    functions: BTreeMap<&'a str, Function<'a>>,
}

#[derive(Default)]
struct Function<'a> {
    is_test: bool,
    words: BTreeSet<&'a str>,
}

impl<'a> Tests<'a> {
    pub(super) fn of(krate: &Crate, sources: &'a [Source<'_>]) -> Self {
        let stem = format!("{}/tests/it/malformed", krate.dir);
        let ours = sources.iter().filter(|source| {
            source.path.strip_prefix(&stem).is_some_and(|rest| rest.starts_with(['.', '/']))
        });
        let mut functions = BTreeMap::new();
        for source in ours {
            let tokens = source.tokens.as_slice();
            let starts = tokens.iter().enumerate().filter(|(_, token)| token.text == "fn");
            for (at, _) in starts {
                let Some((before, [_, name, rest @ ..])) = tokens.split_at_checked(at) else { continue };
                let words = body(rest).iter().map(|token| token.text.as_str()).collect();
                functions.insert(name.text.as_str(), Function { is_test: is_test(before), words });
            }
        }
        Self { path: stem + ".rs", functions }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Does the crate have such tests at all?
    pub(super) fn exist(&self) -> bool {
        self.functions.values().any(|function| function.is_test)
    }

    /// The words of a test and of the functions beside it that it calls; `None`: there is no such test.
    pub(super) fn words(&self, test: &'a str) -> Option<BTreeSet<&'a str>> {
        self.functions.get(test).filter(|function| function.is_test)?;
        let mut words = BTreeSet::new();
        let mut open = vec![test];
        while let Some(name) = open.pop() {
            let Some(function) = self.functions.get(name) else { continue };
            open.extend(function.words.iter().copied().filter(|word| words.insert(*word)));
        }
        Some(words)
    }
}

/// `test` in the attributes right before `fn`.
fn is_test(before: &[Token]) -> bool {
    let header = before.iter().rev().take_while(|token| {
        token.in_attribute || ["#", "pub", "async", "const"].contains(&token.text.as_str())
    });
    header.filter(|token| token.in_attribute).any(|token| token.text == "test")
}

/// The tokens between the braces that follow a function's arguments.
fn body(tokens: &[Token]) -> &[Token] {
    let mut depth = 0_usize;
    let mut begin = None;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" if depth == 0 => {
                begin = Some(at);
                depth += 1;
            }
            "(" | "{" | "[" => depth += 1,
            ")" | "}" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(begin) = begin.filter(|_| depth == 0) {
            return tokens.get(begin..=at).unwrap_or_default();
        }
    }
    &[]
}
