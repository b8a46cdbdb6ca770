//! S8: packets of many connections in turn, each through a chain of its own.

use std::time::Duration;

use crate::contender::{Contender, STRETCH};
use crate::traffic::{Traffic, start};

/// How many connections.
pub const COUNTS: [u32; 5] = [1, 10, 100, 1000, 3000];
/// The variants: packets that leave or come, through interceptors or none.
pub const SEND: &str = "send";
/// See [`SEND`].
pub const RECEIVE: &str = "receive";
/// See [`SEND`].
pub const SEND_EMPTY: &str = "send, empty";
/// See [`SEND`].
pub const RECEIVE_EMPTY: &str = "receive, empty";
/// What a connection keeps before its first packet.
pub const IDLE: &str = "idle";

/// Packets of each connection: 1 Mbit/s of video.
const A_SECOND: u32 = 100;
/// Histories last a second, reports come each second: both have their size and have come.
const SECONDS_BEFORE: u32 = 2;

/// One stream a connection, the connections in turn; connection `n` has stream `n`.
#[must_use]
pub fn traffic(connections: u32) -> Traffic {
    Traffic::new(connections, start()).spaced(Duration::from_secs(1) / (A_SECOND * connections))
}

/// After some seconds of virtual time, however many connections share them.
pub fn settled<C: Contender>(mut contender: C, connections: u32) -> C {
    let packets = SECONDS_BEFORE * A_SECOND * connections;
    for _ in 0..packets.div_ceil(STRETCH as u32) {
        contender.prepare(STRETCH);
        contender.run();
    }
    contender
}
