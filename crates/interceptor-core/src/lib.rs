//! The interceptor trait, stages, registry and the sans-IO chain.

mod chain;
mod config;
mod context;
mod erased;
mod error;
mod event;
mod facts;
mod interceptor;
mod registry;
mod routes;
mod stage;
mod stream_info;
mod streams;

pub use chain::{Chain, Counters, Incoming, Layout, LayoutRow, NestedStream, Outgoing};
pub use config::{ChainConfig, Limits};
pub use context::Context;
pub use error::{BuildError, ChainError, Error, RegistryError, Result};
pub use event::Event;
pub use facts::{Fact, Facts, KeyframeNeeded, Rtt, TargetBitrate};
pub use interceptor::{Flow, Interceptor};
pub use interceptor_packet as packet;
pub use registry::{BuildContext, Factory, Nested, Registry};
pub use stage::Stage;
pub use stream_info::{FecInfo, HeaderExtension, RtcpFeedback, RtxInfo, RtxPayloadType, StreamInfo};
pub use streams::Streams;
