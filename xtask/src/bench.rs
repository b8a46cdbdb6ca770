//! `bench`: the measurements, built as they are compared (thin LTO, one codegen unit).

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::run::{PassThrough, cargo};
use crate::workspace::Workspace;

/// Runs the `bench` package; its own `--help` lists scenarios and options. `--peers` builds the peers in as well; congestion
/// controllers are always measured beside theirs.
pub(crate) fn run(workspace: &Workspace, bench: &PassThrough) -> Result<ExitCode> {
    ensure!(workspace.get("bench").is_some(), "this workspace has no package `bench`");
    let peers = bench.args.iter().any(|argument| argument == "--peers");
    let congestion = bench.args.iter().any(|argument| argument.ends_with("congestion"));
    let features = match (peers, congestion) {
        (true, _) => "--features peers --",
        (false, true) => "--features congestion-peers --",
        (false, false) => "--",
    };
    let args = bench.args.iter().filter(|argument| *argument != "--peers");
    cargo(workspace, &format!("run --profile bench -p bench {features}")).args(args).forward()
}
