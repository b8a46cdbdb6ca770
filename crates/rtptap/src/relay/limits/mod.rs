//! How much a leg carries: bounds for all its streams together and for each, which can be changed while the relay runs.

mod at_work;
mod change;
mod handle;
mod options;
mod stats;
mod table;

pub(super) use at_work::LegLimits;
pub use change::LimitChange;
pub use options::{LegLimit, Over};
pub(super) use stats::Kept;
pub use stats::LimitStats;
pub(super) use table::LimitTable;
