//! RTX streams that nothing announces: which media stream each belongs to is found out from what it repeats (RFC 4588 §5.3).

mod candidates;
mod counters;
mod factory;
mod interceptor;
mod options;

pub use counters::AssociationCounters;
pub use factory::RtxAssociationFactory;
pub use interceptor::{AssociatedStream, RtxAssociation};
pub use options::RtxAssociationOptions;
