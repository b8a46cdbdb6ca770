//! The command-line tool as a user runs it: processes of their own, measured from outside.
//!
//! `rtptap inspect` stands beside `tshark`; `rtptap relay` has a [scenario of its own](crate::forward).

#[cfg(target_os = "linux")]
mod inspect;
mod page;

use serde::Serialize;

use crate::results::Spread;

pub use page::{section, table};

/// What `--scenario` calls it.
pub const NAME: &str = "rtptap";

/// What was measured of it.
#[derive(Clone, Debug, Serialize)]
pub struct Rtptap {
    /// Inspecting a capture, `rtptap` first.
    pub inspect: Vec<Inspecting>,
    /// Bytes of that capture.
    pub capture_bytes: u64,
    /// Why something was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
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
    let tools = crate::process::Tools::build()?;
    let (inspect, capture_bytes, skipped) = inspect::measure(&tools, rounds.min(5))?;
    Ok(Rtptap { inspect, capture_bytes, skipped })
}

/// Other systems have no clock of another process.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn measure(_: u32) -> anyhow::Result<Rtptap> {
    let skipped = Some("measured on Linux only".to_owned());
    Ok(Rtptap { inspect: Vec::new(), capture_bytes: 0, skipped })
}
