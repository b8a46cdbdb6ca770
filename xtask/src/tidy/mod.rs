//! `tidy`: the house rules that neither rustc, clippy nor cargo checks. One file a family of rules.

mod addresses;
mod defaults;
mod dependencies;
mod files;
pub(crate) mod folders;
mod malformed;
mod manifests;
mod maps;
mod modules;
mod readme;
mod size;
mod source;
mod template;
mod tokens;

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};

pub(crate) use self::files::TextFile;
use crate::workspace::{Crate, Workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write what can be written first: READMEs, licence copies, smaller size exceptions
    #[arg(long)]
    write: bool,
}

/// A rule broken at a place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: Option<usize>,
    message: String,
}

impl Finding {
    fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), line: None, message: message.into() }
    }

    fn at(path: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.into(), line: Some(line), message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    if args.write {
        write(workspace)?;
    }
    check(workspace)
}

/// Checks every rule and prints every finding.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let files = files::load(workspace.root())?;
    let findings = findings(workspace.crates(), &files);
    if findings.is_empty() {
        eprintln!("tidy: {} files, {} of them Rust, no findings", files.len(), rust(&files).count());
        return Ok(());
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    bail!("tidy: {} findings", findings.len())
}

/// Every rule broken in these crates and files, by place.
pub(crate) fn findings(crates: &[Crate], files: &[TextFile]) -> Vec<Finding> {
    let mut findings = dependencies::check(crates);
    findings.extend(manifests::check(crates, files));
    findings.extend(readme::check(crates, files));
    findings.extend(template::check(crates, files));
    findings.extend(addresses::check(crates, files));
    findings.extend(folders::check(files));
    findings.extend(modules::check(files));
    let mut sources = Vec::new();
    for file in rust(files) {
        match tokens::Source::parse(file) {
            Ok(source) => sources.push(source),
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(sources.iter().flat_map(source::check));
    findings.extend(size::check(&sources, files));
    findings.extend(defaults::check(&sources, files));
    findings.extend(maps::check(&sources, files));
    findings.extend(malformed::check(crates, &sources, files));
    findings.sort();
    findings
}

fn rust(files: &[TextFile]) -> impl Iterator<Item = &TextFile> {
    files.iter().filter(|file| file.path.ends_with(".rs"))
}

/// The files of a crate that follow from its documentation and from the root's licences, both among `files`.
pub(crate) fn derived(krate: &Crate, files: &[TextFile]) -> Vec<TextFile> {
    let krate = std::slice::from_ref(krate);
    let mut derived = readme::derive(krate, files);
    derived.extend(manifests::licence_copies(krate, files));
    derived
}

/// The licence files of the root.
pub(crate) fn licences(root: &Path) -> Result<Vec<TextFile>> {
    let read = |name: &&str| {
        let text = std::fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"))?;
        Ok(TextFile { path: (*name).to_owned(), text })
    };
    manifests::LICENCES.iter().map(read).collect()
}

/// Writes every file that is derived from others.
fn write(workspace: &Workspace) -> Result<()> {
    let files = files::load(workspace.root())?;
    let mut derived = readme::derive(workspace.crates(), &files);
    derived.extend(manifests::licence_copies(workspace.crates(), &files));
    derived.extend(size::shrunk_exceptions(&files));
    for new in derived {
        if files.iter().any(|file| file == &new) {
            continue;
        }
        eprintln!("writes {}", new.path);
        std::fs::write(workspace.root().join(&new.path), &new.text)
            .with_context(|| format!("cannot write {}", new.path))?;
    }
    Ok(())
}

/// The text of a file among `files`.
fn text_of<'a>(files: &'a [TextFile], path: &str) -> Option<&'a str> {
    files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
}
