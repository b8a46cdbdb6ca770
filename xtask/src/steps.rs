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
    let mut failures = Vec::new();
    let mut times = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        eprintln!("\n==> {title} {}/{} {}: {}", index + 1, steps.len(), step.name, step.about);
        let began = now();
        let outcome = (step.run)(workspace);
        let seconds = now().duration_since(began).as_secs_f64();
        match outcome {
            Ok(()) => eprintln!("    {} ok in {seconds:.1} s", step.name),
            Err(error) => {
                eprintln!("    {} FAILED in {seconds:.1} s: {error:#}", step.name);
                failures.push(format!("{}: {error:#}", step.name));
            }
        }
        times.push((step.name.as_str(), seconds));
    }
    eprint!("\n{}", slowest_first(&mut times));
    let seconds: f64 = times.iter().map(|(_, seconds)| seconds).sum();
    if failures.is_empty() {
        eprintln!("{title}: all {} steps passed in {seconds:.0} s", steps.len());
        return Ok(());
    }
    bail!(
        "{title}: {} of {} steps failed in {seconds:.0} s\n  {}",
        failures.len(),
        steps.len(),
        failures.join("\n  ")
    )
}

/// A line a step, where the time went first.
fn slowest_first(times: &mut [(&str, f64)]) -> String {
    times.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    times.iter().map(|(name, seconds)| format!("{seconds:8.1} s  {name}\n")).collect()
}

#[expect(clippy::disallowed_methods, reason = "a build tool times its steps")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::slowest_first;

    #[test]
    fn the_step_that_took_longest_comes_first() {
        let mut times = [("fmt", 0.31), ("tests", 120.0), ("doc", 14.04)];
        assert_eq!(slowest_first(&mut times), "   120.0 s  tests\n    14.0 s  doc\n     0.3 s  fmt\n");
    }
}
