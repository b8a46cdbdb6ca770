//! How much later than its timestamp says each packet leaves (RFC 5450).

mod anchor;
mod factory;
mod interceptor;

pub use factory::TransmissionOffsetFactory;
pub use interceptor::{OffsetStream, TransmissionOffsets};
