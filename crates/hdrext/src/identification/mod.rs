//! Which media section and which encoding a stream is (RFC 8843 §15, RFC 8852): said until the peer knows, and heard of streams that nobody
//! has bound.

mod factory;
mod interceptor;
mod options;
mod outgoing;
mod unbound;

pub use factory::{IdentificationFactory, RepairIdentificationFactory};
pub use interceptor::{Identification, RepairIdentification};
pub use options::{IdentificationOptions, Identify};
pub use outgoing::IdentifiedStream;
pub use unbound::UnboundStream;
