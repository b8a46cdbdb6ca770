//! RTCP both ways, and the host's packets as the chain's.

mod convert;
mod copies;
mod pump;
mod reader;
mod writer;

pub(crate) use convert::to_host;
pub(crate) use copies::Copies;
pub(crate) use pump::{Compound, pump};
pub(crate) use reader::RtcpIn;
pub(crate) use writer::RtcpOut;

/// A compound as the host has it.
pub(crate) type Packets = Vec<Box<dyn rtcp::packet::Packet + Send + Sync>>;
