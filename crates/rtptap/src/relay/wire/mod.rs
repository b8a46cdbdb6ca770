//! A leg's sockets: RTP and RTCP on two ports or one, and who is on the other side.

mod claims;
mod peers;
mod sockets;
mod strangers;
mod transport;

pub(super) use peers::Peers;
pub(super) use sockets::LegSockets;
pub use strangers::RejectedHost;
