//! What is kept of each stream: numbers that readers share, and state that only the chain's thread has.

mod inbound;
mod outbound;
mod remote;

pub(crate) use inbound::InboundCells;
pub use inbound::RemoteStream;
pub use outbound::LocalStream;
pub(crate) use outbound::OutboundCells;
