//! `new-interceptor`: a crate that passes every check as it is, to start an interceptor from.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::run::cargo;
use crate::tidy::folders::DOCUMENT as FOLDERS;
use crate::tidy::{self, TextFile};
use crate::workspace::{Crate, Workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What it is called, as in `rate-limit`: the package is then `interceptor-rate-limit`
    name: String,
    /// Folder to make; outside this workspace it gets a manifest that stands alone [default: crates/NAME]
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
}

impl Args {
    /// A crate of this name outside the workspace.
    pub(crate) fn outside(name: &str, dir: &Path) -> Self {
        Self { name: name.to_owned(), path: Some(dir.to_owned()) }
    }
}

/// Where the crate belongs.
enum Home<'a> {
    /// Below `crates/`: a member, which inherits from the workspace.
    Member,
    /// Anywhere else: depends on the workspace in this folder.
    Standalone(&'a Path),
}

/// Where the options of all members are listed, and the section that comes last there.
const DEFAULTS: &str = "docs/defaults.md";
const LAST_SECTION: &str = "## Fixed on purpose\n";

/// The section behind the interceptors in the list of all folders.
const AFTER_INTERCEPTORS: &str = "## Libraries\n";

const MANIFEST: &str = include_str!("../template/manifest.toml");
const MANIFEST_STANDALONE: &str = include_str!("../template/manifest_standalone.toml");

/// What is stamped as it is, but for the names.
const TEMPLATE: [(&str, &str); 16] = [
    ("CHANGELOG.md", include_str!("../template/CHANGELOG.md")),
    ("src/lib.rs", include_str!("../template/src/lib.rs")),
    ("src/factory.rs", include_str!("../template/src/factory.rs")),
    ("src/interceptor.rs", include_str!("../template/src/interceptor.rs")),
    ("src/options.rs", include_str!("../template/src/options.rs")),
    ("examples/milestones.rs", include_str!("../template/examples/milestones.rs")),
    ("tests/it/main.rs", include_str!("../template/tests/it/main.rs")),
    ("tests/it/kit.rs", include_str!("../template/tests/it/kit.rs")),
    ("tests/it/allocation.rs", include_str!("../template/tests/it/allocation.rs")),
    ("tests/it/behaviour.rs", include_str!("../template/tests/it/behaviour.rs")),
    ("tests/it/contract.rs", include_str!("../template/tests/it/contract.rs")),
    ("tests/it/loss.rs", include_str!("../template/tests/it/loss.rs")),
    ("tests/it/malformed.rs", include_str!("../template/tests/it/malformed.rs")),
    ("tests/it/options.rs", include_str!("../template/tests/it/options.rs")),
    ("tests/it/prop.rs", include_str!("../template/tests/it/prop.rs")),
    ("tests/it/wrap.rs", include_str!("../template/tests/it/wrap.rs")),
];

/// Types that the template uses: one of the crate's own cannot be called like them.
const TAKEN: [&str; 16] = [
    "BuildContext",
    "BuildError",
    "Chain",
    "Clock",
    "Context",
    "Factory",
    "Flow",
    "Interceptor",
    "Milestone",
    "Origin",
    "Pair",
    "Registry",
    "Result",
    "Self",
    "Side",
    "Stage",
];

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let name = args.name.trim_start_matches("interceptor-");
    check_name(name)?;
    let package = format!("interceptor-{name}");
    ensure!(workspace.get(&package).is_none(), "`{package}` exists already");
    let members = workspace.root().join("crates");
    let dir = match &args.path {
        Some(path) => std::path::absolute(path).context("cannot tell where that folder is")?,
        None => members.join(name),
    };
    ensure!(!dir.exists(), "{} exists already", dir.display());
    let member = dir.parent().is_some_and(|parent| same(parent, &members));
    let home = if member { Home::Member } else { Home::Standalone(workspace.root()) };

    let licences = tidy::licences(workspace.root())?;
    for file in stamp(name, &home, &licences) {
        let path = dir.join(file.path.trim_start_matches(&folder_of(name)));
        let folder = path.parent().unwrap_or(&dir);
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        std::fs::write(&path, file.text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if matches!(home, Home::Member) {
        edit(workspace, DEFAULTS, |text| with_defaults(text, name))?;
        edit(workspace, FOLDERS, |text| with_row(text, name))?;
    }
    // How lines break and imports sort depends on the name.
    cargo(workspace, "fmt --manifest-path").arg(dir.join("Cargo.toml")).run()?;
    eprintln!("{package} is in {}; its tests: cargo test -p {package}", dir.display());
    Ok(())
}

fn edit(workspace: &Workspace, document: &str, new: impl Fn(&str) -> String) -> Result<()> {
    let path = workspace.root().join(document);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {document}"))?;
    std::fs::write(&path, new(&text)).with_context(|| format!("cannot write {document}"))
}

fn check_name(name: &str) -> Result<()> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    ensure!(name.split('-').all(word), "`{name}`: lower-case words with `-` between them, please");
    let taken = TAKEN.contains(&type_name(name).as_str());
    ensure!(!taken, "`{}` is the name of a type that every interceptor uses", type_name(name));
    Ok(())
}

/// `rate-limit` as a type: `RateLimit`.
fn type_name(name: &str) -> String {
    let words = name.split('-').filter_map(|word| Some((word.get(..1)?, word.get(1..)?)));
    words.map(|(first, rest)| first.to_ascii_uppercase() + rest).collect()
}

fn same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Where a member of this name stands, with `/` behind.
fn folder_of(name: &str) -> String {
    format!("crates/{name}/")
}

/// The files of the crate as if it was a member.
fn stamp(name: &str, home: &Home<'_>, licences: &[TextFile]) -> Vec<TextFile> {
    let file = |path: &str, text| TextFile { path: folder_of(name) + path, text };
    let manifest = match home {
        Home::Member => named(name, MANIFEST),
        // Backslashes would need escaping in TOML.
        Home::Standalone(root) => {
            named(name, MANIFEST_STANDALONE).replace("WORKSPACE", &root.to_string_lossy().replace('\\', "/"))
        }
    };
    let mut files = vec![file("Cargo.toml", manifest)];
    files.extend(TEMPLATE.map(|(path, text)| file(path, named(name, text))));
    let derived = tidy::derived(&krate(name), &[files.as_slice(), licences].concat());
    files.extend(derived);
    files
}

/// A template with the names of this crate.
fn named(name: &str, template: &str) -> String {
    let template =
        template.replace("NewThing", &type_name(name)).replace("new_thing", &name.replace('-', "_"));
    template.replace("new-thing", name)
}

/// The list of defaults with those of this crate.
fn with_defaults(list: &str, name: &str) -> String {
    let section = named(name, include_str!("../template/defaults.md"));
    let (before, last) = list.split_at(list.find(LAST_SECTION).unwrap_or(list.len()));
    before.to_owned() + &section + last
}

/// The list of folders with that of this crate, last among the interceptors.
fn with_row(list: &str, name: &str) -> String {
    let (before, after) = list.split_at(list.find(AFTER_INTERCEPTORS).unwrap_or(list.len()));
    let row = named(name, include_str!("../template/row.md"));
    format!("{}\n{row}\n{after}", before.trim_end())
}

/// As cargo will see it.
fn krate(name: &str) -> Crate {
    Crate {
        name: format!("interceptor-{name}"),
        dir: folder_of(name).trim_end_matches('/').to_owned(),
        publish: true,
        version: "0.1.0".to_owned(),
        docs: Some(folder_of(name) + "src/lib.rs"),
        ..Crate::default()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{DEFAULTS, FOLDERS, Home, check_name, krate, stamp, type_name, with_defaults, with_row};
    use crate::tidy::{self, TextFile};
    use crate::workspace::{Crate, Workspace};

    fn licences() -> Vec<TextFile> {
        tidy::licences(Workspace::load().unwrap().root()).unwrap()
    }

    #[test]
    fn names_become_types() {
        assert_eq!((type_name("nack"), type_name("rate-limit-2x")), ("Nack".into(), "RateLimit2x".into()));
    }

    #[test]
    fn names_that_would_not_compile_are_refused() {
        for name in
            ["", "Nack", "nack_2", "-nack", "nack-", "a--b", "2nack", "../nack", "stage", "build-error"]
        {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("rate-limit2").is_ok());
    }

    #[test]
    fn what_is_stamped_keeps_the_house_rules() {
        let licences = licences();
        let stamped = stamp("rate-limit", &Home::Member, &licences);
        let krate = Crate {
            description: Some("from the manifest".to_owned()),
            license: Some("from the workspace".to_owned()),
            keywords: vec!["rtp".to_owned()],
            ..krate("rate-limit")
        };
        let document = |path: &str, text: String| TextFile { path: path.to_owned(), text };
        let documents = [
            document(DEFAULTS, with_defaults("", "rate-limit")),
            document(FOLDERS, with_row("", "rate-limit")),
            document("docs/rfc-map.md", String::new()),
            document("docs/texts.md", String::new()),
        ];
        // The chain's counters are part of the table of malformed input.
        let path = "crates/core/src/counters.rs";
        let text = std::fs::read_to_string(Workspace::load().unwrap().root().join(path)).unwrap();
        let core = [document(path, text)];
        let files = [&licences, stamped.as_slice(), &documents, &core].concat();
        let findings = tidy::findings(&[krate], &files);
        assert!(findings.is_empty(), "{findings:#?}");
        let readme = stamped.iter().find(|file| file.path.ends_with("/README.md")).unwrap();
        assert!(
            readme.text.contains("interceptor_rate_limit::{Milestone, RateLimitFactory"),
            "{}",
            readme.text
        );
        for file in stamped {
            let left = ["NewThing", "new_thing", "new-thing"].iter().find(|word| file.text.contains(*word));
            assert_eq!(left, None, "{}", file.path);
        }
    }

    #[test]
    fn defaults_come_before_what_is_fixed() {
        let list = with_defaults("# Defaults\n\n## Fixed on purpose\n\nmore\n", "rate-limit");
        let places = ["# Defaults", "## `RateLimitOptions`", "| `every` |", "## Fixed on purpose", "more"];
        let found: Vec<_> = places.iter().map(|place| list.find(place)).collect();
        assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{list}");
    }

    #[test]
    fn the_row_of_a_new_crate_is_the_last_of_the_interceptors() {
        let list =
            "# Crates\n\n## Interceptors\n\n| folder |\n|---|\n| [`nack`](nack) |\n\n## Libraries\n\nmore\n";
        let list = with_row(list, "rate-limit");
        let places = [
            "| [`nack`](nack) |\n| [`rate-limit`](rate-limit) | `interceptor-rate-limit` |",
            " |\n\n## Libraries\n\nmore\n",
        ];
        let found: Vec<_> = places.iter().map(|place| list.find(place)).collect();
        assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{list}");
    }

    #[test]
    fn a_crate_outside_depends_on_this_folder() {
        let files = stamp("rate-limit", &Home::Standalone(Path::new("/src/here")), &licences());
        let manifest = &files.iter().find(|file| file.path.ends_with("/Cargo.toml")).unwrap().text;
        assert!(manifest.contains("path = \"/src/here/crates/core\""), "{manifest}");
        assert!(!manifest.contains("workspace"), "{manifest}");
    }
}
