//! Finds RTP in captures.

pub mod capture;
pub mod frame;
pub mod sdp;

mod candidates;
mod endpoints;
mod error;
mod figures;
mod flow;
mod header;
mod inspector;
mod limit;
mod options;
mod payload_types;
mod problem;
mod reading;
mod related;
mod rtcp;
#[cfg(feature = "serde")]
mod serialize;
mod summarise;
mod summary;

pub use endpoints::Endpoints;
pub use error::{OpenError, ParseCodecError, ParseLimitError, ParsePayloadTypeError};
pub use figures::SpreadMs;
pub use inspector::Inspector;
pub use limit::{Excess, Limit};
pub use options::InspectOptions;
pub use payload_types::{Codec, PayloadType, PayloadTypes};
pub use problem::Problem;
pub use rtcp::RtcpCounts;
pub use summary::{LossRuns, StreamSummary, Summary};
