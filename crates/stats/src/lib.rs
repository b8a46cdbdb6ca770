//! W3C webrtc-stats counters for any RTP session, read through a live handle.

mod cell;
mod connection;
mod factory;
mod handle;
mod identity;
mod interceptor;
mod options;
#[cfg(feature = "prometheus")]
mod prometheus;
mod rate;
mod reporters;
mod rtcp;
mod sequence_window;
mod snapshot;
mod stream;
mod time;

pub use factory::StatsFactory;
pub use handle::StatsHandle;
pub use interceptor::Stats;
pub use interceptor_packet::rfc3550::JitterRule;
pub use options::StatsOptions;
#[cfg(feature = "prometheus")]
pub use prometheus::StatsCollector;
pub use snapshot::{
    ConnectionEnded, ConnectionStats, InboundRtp, InterceptorErrors, MediaKind, OutboundRtp,
    RemoteInboundRtp, RemoteOutboundRtp, StreamEnded, StreamStats,
};
pub use stream::{LocalStream, RemoteStream};
