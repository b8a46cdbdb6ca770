//! `bench`: the measurements, built as they are compared (thin LTO, one codegen unit).

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::run::{PassThrough, cargo};
use crate::workspace::Workspace;

/// Runs the `bench` package; its own `--help` lists scenarios and options.
pub(crate) fn run(workspace: &Workspace, bench: &PassThrough) -> Result<ExitCode> {
    ensure!(workspace.get("bench").is_some(), "this workspace has no package `bench`");
    cargo(workspace, "run --profile bench -p bench --").args(&bench.args).forward()
}
