//! Writes what crosses an interceptor chain to pcapng, pcap, rtpdump or text files.

mod capture;
mod check;
mod direction;
mod encode;
mod endpoints;
mod error;
mod factory;
mod file;
mod filter;
mod format;
mod framing;
mod handle;
mod interceptor;
mod options;
mod record;
mod setters;
mod sink;
mod writer;

pub use capture::PcapDump;
pub use direction::{Direction, PacketView, Protocol};
pub use endpoints::Endpoints;
pub use error::{CaptureError, CaptureStopped, OptionsError};
pub use factory::PcapDumpFactory;
pub use format::{Format, LinkType, Overflow};
pub use handle::{PcapDumpCounters, PcapDumpHandle};
pub use options::PcapDumpOptions;
pub use record::{CaptureEnd, Record};
pub use sink::PacketSink;
