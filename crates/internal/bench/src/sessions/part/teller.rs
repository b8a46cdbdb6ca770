//! Tells who started the process how it stands.

use std::io::Write as _;
use std::time::Duration;

use cpu_time::ThreadTime;
use serde::Serialize;

use super::{Ready, Told};
use crate::process::resident_bytes;

/// Tells of the thread that it is used by, which does all the work.
pub(super) struct Teller {
    /// What telling has taken so far: it is no part of the work.
    telling: Duration,
}

impl Teller {
    pub(super) fn begin(ready: &Ready) -> anyhow::Result<Self> {
        print(ready)?;
        Ok(Self { telling: Duration::ZERO })
    }

    /// `count` looks how many packets have been made and dropped.
    pub(super) fn tell(&mut self, count: impl FnOnce() -> (u64, u64)) -> anyhow::Result<()> {
        let now = ThreadTime::now();
        let cpu = now.as_duration().saturating_sub(self.telling);
        let (made, dropped) = count();
        let cpu_ns = u64::try_from(cpu.as_nanos())?;
        print(&Told { cpu_ns, made, dropped, resident_bytes: resident_bytes("self")? })?;
        self.telling += now.elapsed();
        Ok(())
    }
}

fn print(told: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(told)?)?;
    Ok(out.flush()?)
}
