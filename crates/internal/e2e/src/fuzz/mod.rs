//! The bodies of the fuzz targets. Each takes any bytes and panics when something does not hold.

mod chain;
mod grpc_frames;
mod inspect;
mod rtcp;
mod rtp;

pub use chain::chain;
pub use grpc_frames::grpc_frames;
pub use inspect::inspect;
pub use rtcp::rtcp;
pub use rtp::rtp;
