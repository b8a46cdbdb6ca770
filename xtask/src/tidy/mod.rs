//! `tidy`: the house rules that neither rustc, clippy nor cargo checks. One file a family of rules.

mod defaults;
mod dependencies;
mod files;
mod manifests;
mod readme;
mod rfc_map;
mod size;
mod source;
mod tokens;
mod words;

use std::fmt;

use anyhow::{Context, Result, bail};

use self::files::TextFile;
use crate::workspace::Workspace;

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
    let mut findings = dependencies::check(workspace.crates());
    findings.extend(manifests::check(workspace.crates(), &files));
    findings.extend(readme::check(workspace.crates(), &files));
    findings.extend(words::check(&files));
    let mut rust = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        match tokens::Source::parse(file) {
            Ok(source) => rust.push(source),
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(rust.iter().flat_map(source::check));
    findings.extend(size::check(&rust, &files));
    findings.extend(defaults::check(&rust, &files));
    findings.extend(rfc_map::check(&rust, &files));
    findings.sort();
    if findings.is_empty() {
        eprintln!("tidy: {} files, {} of them Rust, no findings", files.len(), rust.len());
        return Ok(());
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    bail!("tidy: {} findings", findings.len())
}

/// Writes every file that is derived from others.
fn write(workspace: &Workspace) -> Result<()> {
    let files = files::load(workspace.root())?;
    let mut derived = readme::derive(workspace.crates(), &files);
    derived.extend(manifests::licence_copies(workspace.crates(), &files));
    derived.extend(size::shrunk_exceptions(&files)?);
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
