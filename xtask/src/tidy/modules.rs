//! One module style: a module with files of its own opens with `mod.rs`, so that a folder is read in one place.

use super::Finding;
use super::files::TextFile;

/// Modules `foo.rs` with a folder `foo/` beside them. Tests are free: cargo wants `tests/NAME.rs`, and so do their modules.
pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let paths: Vec<&str> =
        files.iter().map(|file| file.path.as_str()).filter(|path| path.ends_with(".rs")).collect();
    let split = paths.iter().filter_map(|path| {
        let stem = path.strip_suffix(".rs")?;
        let root = stem.ends_with("src/lib") || stem.ends_with("src/main");
        let has_folder = || {
            let inside = |other: &&str| other.strip_prefix(stem).is_some_and(|rest| rest.starts_with('/'));
            paths.iter().any(inside)
        };
        (!root && !path.contains("/tests/") && has_folder()).then_some((*path, stem))
    });
    split
        .map(|(path, stem)| Finding::new(path, format!("has a folder beside it: move it to {stem}/mod.rs")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::files::TextFile;

    fn found(paths: &[&str]) -> Vec<String> {
        let file = |path: &&str| TextFile { path: (*path).to_owned(), text: "//! A.\n".to_owned() };
        check(&paths.iter().map(file).collect::<Vec<_>>()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_module_beside_its_folder_is_found() {
        let findings = found(&["crates/a/src/b.rs", "crates/a/src/b/c/d.rs"]);
        assert_eq!(findings, ["crates/a/src/b.rs: has a folder beside it: move it to crates/a/src/b/mod.rs"]);
    }

    #[test]
    fn a_module_inside_its_folder_is_fine() {
        let inside = [
            "crates/a/src/b/mod.rs",
            "crates/a/src/b/c.rs",
            "crates/a/src/bc.rs",
            "crates/a/src/b/README.md",
        ];
        assert_eq!(found(&inside), Vec::<String>::new());
    }

    #[test]
    fn a_folder_of_data_is_no_module() {
        assert_eq!(found(&["crates/a/src/page.rs", "crates/a/src/page/notes.txt"]), Vec::<String>::new());
    }

    #[test]
    fn roots_and_tests_are_free() {
        for root in ["crates/a/src/lib", "xtask/src/main", "crates/a/tests/it/b"] {
            let inside = format!("{root}/c.rs");
            assert_eq!(found(&[&format!("{root}.rs"), &inside]), Vec::<String>::new(), "{root}");
        }
    }
}
