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
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    pub(crate) fn build() -> anyhow::Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let args = ["build", "--profile", "bench", "-p", "rtptap", "--bin", "rtptap", "--examples"];
        let status = Command::new(cargo).args(args).status().context("building rtptap")?;
        ensure!(status.success(), "rtptap does not build");
        let this = std::env::current_exe().context("finding the programs")?;
        let folder = this.parent().context("finding the programs")?.to_owned();
        Ok(Self { folder })
    }

    pub(crate) fn rtptap(&self) -> Command {
        Command::new(self.folder.join("rtptap"))
    }

    /// This program itself.
    pub(crate) fn bench() -> anyhow::Result<Command> {
        Ok(Command::new(std::env::current_exe().context("finding the programs")?))
    }

    pub(crate) fn example(&self, name: &str) -> Command {
        Command::new(self.folder.join("examples").join(name))
    }
}

/// A program that runs until this is dropped.
pub(crate) struct Running {
    child: Child,
    clock: ClockId,
    /// The first line that it printed.
    pub(crate) first_line: String,
}

impl Running {
    /// A program that says with a line that it has begun.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut running = Self::spawn(command, Stdio::piped())?;
        if let Some(out) = running.child.stdout.take() {
            BufReader::new(out).read_line(&mut running.first_line)?;
        }
        Ok(running)
    }

    /// One that does not: nothing of what it prints is read.
    pub(crate) fn start_silent(command: &mut Command) -> anyhow::Result<Self> {
        Self::spawn(command, Stdio::null())
    }

    fn spawn(command: &mut Command, out: Stdio) -> anyhow::Result<Self> {
        let command = command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null());
        let child = command.spawn().with_context(|| format!("starting {command:?}"))?;
        let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(child.id())?))?;
        Ok(Self { child, clock, first_line: String::new() })
    }

    /// What all its threads have used so far.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        Ok(Duration::from(self.clock.now()?))
    }

    /// Its resident memory in bytes.
    pub(crate) fn resident_bytes(&self) -> anyhow::Result<u64> {
        resident_bytes(&self.child.id().to_string())
    }
}

/// The resident memory of a process, by its number or `self`.
pub(crate) fn resident_bytes(process: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")).context("no VmRSS")?;
    Ok(kib.trim().parse::<u64>()? << 10)
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
pub(crate) fn time(command: &mut Command) -> anyhow::Result<(Duration, Duration)> {
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

/// Does this program run here?
pub(crate) fn is_there(program: &str, version: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(version).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
