//! `proto`: the Rust of `.proto` files is generated and committed. By a program of its own, whose dependencies nobody else needs.

use anyhow::Result;

use crate::run::cargo;
use crate::workspace::Workspace;

/// Writes what is to be committed.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    cargo(workspace, "run --quiet --package proto").run()
}

/// Fails where something else is committed than would be written.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    cargo(workspace, "run --quiet --package proto -- --check").run()
}
