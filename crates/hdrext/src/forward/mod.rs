//! What a forwarder does to the header extensions of packets that somebody else has made.

mod factory;
mod interceptor;
mod options;
mod rules;

pub use factory::ForwardExtensionsFactory;
pub use interceptor::{ForwardExtensions, ForwardedStream};
pub use options::{ForwardOptions, Remap, StripExtensions};
