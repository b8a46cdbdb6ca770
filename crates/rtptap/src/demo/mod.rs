//! The demo: one call over a lossy link, with the chain's repair off, and with one kind of it or another.
//!
//! | module | what it holds |
//! |---|---|
//! | [`link`] | the lossy link: what it loses, how long the rest takes, and the log of both |
//! | [`Repair`] | what mends the losses of a run |
//! | [`hold_call`] | real calls over that link, a run each |
//! | [`Outcome`] | what the runs measured, packet by packet |
//! | [`DemoReport`] | its summary, as `--json` prints it |
//! | [`closing_table`] | the summary for a terminal |
//! | [`Live`] | the table and progress bar while it runs |
//! | [`report_html`] | the page with the plots |
//! | [`OutputFolder`] | where the files go |

pub mod link;

mod call;
mod figures;
mod live;
mod outcome;
mod output;
mod page;
mod rate;
mod repair;
mod series;
mod summary;
mod table;

pub use call::{CallError, CallPlan, CallStats, SideStats, hold_call};
pub use figures::{Figures, RecoveryMs};
pub use live::{Live, LiveRate, LiveSample, LiveSide, LiveStream};
pub use outcome::{
    Delivery, Frame, Outcome, PacketRecord, RepairPacket, RtcpCounts, RunRecord, StreamRecord,
};
pub use output::{OutputError, OutputFolder};
pub use page::report_html;
pub use rate::{Crossing, QueueMs, RateRecord, RateReport, RateStepReport, SideRate};
pub use repair::Repair;
pub use summary::{DemoReport, LinkSummary, RunReport, StreamReport};
pub use table::closing_table;
