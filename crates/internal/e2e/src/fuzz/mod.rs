//! The bodies of the fuzz targets. Each takes any bytes and panics when something does not hold.

mod chain;
mod inspect;
mod rtcp;
mod rtp;

pub use chain::chain;
pub use inspect::inspect;
pub use rtcp::rtcp;
pub use rtp::rtp;
