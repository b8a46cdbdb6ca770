//! What a run did with the rate of its link: what was allowed, what was sent, what waited.

mod describe;
mod record;
mod report;

pub(super) use describe::describe;
pub(super) use record::came_since;
pub use record::{Crossing, RateRecord};
pub use report::{QueueMs, RateReport, RateStepReport, SideRate};
