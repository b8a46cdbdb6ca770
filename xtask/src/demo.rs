//! `demo`: the repaired call, for whoever just cloned the repository.

use std::process::ExitCode;

use anyhow::Result;

use crate::run::{PassThrough, cargo};
use crate::workspace::Workspace;

/// Cargo's progress and our own lines go to stderr: stdout is the demo's alone.
pub(crate) fn run(workspace: &Workspace, demo: &PassThrough) -> Result<ExitCode> {
    let mut call = cargo(workspace, "run --release");
    if demo.args.iter().any(|arg| arg == "--json") {
        call = call.arg("--quiet");
    }
    call.args(["-p", "rtptap", "--", "demo"]).args(&demo.args).forward()
}
