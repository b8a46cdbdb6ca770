//! The command-line tool as a user runs it: processes of their own, measured from outside.
//!
//! `rtptap relay` stands beside a loop that only receives and sends, `rtptap inspect` beside `tshark`.

#[cfg(target_os = "linux")]
mod inspect;
mod page;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod relay;

use serde::Serialize;

use crate::results::Spread;

pub use page::{section, table};

/// What `--scenario` calls it.
pub const NAME: &str = "rtptap";

/// What was measured of it.
#[derive(Clone, Debug, Serialize)]
pub struct Rtptap {
    /// Processor time of forwarding, the relay first.
    pub relay: Vec<Forwarding>,
    /// Inspecting a capture, `rtptap` first.
    pub inspect: Vec<Inspecting>,
    /// Bytes of that capture.
    pub capture_bytes: u64,
    /// Why something was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

/// What forwarding a packet costs a process.
#[derive(Clone, Debug, Serialize)]
pub struct Forwarding {
    /// Who forwards.
    pub contender: &'static str,
    /// Packets forwarded in a round.
    pub packets: u32,
    /// Nanoseconds of processor time a packet, the kernel's part included.
    pub ns: Spread,
}

/// What reading a capture to its end costs.
#[derive(Clone, Debug, Serialize)]
pub struct Inspecting {
    /// The command.
    pub contender: &'static str,
    /// Seconds until it is done.
    pub wall_s: Spread,
    /// Seconds of processor time, the kernel's part included.
    pub cpu_s: Spread,
}

/// Builds the tool and measures it, at most five rounds: they take seconds each.
///
/// # Errors
/// Something cannot be built or started, or loses packets.
#[cfg(target_os = "linux")]
pub fn measure(rounds: u32) -> anyhow::Result<Rtptap> {
    let tools = process::Tools::build()?;
    let rounds = rounds.min(5);
    let relay = relay::measure(&tools, rounds)?;
    let (inspect, capture_bytes, skipped) = inspect::measure(&tools, rounds)?;
    Ok(Rtptap { relay, inspect, capture_bytes, skipped })
}

/// Other systems have no clock of another process.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn measure(_: u32) -> anyhow::Result<Rtptap> {
    let skipped = Some("measured on Linux only".to_owned());
    Ok(Rtptap { relay: Vec::new(), inspect: Vec::new(), capture_bytes: 0, skipped })
}
