//! RFC 4588 retransmission streams: encapsulates repairs on the way out, restores originals on the way in.

mod association;
mod counters;
mod error;
mod interceptor;
mod options;

pub use counters::{ReceiveCounters, RtxCounters, SendCounters};
pub use error::OptionsError;
pub use interceptor::{LocalStream, RemoteStream, Rtx, RtxFactory};
pub use options::RtxOptions;
