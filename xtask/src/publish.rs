//! `publish`: crates go to the registry in dependency order.

use anyhow::{Result, ensure};

use crate::run::cargo;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build and check the packages as the registry would receive them, upload nothing
    #[arg(long)]
    dry_run: bool,
    /// Only these packages (repeatable); all publishable ones when absent
    #[arg(short, long = "package", value_name = "NAME")]
    packages: Vec<String>,
}

/// Cargo itself orders the packages, waits until the registry shows each, and refuses a version that exists already.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    for name in &args.packages {
        let publishable = workspace.get(name).is_some_and(|krate| krate.publish);
        ensure!(publishable, "`{name}` is not a publishable package of this workspace");
    }
    let mut call = cargo(workspace, "publish");
    if args.packages.is_empty() {
        call = call.arg("--workspace");
    }
    for name in &args.packages {
        call = call.args(["--package", name]);
    }
    if args.dry_run {
        call = call.args(["--dry-run", "--allow-dirty"]);
    }
    call.run()
}
