//! `rtptap inspect` beside `tshark`, on the same capture.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::Inspecting;
use crate::process::{Tools, is_there, time};
use crate::results::Spread;

/// The capture's size.
const MEGABYTES: &str = "500";

/// A command, and what it took in each round.
struct Measured {
    contender: &'static str,
    command: Command,
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

/// The figures, the capture's bytes, and why something is missing.
pub(super) fn measure(tools: &Tools, rounds: u32) -> anyhow::Result<(Vec<Inspecting>, u64, Option<String>)> {
    let capture = Temporary(std::env::temp_dir().join(format!("rtptap-bench-{}.pcap", std::process::id())));
    time(tools.example("make_capture").arg(&capture.0).arg(MEGABYTES))?;
    let bytes = std::fs::metadata(&capture.0)?.len();
    let mut ours = tools.rtptap();
    ours.arg("inspect").arg(&capture.0);
    let mut commands = vec![Measured::new("rtptap inspect", ours)];
    let mut skipped = None;
    if is_there("tshark", "--version") {
        commands.push(Measured::new("tshark -q -z rtp,streams", tshark(&capture.0)));
    } else {
        skipped = Some("tshark is not installed: nothing to compare `rtptap inspect` with".to_owned());
    }
    for command in &mut commands {
        // Into the page cache.
        time(&mut command.command)?;
    }
    for _ in 0..rounds {
        for command in &mut commands {
            let (wall, cpu) = time(&mut command.command)?;
            command.wall.push(Duration::as_secs_f64(&wall));
            command.cpu.push(Duration::as_secs_f64(&cpu));
        }
    }
    Ok((commands.into_iter().map(Measured::finish).collect(), bytes, skipped))
}

impl Measured {
    const fn new(contender: &'static str, command: Command) -> Self {
        Self { contender, command, wall: Vec::new(), cpu: Vec::new() }
    }

    fn finish(self) -> Inspecting {
        let Self { contender, wall, cpu, .. } = self;
        Inspecting { contender, wall_s: Spread::of(wall), cpu_s: Spread::of(cpu) }
    }
}

/// Its ports are told: the heuristic would take time, and miss streams.
fn tshark(capture: &Path) -> Command {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(capture).args(["-q", "-z", "rtp,streams"]);
    for stream in 0..10 {
        command.args(["-d", &format!("udp.port=={},rtp", 5000 + 2 * stream)]);
    }
    command
}

/// A file that goes with the value.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // It may not have been made.
        let _ = std::fs::remove_file(&self.0);
    }
}
