//! Sessions by the thousand over UDP loopback, in processes of their own, beside loops that make the same system calls.

#[cfg(target_os = "linux")]
mod contenders;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod load;
mod page;
#[cfg(target_os = "linux")]
mod part;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod run;

use serde::Serialize;

use crate::results::Spread;

pub use page::{section, table};
#[cfg(target_os = "linux")]
pub use part::run as run_part;
#[cfg(target_os = "linux")]
pub use run::measure;

/// What `--scenario` calls it.
pub const NAME: &str = "sessions";

/// What was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sessions {
    /// A row a case and contender, of each case those first that others are compared with.
    pub rows: Vec<Row>,
    /// What was not measured as it is meant to be, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// What so many sessions, or what stands beside them, take.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What is done: `fan-out`, `forward`, `one socket` or `idle`.
    pub variant: &'static str,
    /// Who does it.
    pub contender: &'static str,
    /// How many of them.
    pub sessions: u32,
    /// Nanoseconds of processor time for a packet that has arrived, the kernel's part included; none where there are no packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns: Option<Spread>,
    /// Packets that were sent a second: less than wanted if who sends was held up.
    pub rate: f64,
    /// Percent of a core that are busy.
    pub busy: Spread,
    /// What became of the packets of all rounds.
    pub fate: Fate,
    /// Resident memory that has been added when the round is over, in KiB a session, of the largest round.
    pub resident_kib: f64,
    /// The part of it that is on the heap before the first packet.
    pub heap_kib: f64,
}

/// What became of packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// Packets that were to arrive.
    pub sent: u64,
    /// Packets that have arrived.
    pub arrived: u64,
    /// Packets that found no room in the receive buffer of a session's socket, as the kernel counts them.
    pub buffers: u64,
    /// The same of where they were to arrive: no fault of the sessions.
    pub beyond: u64,
    /// Packets that sessions dropped, as they count them.
    pub queues: u64,
}

impl Fate {
    /// Packets that have not arrived.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.sent.saturating_sub(self.arrived)
    }

    /// Those of which nothing else is known.
    #[must_use]
    pub const fn uncounted(&self) -> u64 {
        self.lost().saturating_sub(self.buffers + self.beyond + self.queues)
    }
}

impl std::ops::AddAssign for Fate {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.arrived += other.arrived;
        self.buffers += other.buffers;
        self.beyond += other.beyond;
        self.queues += other.queues;
    }
}

/// Other systems have no clock of another process.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn measure(_: u32, _: &dyn Fn(&str, &str) -> bool) -> anyhow::Result<Sessions> {
    Ok(Sessions { rows: Vec::new(), remarks: vec!["measured on Linux only".to_owned()] })
}

#[cfg(test)]
mod tests {
    use super::Fate;

    #[test]
    fn what_is_lost_has_a_reason_or_none() {
        let mut fate = Fate { sent: 10, arrived: 5, buffers: 1, beyond: 1, queues: 2 };
        assert_eq!((fate.lost(), fate.uncounted()), (5, 1));
        fate += Fate { sent: 5, arrived: 5, ..Fate::default() };
        assert_eq!((fate.sent, fate.lost(), fate.uncounted()), (15, 5, 1));
    }
}
