//! Writes what crosses an interceptor chain to pcapng, pcap, rtpdump or text files.

mod check;
mod direction;
mod encode;
mod endpoints;
mod error;
mod factory;
mod file;
mod filter;
mod framing;
mod handle;
mod interceptor;
mod options;
mod record;
mod sink;
mod writer;

pub use direction::{Direction, PacketView, Protocol};
pub use endpoints::Endpoints;
pub use error::{CaptureError, CaptureStopped, OptionsError};
pub use factory::PcapDumpFactory;
pub use handle::{PcapDumpCounters, PcapDumpHandle};
pub use interceptor::PcapDump;
pub use options::{Format, LinkType, Overflow, PcapDumpOptions};
pub use record::{CaptureEnd, Record};
pub use sink::PacketSink;
