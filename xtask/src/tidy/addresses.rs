//! No address pretends to be ours: a reader, or a reporter of a vulnerability, is sent to nobody else's repository.

use super::files::TextFile;
use super::{Finding, text_of};
use crate::workspace::Crate;

/// Where repositories live.
const HOSTS: [&str; 5] = ["github.com/", "gitlab.com/", "codeberg.org/", "bitbucket.org/", "git.sr.ht/"];

/// Where the registry shows packages. Until ours are published, a page of that name is somebody else's.
const REGISTRIES: [&str; 3] = ["docs.rs/", "crates.io/crates/", "lib.rs/crates/"];

/// Projects that we compare with or learn from: documents and sources may cite them, in forms and manifests nobody is cited.
const PEERS: [&str; 3] = ["github.com/algesten/str0m", "github.com/pion/", "github.com/webrtc-rs/"];

/// Keys of a manifest that hold an address.
const KEYS: [&str; 3] = ["repository", "homepage", "documentation"];

/// Every address that is neither ours nor a peer's.
pub(super) fn check(crates: &[Crate], files: &[TextFile]) -> Vec<Finding> {
    let ours = own_address(files);
    files.iter().flat_map(|file| check_file(file, crates, ours)).collect()
}

/// The one place that says where this repository is: `repository` of the root's `[workspace.package]`. None until it is known.
pub(super) fn own_address(files: &[TextFile]) -> Option<&str> {
    let section = text_of(files, "Cargo.toml")?.split_once("[workspace.package]")?.1;
    let mut lines = section.lines().take_while(|line| !line.starts_with('['));
    lines.find_map(|line| address_in(line, "repository"))
}

fn check_file(file: &TextFile, crates: &[Crate], ours: Option<&str>) -> Vec<Finding> {
    let manifest = file.path.ends_with("Cargo.toml") || file.path.starts_with("xtask/template/manifest");
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let mut found = |message: String| findings.push(Finding::at(&file.path, index + 1, message));
        let key = KEYS.iter().find(|key| manifest && address_in(line, key).is_some());
        if let Some(key) = key.filter(|_| file.path != "Cargo.toml") {
            found(format!(
                "`{key}` belongs into the root's [workspace.package]: inherit it with `{key}.workspace = true`"
            ));
            continue;
        }
        for address in addresses(line, &HOSTS) {
            let cited = cites(&file.path) && PEERS.iter().any(|peer| address.starts_with(peer));
            if !cited && !ours.is_some_and(|ours| is_within(address, ours)) {
                found(format!(
                    "`{address}` is not this repository: use a relative link, or add a peer to PEERS"
                ));
            }
        }
        for address in addresses(line, &REGISTRIES).filter(|_| ours.is_none()) {
            let package = address.trim_start_matches("crates.io/crates").trim_start_matches("lib.rs/crates");
            let package = package.trim_start_matches("docs.rs").split('/').nth(1).unwrap_or_default();
            if crates.iter().any(|krate| krate.name == package) {
                found(format!(
                    "`{address}` is not ours before the first release: link to the item or the folder"
                ));
            }
        }
    }
    findings
}

/// True for documents and sources; false for manifests, forms and what they are stamped from.
fn cites(path: &str) -> bool {
    let form = [".github/", ".ci/", "xtask/template/"].iter().any(|folder| path.starts_with(folder));
    !form && !path.ends_with(".toml") && !["SECURITY.md", "CONTRIBUTING.md"].contains(&path)
}

/// The value of `key = "https://…"`.
fn address_in<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let value = line.trim().strip_prefix(key)?.trim_start().strip_prefix('=')?.trim_start();
    value.strip_prefix('"')?.split('"').next().filter(|value| !value.is_empty())
}

/// What begins with one of `hosts` and goes on, at the start of a word, up to where an address ends; without scheme and `www.`.
fn addresses<'a>(line: &'a str, hosts: &'a [&str]) -> impl Iterator<Item = &'a str> {
    hosts.iter().flat_map(move |host| {
        line.match_indices(host).filter_map(move |(at, _)| {
            let before = line.get(..at)?.strip_suffix("www.").unwrap_or(line.get(..at)?);
            let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
            let rest = line.get(at..)?;
            let end =
                rest.find(|c: char| c.is_whitespace() || "\"'`<>()[]|,;".contains(c)).unwrap_or(rest.len());
            (!before.ends_with(part) && end > host.len()).then(|| rest.get(..end)).flatten()
        })
    })
}

/// True if `address` is `ours` or below it.
fn is_within(address: &str, ours: &str) -> bool {
    let ours = ours.trim_start_matches("https://").trim_end_matches('/').trim_end_matches(".git");
    let below = address.strip_prefix(ours);
    below.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_')))
}

#[cfg(test)]
mod tests {
    use super::{check, own_address};
    use crate::tidy::files::TextFile;
    use crate::workspace::Crate;

    /// Put together, so that this file keeps its own rule.
    const HUB: &str = concat!("git", "hub.com");
    const DOCS: &str = concat!("docs", ".rs");

    fn file(path: &str, text: &str) -> TextFile {
        TextFile { path: path.to_owned(), text: text.replace("HUB", HUB).replace("DOCS", DOCS) }
    }

    fn found(files: &[TextFile]) -> Vec<String> {
        let krate = Crate { name: "interceptor-core".to_owned(), ..Crate::default() };
        check(&[krate], files).iter().map(ToString::to_string).collect()
    }

    fn found_in(path: &str, text: &str) -> Vec<String> {
        found(&[file(path, text)])
    }

    const ROOT: &str =
        "[workspace.package]\nversion = \"0.1.0\"\nrepository = \"https://HUB/us/ours\"\n\n[package]\n";

    #[test]
    fn a_foreign_repository_is_found_wherever_it_stands() {
        let link = "see\n[ours](https://HUB/somebody/interceptor/blob/main/docs/a.md), or ask";
        for path in [
            "SECURITY.md",
            "README.md",
            ".github/ISSUE_TEMPLATE/config.yml",
            "crates/a/src/main.rs",
            "crates/a/Cargo.toml",
        ] {
            let findings = found_in(path, link);
            assert_eq!(findings.len(), 1, "{path}: {findings:?}");
            assert!(
                findings[0].starts_with(&format!("{path}:2: `{HUB}/somebody/interceptor/blob")),
                "{findings:?}"
            );
        }
    }

    #[test]
    fn every_spelling_of_an_address_is_found() {
        for text in [
            "http://www.HUB/a/b",
            "git@x https://HUB/a/b.git",
            "HUB/a/b",
            concat!("url: https://gitlab", ".com/a/b"),
        ] {
            assert_eq!(found_in("README.md", text).len(), 1, "{text}");
        }
        for text in [
            "https://HUB/ is a host",
            "HUB too",
            "https://notHUB/a/b",
            "https://example.org/a/b",
            "uses: actions/checkout@v5",
        ] {
            assert_eq!(found_in("README.md", text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_peer_may_be_cited_but_not_in_forms_and_manifests() {
        let text = "[pion](https://HUB/pion/interceptor/blob/master/pkg/nack)";
        for path in ["docs/migrating-from-pion.md", "crates/a/src/b.rs", "crates/a/README.md"] {
            assert_eq!(found_in(path, text), Vec::<String>::new(), "{path}");
        }
        for path in [
            "SECURITY.md",
            ".github/ISSUE_TEMPLATE/bug.yml",
            "crates/a/Cargo.toml",
            "xtask/template/src/lib.rs",
        ] {
            assert_eq!(found_in(path, text).len(), 1, "{path}");
        }
        assert_eq!(found_in("docs/a.md", "https://HUB/pionier/interceptor").len(), 1);
    }

    #[test]
    fn the_address_in_the_workspace_is_ours_and_no_other_one() {
        let links =
            "https://HUB/us/ours, <https://HUB/us/ours/issues>, https://HUB/us/ours.git, `HUB/us/ours#a`";
        assert_eq!(found(&[file("Cargo.toml", ROOT), file("README.md", links)]), Vec::<String>::new());
        let others = "https://HUB/us/ours-too\nhttps://HUB/us\n";
        assert_eq!(found(&[file("Cargo.toml", ROOT), file("README.md", others)]).len(), 2);
        assert_eq!(
            own_address(&[file(
                "Cargo.toml",
                "[workspace.package]\n# repository = \"x\"\n[a]\nrepository = \"y\"\n"
            )]),
            None
        );
    }

    #[test]
    fn a_member_inherits_its_address() {
        for key in ["repository", "homepage", "documentation"] {
            let member =
                file("crates/a/Cargo.toml", &format!("[package]\n{key} = \"https://HUB/us/ours\"\n"));
            let findings = found(&[file("Cargo.toml", ROOT), member]);
            assert!(findings.len() == 1 && findings[0].contains("inherit"), "{findings:?}");
        }
        let member = file("crates/a/Cargo.toml", "[package]\nrepository.workspace = true\n");
        assert_eq!(found(&[file("Cargo.toml", ROOT), member]), Vec::<String>::new());
    }

    #[test]
    fn pages_of_the_registry_are_ours_once_there_is_an_address() {
        let text = "[core](https://DOCS/interceptor-core/latest), [slab](https://DOCS/slab), https://crates.io/crates/interceptor-core\n";
        assert_eq!(found_in("README.md", text).len(), 2);
        assert_eq!(found(&[file("Cargo.toml", ROOT), file("README.md", text)]), Vec::<String>::new());
    }
}
