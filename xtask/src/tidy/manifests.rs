//! What a published crate carries: licences, a changelog, and a manifest that the registry accepts.

use super::addresses::own_address;
use super::files::TextFile;
use super::{Finding, text_of};
use crate::workspace::Crate;

pub(super) const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// The registry's limits: <https://doc.rust-lang.org/cargo/reference/manifest.html#the-keywords-field>
const MAX_KEYWORDS: usize = 5;
const MAX_KEYWORD_BYTES: usize = 20;

/// Every gap in what is published.
pub(super) fn check(crates: &[Crate], files: &[TextFile]) -> Vec<Finding> {
    let address = own_address(files);
    crates.iter().flat_map(|krate| check_crate(krate, files, address)).collect()
}

/// The root's licence files as each published crate must carry them: a package cannot reach outside its folder.
pub(super) fn licence_copies(crates: &[Crate], files: &[TextFile]) -> Vec<TextFile> {
    let published = crates.iter().filter(|krate| krate.publish);
    published
        .flat_map(|krate| LICENCES.iter().map(move |name| (krate, *name)))
        .filter_map(|(krate, name)| {
            Some(TextFile { path: format!("{}/{name}", krate.dir), text: text_of(files, name)?.to_owned() })
        })
        .collect()
}

fn check_crate(krate: &Crate, files: &[TextFile], address: Option<&str>) -> Vec<Finding> {
    let manifest = format!("{}/Cargo.toml", krate.dir);
    let mut findings = Vec::new();
    if !text_of(files, &manifest).is_some_and(|text| text.contains("[lints]\nworkspace = true")) {
        findings.push(Finding::new(
            &manifest,
            "needs `[lints] workspace = true`, or no lint of the workspace applies",
        ));
    }
    if !krate.publish {
        return findings;
    }
    for (field, value) in [("description", &krate.description), ("license", &krate.license)] {
        if value.as_ref().is_none_or(|value| value.trim().is_empty()) {
            findings.push(Finding::new(&manifest, format!("needs a {field}")));
        }
    }
    if address != krate.repository.as_deref() {
        let message =
            "needs `repository.workspace = true`, as the root's [workspace.package] says where this is";
        findings.push(Finding::new(&manifest, message));
    }
    if krate.keywords.is_empty() || krate.keywords.len() > MAX_KEYWORDS {
        findings.push(Finding::new(&manifest, format!("needs 1 to {MAX_KEYWORDS} keywords")));
    }
    for keyword in krate.keywords.iter().filter(|keyword| keyword.len() > MAX_KEYWORD_BYTES) {
        findings.push(Finding::new(
            &manifest,
            format!("keyword `{keyword}` is longer than {MAX_KEYWORD_BYTES} bytes"),
        ));
    }
    for name in LICENCES {
        let path = format!("{}/{name}", krate.dir);
        if text_of(files, &path).is_none_or(|copy| Some(copy) != text_of(files, name)) {
            findings.push(Finding::new(
                path,
                format!("is not a copy of the root's {name}: run `cargo xtask tidy --write`"),
            ));
        }
    }
    findings.extend(changelog(krate, files));
    findings
}

/// A changelog has a section of the current version, or one of what is not released yet.
fn changelog(krate: &Crate, files: &[TextFile]) -> Option<Finding> {
    let path = format!("{}/CHANGELOG.md", krate.dir);
    let Some(text) = text_of(files, &path) else { return Some(Finding::new(path, "is missing")) };
    let current = format!("## [{}]", krate.version);
    let known = text.lines().any(|line| line.starts_with(&current) || line.starts_with("## [Unreleased]"));
    (!known).then(|| Finding::new(path, format!("needs a section `{current}` or `## [Unreleased]`")))
}

#[cfg(test)]
mod tests {
    use super::{check, licence_copies};
    use crate::tidy::files::TextFile;
    use crate::workspace::Crate;

    fn nack() -> Crate {
        Crate {
            name: "interceptor-nack".to_owned(),
            dir: "crates/nack".to_owned(),
            publish: true,
            version: "0.1.0".to_owned(),
            description: Some("Asks for missing packets.".to_owned()),
            license: Some("MIT OR Apache-2.0".to_owned()),
            keywords: vec!["rtp".to_owned()],
            ..Crate::default()
        }
    }

    fn complete() -> Vec<TextFile> {
        let file = |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
        vec![
            file("LICENSE-MIT", "mit"),
            file("LICENSE-APACHE", "apache"),
            file("crates/nack/LICENSE-MIT", "mit"),
            file("crates/nack/LICENSE-APACHE", "apache"),
            file("crates/nack/Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n"),
            file("crates/nack/CHANGELOG.md", "# Changelog\n\n## [0.1.0] - 2026-01-01\n"),
        ]
    }

    fn messages(krate: Crate, files: &[TextFile]) -> Vec<String> {
        check(&[krate], files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_complete_crate_has_no_findings() {
        assert_eq!(messages(nack(), &complete()), Vec::<String>::new());
    }

    #[test]
    fn each_missing_file_is_one_finding() {
        for name in ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md", "Cargo.toml"] {
            let mut files = complete();
            files.retain(|file| file.path != format!("crates/nack/{name}"));
            let found = messages(nack(), &files);
            assert_eq!(found.len(), 1, "{name}: {found:?}");
            assert!(found[0].contains(name), "{found:?}");
        }
    }

    #[test]
    fn a_licence_that_differs_is_found_and_written_anew() {
        let mut files = complete();
        files[2].text = "old".to_owned();
        assert_eq!(messages(nack(), &files).len(), 1);
        let copies = licence_copies(&[nack()], &files);
        assert!(copies.contains(&complete()[2]) && copies.contains(&complete()[3]), "{copies:?}");
    }

    #[test]
    fn too_many_or_too_long_keywords_are_found() {
        let many = Crate { keywords: vec!["a".to_owned(); 6], ..nack() };
        assert_eq!(messages(many, &complete()).len(), 1);
        let long = Crate { keywords: vec!["a".repeat(21)], ..nack() };
        assert_eq!(messages(long, &complete()).len(), 1);
    }

    #[test]
    fn a_missing_description_is_found() {
        assert_eq!(messages(Crate { description: None, ..nack() }, &complete()).len(), 1);
    }

    #[test]
    fn a_published_crate_says_where_it_comes_from_once_that_is_known() {
        let root = "[workspace.package]\nrepository = \"https://example.org/ours\"\n";
        let mut files = complete();
        files.push(TextFile { path: "Cargo.toml".to_owned(), text: root.to_owned() });
        let found = messages(nack(), &files);
        assert!(found.len() == 1 && found[0].contains("repository"), "{found:?}");
        let inherits = Crate { repository: Some("https://example.org/ours".to_owned()), ..nack() };
        assert_eq!(messages(inherits, &files), Vec::<String>::new());
    }

    #[test]
    fn a_changelog_without_the_current_version_is_found() {
        let found = messages(Crate { version: "0.2.0".to_owned(), ..nack() }, &complete());
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("## [0.2.0]"), "{found:?}");
    }

    #[test]
    fn a_private_crate_needs_the_lints_only() {
        let private = Crate { publish: false, description: None, keywords: Vec::new(), ..nack() };
        let lints_only = &complete()[4..5];
        assert_eq!(messages(private, lints_only), Vec::<String>::new());
    }
}
