//! Forward error correction: a target's leg protects what it sends, the source's recovers what is lost.

mod at_work;
mod mode;
mod pair;
mod stats;

pub(super) use at_work::{LegFec, check};
pub use mode::{FecMode, FecReceiver};
pub use pair::FecPair;
pub(super) use pair::read_scheme;
pub use stats::{FecStats, ProtectedStats};
