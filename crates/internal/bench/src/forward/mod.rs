//! Forwarding RTP: whole processes side by side over loopback, each in turn.
//!
//! `rtptap relay` stands beside loops that only receive and send, and beside what users would pick instead of it. What is not
//! installed is skipped, and named.

#[cfg(target_os = "linux")]
mod bare;
#[cfg(target_os = "linux")]
mod contenders;
#[cfg(target_os = "linux")]
mod load;
mod page;
#[cfg(target_os = "linux")]
mod rtpengine;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod start;

use serde::Serialize;

use crate::results::Spread;

#[cfg(target_os = "linux")]
pub use bare::run as run_bare;
pub use page::{section, table};
#[cfg(target_os = "linux")]
pub use run::measure;

/// What `--scenario` calls it.
pub const NAME: &str = "forward";

/// What was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Forward {
    /// A row a case and contender, of each case the relay first.
    pub rows: Vec<Forwarding>,
    /// Who was not measured, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
}

/// Packets of some streams that come at a rate and go to some targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// SSRCs that share the packets in turn.
    pub streams: u32,
    /// Where each packet goes.
    pub targets: u32,
    /// Packets that come a second.
    pub rate: u32,
}

impl Case {
    /// In words, without the streams.
    #[must_use]
    pub fn variant(self) -> String {
        let Self { targets, rate, .. } = self;
        let plural = if targets == 1 { "" } else { "s" };
        format!("{targets} target{plural}, {rate}/s")
    }
}

/// What forwarding costs a process.
#[derive(Clone, Debug, Serialize)]
pub struct Forwarding {
    /// What is forwarded.
    pub case: Case,
    /// Who forwards.
    pub contender: &'static str,
    /// Nanoseconds of processor time for a packet that leaves, the kernel's part included.
    pub ns_out: Spread,
    /// Packets that did not arrive, of all, in the middle round.
    pub lost: f64,
    /// Resident memory in the end, of the largest round.
    pub resident_bytes: u64,
}

impl Forwarding {
    /// The same of a packet that comes in.
    #[must_use]
    pub fn ns_in(&self) -> Spread {
        let targets = f64::from(self.case.targets);
        let Spread { min, median, max } = self.ns_out;
        Spread { min: min * targets, median: median * targets, max: max * targets }
    }
}

/// Other systems have no clock of another process.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn measure(_: u32, _: &dyn Fn(&str, &str) -> bool) -> anyhow::Result<Forward> {
    Ok(Forward { rows: Vec::new(), skipped: vec!["measured on Linux only".to_owned()] })
}
