//! The bodies of the fuzz targets. Each takes any bytes and panics when something does not hold.

mod chain;
mod congestion;
mod fec;
mod grpc_frames;
mod inspect;
mod rtcp;
mod rtp;
mod sdp;

pub use chain::chain;
pub use congestion::congestion;
pub use fec::fec;
pub use grpc_frames::grpc_frames;
pub use inspect::inspect;
pub use rtcp::rtcp;
pub use rtp::rtp;
pub use sdp::sdp;
