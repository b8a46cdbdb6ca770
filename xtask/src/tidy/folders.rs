//! Every folder of `crates/` has its row in `crates/README.md`, which says what a crate is before one opens it.

use std::collections::{BTreeMap, BTreeSet};

use super::files::TextFile;
use super::{Finding, text_of};

/// The list, which new crates join.
pub(crate) const DOCUMENT: &str = "crates/README.md";

/// Folders without a row, rows without a folder, folders with two rows.
pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let folders: BTreeSet<&str> = files.iter().filter_map(|file| crate_folder(&file.path)).collect();
    let Some(text) = text_of(files, DOCUMENT) else {
        let missing =
            (!folders.is_empty()).then(|| Finding::new(DOCUMENT, "is missing: nothing says what a crate is"));
        return missing.into_iter().collect();
    };
    let mut findings = Vec::new();
    let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let Some(folder) = row(line) else { continue };
        if !folders.contains(folder) {
            findings.push(Finding::at(DOCUMENT, index + 1, format!("there is no crate in `{folder}`")));
        }
        if let Some(first) = listed.insert(folder, index + 1) {
            findings.push(Finding::at(
                DOCUMENT,
                index + 1,
                format!("`{folder}` stands in line {first} already"),
            ));
        }
    }
    let missing = folders.into_iter().filter(|folder| !listed.contains_key(folder));
    findings.extend(
        missing.map(|folder| {
            Finding::new(DOCUMENT, format!("has no row that begins with `| {}`", link(folder)))
        }),
    );
    findings
}

/// How a row links to a crate's folder.
fn link(folder: &str) -> String {
    format!("[`{folder}`]({folder})")
}

/// `nack` of `crates/nack/Cargo.toml`, `internal/e2e` of `crates/internal/e2e/Cargo.toml`: what cargo takes for a crate.
fn crate_folder(path: &str) -> Option<&str> {
    let folder = path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
    let depth = folder.strip_prefix("internal/").unwrap_or(folder);
    (!depth.contains('/')).then_some(folder)
}

/// The folder that a table's row links to in its first cell.
fn row(line: &str) -> Option<&str> {
    let (_, target) = line.strip_prefix("| [`")?.split_once("`](")?;
    target.split_once(") |").map(|(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::{DOCUMENT, check, link};
    use crate::tidy::files::TextFile;

    fn found(manifests: &[&str], list: Option<&str>) -> Vec<String> {
        let file = |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
        let mut files: Vec<TextFile> =
            manifests.iter().map(|folder| file(&format!("crates/{folder}/Cargo.toml"), "")).collect();
        files.extend(list.map(|text| file(DOCUMENT, text)));
        check(&files).iter().map(ToString::to_string).collect()
    }

    const LIST: &str = "# Crates\n\n| folder | what |\n|---|---|\n| [`nack`](nack) | asks |\n| [`internal/e2e`](internal/e2e) | tests |\n";

    #[test]
    fn a_list_of_every_folder_is_fine() {
        assert_eq!(found(&["nack", "internal/e2e"], Some(LIST)), Vec::<String>::new());
        // Not a crate of its own: the data of one.
        assert_eq!(
            found(&["nack", "internal/e2e", "nack/tests/data/package"], Some(LIST)),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_folder_without_a_row_is_found() {
        let findings = found(&["nack", "internal/e2e", "twcc", "internal/fuzz"], Some(LIST));
        let expected = ["internal/fuzz", "twcc"]
            .map(|folder| format!("{DOCUMENT}: has no row that begins with `| {}`", link(folder)));
        assert_eq!(findings, expected);
    }

    #[test]
    fn a_row_without_a_folder_and_a_second_row_are_found() {
        assert_eq!(
            found(&["nack"], Some(LIST)),
            [format!("{DOCUMENT}:6: there is no crate in `internal/e2e`")]
        );
        let twice = LIST.to_owned() + "| [`nack`](nack) | asks again |\n";
        assert_eq!(
            found(&["nack", "internal/e2e"], Some(&twice)),
            [format!("{DOCUMENT}:7: `nack` stands in line 5 already")]
        );
    }

    #[test]
    fn crates_without_a_list_are_found() {
        assert_eq!(found(&["nack"], None).len(), 1);
        assert_eq!(found(&[], None), Vec::<String>::new());
    }
}
