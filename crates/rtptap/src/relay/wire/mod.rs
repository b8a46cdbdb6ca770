//! A leg's sockets: RTP and RTCP on two ports or one, and who is on the other side.

mod peers;
mod sockets;
mod transport;

pub(super) use peers::Peers;
pub(super) use sockets::LegSockets;
