//! A tower layer for gRPC that counts, limits, paces, watches and ends running streams.

mod body;
mod call;
mod content;
pub mod frames;
mod future;
mod layer;
mod observer;
mod peers;
mod policy;
#[cfg(feature = "prometheus")]
mod prometheus;
mod service;
mod settings;
mod span;
mod status;
mod timer;

pub use body::{RequestBody, ResponseBody};
pub use call::{CallHandle, CallHead, CallInfo, Calls, MethodKind};
pub use future::CallFuture;
pub use interceptor_stream::{
    Cause, Direction, Excess, LimitsError, Pace, Rate, RateError, StreamLimits, StreamStats, Traffic,
};
pub use layer::{ClientStreamLayer, StreamLayer};
pub use observer::{Message, Observer};
pub use peers::PeerKey;
pub use policy::{CallLimits, CallPolicy};
#[cfg(feature = "prometheus")]
pub use prometheus::{Counting, Metrics};
pub use service::{ClientStreamService, StreamService};
/// The codes of statuses, from tonic.
pub use tonic::{Code, Status};
