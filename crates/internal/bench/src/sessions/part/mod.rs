//! The processes themselves: each does one work and has nothing else in it.

mod bare;
mod frames;
mod set_up;
mod standing;
mod teller;

use serde::{Deserialize, Serialize};

use standing::Standing;
use teller::Teller;

/// What a process does.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Work {
    /// Gives frames to all.
    FanOut(Spreader),
    /// Sends what comes to one session by another.
    Forward(Chain),
    /// The same with sockets alone.
    ForwardBare,
    /// Sends what comes back.
    Echo(Sockets),
    /// Nothing.
    Idle(Sockets),
}

/// How frames leave.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Spreader {
    /// By a fan-out.
    Fanout(Chain),
    /// By each session's stream, with all interceptors.
    Loop,
    /// By a socket each, in one system call.
    BareGso,
    /// By a socket each, a system call a packet.
    BareOneByOne,
}

/// Which interceptors sessions have.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Chain {
    /// Statistics, reports, RTX and NACK.
    All,
    /// None.
    Plain,
}

/// Which sockets sessions have.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Sockets {
    /// One each.
    Own,
    /// One for all.
    Shared,
}

/// What a process is to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) work: Work,
    pub(super) sessions: u32,
    /// Where the peers have theirs.
    pub(super) port: u16,
}

/// What a process says when it is set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ready {
    /// Where packets go: one for all, or one a session.
    pub(super) ports: Vec<u16>,
    /// Resident memory before the sessions.
    pub(super) resident_bytes: u64,
    /// What the sessions have on the heap.
    pub(super) heap_bytes: i64,
}

/// What a process says when it is asked.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Told {
    /// Processor time so far.
    pub(super) cpu_ns: u64,
    /// Packets that it has made.
    pub(super) made: u64,
    /// Packets that it has dropped, as it counts them.
    pub(super) dropped: u64,
    /// Resident memory.
    pub(super) resident_bytes: u64,
}

/// Does what the order says, until nobody asks any more.
///
/// # Errors
/// There is no such order, or a socket or a session fails.
pub fn run(order: &str) -> anyhow::Result<()> {
    let order: Order = serde_json::from_str(order)?;
    match order.work {
        Work::FanOut(Spreader::BareGso) => bare::fan_out(order, bare::send_segmented),
        Work::FanOut(Spreader::BareOneByOne) => bare::fan_out(order, bare::send_each),
        Work::ForwardBare => bare::forward(order),
        _ => with_sessions(order),
    }
}

fn with_sessions(order: Order) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // What the first session brings is not a thousandth of what a thousand have.
    let first = runtime.block_on(Standing::settled(Order { sessions: 1, ..order }))?;
    let (resident_bytes, mut standing) = (crate::process::resident_bytes("self")?, None);
    let heap = allocation_counter::measure(|| standing = Some(runtime.block_on(Standing::settled(order))));
    let Some(standing) = standing.transpose()? else { return Ok(()) };
    drop(first);
    let ready = Ready { ports: standing.ports.clone(), resident_bytes, heap_bytes: heap.bytes_current };
    let teller = Teller::begin(&ready)?;
    // In a task of its own: waking what is blocked on costs a system call.
    runtime.block_on(async { tokio::spawn(standing.serve(teller)).await? })
}
