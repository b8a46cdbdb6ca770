//! Inspecting captures: which RTP streams are in a file, and how well they fared.
//!
//! | module | what it holds |
//! |---|---|
//! | [`inspect()`] | from bytes to figures |
//! | [`capture`] | reads pcap, pcapng and rtpdump, whole or damaged |
//! | [`frame`] | from a frame to the UDP datagram in it |
//! | [`sdp`] | what session descriptions and announcements say |
//! | [`run`] | the command: files in, a report out |
//!
//! Each direction between two ports has a chain with the statistics of `interceptor-stats` and an interceptor that samples
//! [`interceptor_packet::rfc3550`] at every packet; time is the capture's.

pub mod capture;
pub mod frame;
pub mod sdp;

mod candidates;
mod command;
mod csv;
mod endpoints;
mod figures;
mod flow;
mod header;
mod inspector;
mod limit;
mod options;
mod payload_types;
mod related;
mod report;
mod rtcp;
mod summary;
mod table;

pub use command::{InspectError, Verdict, run};
pub use csv::inspection_csv;
pub use endpoints::Endpoints;
pub use figures::SpreadMs;
pub use inspector::inspect;
pub use limit::Limit;
pub use options::InspectOptions;
pub use payload_types::{Codec, PayloadType, PayloadTypes};
pub use report::{Inspection, LossRuns, Problem, StreamReport};
pub use rtcp::RtcpCounts;
pub use table::inspection_table;
