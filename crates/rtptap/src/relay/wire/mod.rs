//! A leg's sockets: RTP and RTCP on two ports or one, and who is on the other side.

mod claims;
mod kernel_drops;
mod link;
mod peers;
mod sockets;
mod strangers;
mod transport;

pub(super) use kernel_drops::KernelDrops;
pub(super) use link::{Link, LinkCounts};
pub(super) use peers::Peers;
pub(super) use sockets::LegSockets;
pub use strangers::RejectedHost;
