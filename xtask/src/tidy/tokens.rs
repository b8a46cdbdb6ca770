//! A Rust file as a flat list of tokens: no comments, strings opaque, and each token knows whether it is test code.

use std::ops::RangeInclusive;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::Finding;
use super::files::TextFile;

/// A parsed Rust file.
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    /// Lines of items under `#[cfg(test)]`.
    pub(super) test_lines: Vec<RangeInclusive<usize>>,
}

/// An identifier, a literal, one punctuation character or one bracket.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
    /// Inside an item under `#[cfg(test)]`.
    pub(super) in_test: bool,
    /// Inside `#[…]` or `#![…]`.
    pub(super) in_attribute: bool,
}

impl<'a> Source<'a> {
    pub(super) fn parse(file: &'a TextFile) -> Result<Self, Finding> {
        let stream: TokenStream = file.text.parse().map_err(|error: proc_macro2::LexError| {
            Finding::at(&file.path, error.span().start().line, format!("is not Rust: {error}"))
        })?;
        let mut source =
            Self { path: &file.path, text: &file.text, tokens: Vec::new(), test_lines: Vec::new() };
        source.flatten(stream, false, false);
        Ok(source)
    }

    /// Tokens that begin `pattern`, with the text of each element of `pattern` equal to one token.
    pub(super) fn find<'p>(&'p self, pattern: &'p [&str]) -> impl Iterator<Item = &'p Token> + 'p {
        self.tokens.windows(pattern.len()).filter_map(move |window| {
            let equal = window.iter().zip(pattern).all(|(token, text)| token.text == *text);
            window.first().filter(|_| equal)
        })
    }

    fn flatten(&mut self, stream: TokenStream, in_test: bool, in_attribute: bool) {
        let mut after_hash = false;
        // Set by `#[cfg(test)]`, until the item that it stands on ends: at its braces or its semicolon.
        let mut test_item: Option<usize> = None;
        for tree in stream {
            let line = tree.span().start().line;
            let in_test = in_test || test_item.is_some();
            match tree {
                TokenTree::Group(group) => {
                    let attribute = after_hash && group.delimiter() == Delimiter::Bracket;
                    let braces = group.delimiter() == Delimiter::Brace;
                    if attribute && is_cfg_test(group.stream()) {
                        test_item = test_item.or(Some(line));
                    }
                    let last = group.span_close().end().line;
                    self.flatten_group(&group, in_test, in_attribute || attribute);
                    if let Some(first) = test_item.filter(|_| braces) {
                        self.test_lines.push(first..=last);
                        test_item = None;
                    }
                    after_hash = false;
                }
                other => {
                    let text = other.to_string();
                    after_hash = text == "#" || (after_hash && text == "!");
                    if let Some(first) = test_item.filter(|_| text == ";") {
                        self.test_lines.push(first..=line);
                        test_item = None;
                    }
                    self.tokens.push(Token { text, line, in_test, in_attribute });
                }
            }
        }
    }

    fn flatten_group(&mut self, group: &Group, in_test: bool, in_attribute: bool) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        let mut bracket = |text: &str, line| {
            self.tokens.push(Token { text: text.to_owned(), line, in_test, in_attribute });
        };
        bracket(open, group.span_open().start().line);
        self.flatten(group.stream(), in_test, in_attribute);
        self.tokens.push(Token {
            text: close.to_owned(),
            line: group.span_close().end().line,
            in_test,
            in_attribute,
        });
    }
}

/// `cfg(…)` that asks for `test`, and not for its absence.
fn is_cfg_test(attribute: TokenStream) -> bool {
    let words: Vec<String> = words(attribute);
    words.first().is_some_and(|word| word == "cfg")
        && words.iter().any(|word| word == "test")
        && !words.iter().any(|word| word == "not")
}

fn words(stream: TokenStream) -> Vec<String> {
    let words_of = |tree| match tree {
        TokenTree::Group(group) => words(group.stream()),
        other => vec![other.to_string()],
    };
    stream.into_iter().flat_map(words_of).collect()
}

#[cfg(test)]
mod tests {
    use super::Source;
    use crate::tidy::files::TextFile;

    fn file(text: &str) -> TextFile {
        TextFile { path: "a.rs".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn comments_and_strings_are_not_code() {
        let file = file(
            "//! Instant::now\n/* Instant::now */ const A: &str = \"Instant::now\";\nfn f() { Instant::now(); }\n",
        );
        let source = Source::parse(&file).unwrap();
        let lines: Vec<usize> = source.find(&["Instant", ":", ":", "now"]).map(|token| token.line).collect();
        assert_eq!(lines, [3]);
    }

    #[test]
    fn test_items_are_marked_to_their_end_only() {
        let file = file(
            "fn a() {}\n#[cfg(test)]\n#[path = \"x\"]\nmod tests {\n fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod d;\nfn e() {}\n",
        );
        let source = Source::parse(&file).unwrap();
        assert_eq!(source.test_lines, [2..=6, 8..=9]);
        let in_test: Vec<&str> =
            source.tokens.iter().filter(|token| token.in_test).map(|token| token.text.as_str()).collect();
        assert!(in_test.contains(&"b") && in_test.contains(&"d"), "{in_test:?}");
        assert!(!in_test.contains(&"a") && !in_test.contains(&"c") && !in_test.contains(&"e"), "{in_test:?}");
    }

    #[test]
    fn cfg_not_test_is_not_test_code() {
        let file = file("#[cfg(not(test))]\nmod real { fn a() {} }\n");
        assert!(Source::parse(&file).unwrap().test_lines.is_empty());
    }

    #[test]
    fn attributes_are_marked() {
        let file = file("#![warn(x)]\n#[derive(Debug)]\nstruct S([u8; 2]);\n");
        let source = Source::parse(&file).unwrap();
        let marked: Vec<&str> = source
            .tokens
            .iter()
            .filter(|token| token.in_attribute)
            .map(|token| token.text.as_str())
            .collect();
        assert_eq!(marked, ["[", "warn", "(", "x", ")", "]", "[", "derive", "(", "Debug", ")", "]"]);
    }

    #[test]
    fn what_is_not_rust_is_a_finding() {
        let file = file("fn a() {\n");
        assert!(Source::parse(&file).is_err());
    }
}
