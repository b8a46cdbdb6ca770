//! The programs that are measured, and their processor time.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

/// Programs built with the profile of the bench itself.
pub(super) struct Tools {
    folder: PathBuf,
}

impl Tools {
    pub(super) fn build() -> anyhow::Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let args = ["build", "--profile", "bench", "-p", "rtptap", "--bin", "rtptap", "--examples"];
        let status = Command::new(cargo).args(args).status().context("building rtptap")?;
        ensure!(status.success(), "rtptap does not build");
        let this = std::env::current_exe().context("finding the programs")?;
        let folder = this.parent().context("finding the programs")?.to_owned();
        Ok(Self { folder })
    }

    pub(super) fn rtptap(&self) -> Command {
        Command::new(self.folder.join("rtptap"))
    }

    pub(super) fn example(&self, name: &str) -> Command {
        Command::new(self.folder.join("examples").join(name))
    }
}

/// A program that runs until this is dropped.
pub(super) struct Running {
    child: Child,
    clock: ClockId,
    /// The first line that it printed.
    pub(super) first_line: String,
}

impl Running {
    pub(super) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {command:?}"))?;
        let mut first_line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut first_line)?;
        }
        let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(child.id())?))?;
        Ok(Self { child, clock, first_line })
    }

    /// What all its threads have used so far.
    pub(super) fn cpu(&self) -> anyhow::Result<Duration> {
        Ok(Duration::from(self.clock.now()?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end: wall and processor time.
#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
pub(super) fn time(command: &mut Command) -> anyhow::Result<(Duration, Duration)> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (start, before) = (Instant::now(), getrusage(UsageWho::RUSAGE_CHILDREN)?);
    let status = command.status().with_context(|| format!("starting {command:?}"))?;
    let (wall, after) = (start.elapsed(), getrusage(UsageWho::RUSAGE_CHILDREN)?);
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok((wall, total(after).saturating_sub(total(before))))
}

fn total(usage: Usage) -> Duration {
    let time = |value: TimeVal| {
        let (seconds, micros) = (value.tv_sec().unsigned_abs(), value.tv_usec().unsigned_abs());
        Duration::from_secs(seconds) + Duration::from_micros(micros)
    };
    time(usage.user_time()) + time(usage.system_time())
}
