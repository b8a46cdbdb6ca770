//! The repository's text files: what git would track, build output left out.

use std::path::Path;

use anyhow::{Context, Result};
use ignore::WalkBuilder;

use crate::workspace::relative;

/// A text file with its path relative to the root and `\n` line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Endings and names of files that people write. Everything else (captures, media, lock files) is data.
const ENDINGS: [&str; 7] = [".rs", ".toml", ".md", ".yml", ".yaml", ".sh", ".txt"];
const NAMES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// All text files below `root`, sorted by path.
pub(crate) fn load(root: &Path) -> Result<Vec<TextFile>> {
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry.context("cannot walk the repository")?;
        let path = relative(entry.path(), root);
        if !entry.file_type().is_some_and(|kind| kind.is_file()) || !is_text(&path) {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).with_context(|| format!("cannot read {path}"))?;
        files.push(TextFile { path, text: text.replace("\r\n", "\n") });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let data = path.contains("/tests/data/");
    !data
        && (ENDINGS.iter().any(|ending| name.ends_with(ending))
            || NAMES.contains(&name)
            || path.starts_with(".ci/"))
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn captures_and_test_data_are_not_text() {
        assert!(is_text("crates/nack/src/lib.rs"));
        assert!(is_text(".ci/run"));
        assert!(is_text("LICENSE-MIT"));
        assert!(!is_text("crates/nack/tests/data/notes.txt"));
        assert!(!is_text("crates/rtptap/assets/sample.ivf"));
        assert!(!is_text("Cargo.lock"));
    }
}
