//! RFC 3550 sender and receiver reports, SDES, BYE, RFC 3611 round-trip times.

mod compound;
mod counters;
mod error;
mod extended;
mod factory;
mod interceptor;
mod interval;
mod listen;
mod local;
mod members;
mod options;
mod remote;
mod rtt;
mod schedule;
mod send;
mod wrap;
mod write;

pub use counters::ReportCounters;
pub use error::OptionsError;
pub use factory::ReportFactory;
pub use interceptor::Report;
pub use interceptor_packet::rfc3550::JitterRule;
pub use interval::RtcpInterval;
pub use local::LocalStream;
pub use options::ReportOptions;
pub use remote::RemoteStream;
