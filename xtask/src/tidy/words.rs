//! Words that mark unfinished work.

use super::Finding;
use super::files::TextFile;

/// Put together at compile time, so that this file does not break its own rule.
const FORBIDDEN: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
];

/// Every forbidden word in `files`.
pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    files.iter().flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for word in FORBIDDEN.iter().filter(|word| contains_word(line, word)) {
            findings.push(Finding::at(
                &file.path,
                index + 1,
                format!("`{word}` marks unfinished work: finish it or leave it out"),
            ));
        }
    }
    findings
}

/// `word` in `line` with no letter, digit or underscore right beside it.
fn contains_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::{FORBIDDEN, check};
    use crate::tidy::files::TextFile;

    fn found(text: String) -> Vec<String> {
        check(&[TextFile { path: "a.rs".to_owned(), text }]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_word_is_found_with_its_line() {
        for word in FORBIDDEN {
            let findings = found(format!("//! Fine.\n// {word} later\n"));
            assert_eq!(findings.len(), 1, "{word}");
            assert!(findings[0].starts_with("a.rs:2: "), "{findings:?}");
        }
    }

    #[test]
    fn a_word_inside_a_longer_one_is_fine() {
        let word = FORBIDDEN[2];
        assert_eq!(found(format!("let {word}{word} = MY_{word}_2;")), Vec::<String>::new());
    }
}
