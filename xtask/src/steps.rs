//! Runs a list of named steps to the end, so that one run shows every failure.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

type Check = dyn Fn(&Workspace) -> Result<()>;

/// One named check.
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) about: &'static str,
    run: Box<Check>,
}

impl Step {
    pub(crate) fn new(
        name: impl Into<String>,
        about: &'static str,
        run: impl Fn(&Workspace) -> Result<()> + 'static,
    ) -> Self {
        Self { name: name.into(), about, run: Box::new(run) }
    }
}

/// Runs every step, also after a failure, and ends with one line a failed step.
pub(crate) fn run_all(workspace: &Workspace, title: &str, steps: &[Step]) -> Result<()> {
    let began = now();
    let mut failures = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        eprintln!("\n==> {title} {}/{} {}: {}", index + 1, steps.len(), step.name, step.about);
        let step_began = now();
        match (step.run)(workspace) {
            Ok(()) => eprintln!("    {} ok in {:.1} s", step.name, step_began.elapsed().as_secs_f64()),
            Err(error) => {
                eprintln!("    {} FAILED: {error:#}", step.name);
                failures.push(format!("{}: {error:#}", step.name));
            }
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    if failures.is_empty() {
        eprintln!("\n{title}: all {} steps passed in {seconds:.0} s", steps.len());
        return Ok(());
    }
    bail!(
        "{title}: {} of {} steps failed in {seconds:.0} s\n  {}",
        failures.len(),
        steps.len(),
        failures.join("\n  ")
    )
}

#[expect(clippy::disallowed_methods, reason = "a build tool times its steps")]
fn now() -> Instant {
    Instant::now()
}
