//! A part that runs in a process of its own, as who started it sees it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context as _, ensure};
use serde::de::DeserializeOwned;

use super::part::{Order, Ready, Told};
use crate::process::Tools;

/// A part that runs until this is dropped.
pub(super) struct Part {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    pub(super) ready: Ready,
}

impl Part {
    /// Starts it, and waits until it is ready.
    pub(super) fn start(order: &Order) -> anyhow::Result<Self> {
        let mut command = Tools::bench()?;
        command.arg("--sessions-part").arg(serde_json::to_string(order)?);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().with_context(|| format!("starting {command:?}"))?;
        let to = child.stdin.take().context("its input")?;
        let mut from = BufReader::new(child.stdout.take().context("its output")?);
        let ready = line(&mut from)?;
        Ok(Self { child, to, from, ready })
    }

    /// Lets it send so many frames, and tell how it stands then.
    pub(super) fn ask(&mut self, frames: u32) -> anyhow::Result<Told> {
        writeln!(self.to, "{frames}").context("asking it")?;
        line(&mut self.from)
    }
}

fn line<T: DeserializeOwned>(from: &mut BufReader<ChildStdout>) -> anyhow::Result<T> {
    let mut line = String::new();
    ensure!(from.read_line(&mut line)? > 0, "it has ended");
    serde_json::from_str(&line).with_context(|| format!("reading {line}"))
}

impl Drop for Part {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
