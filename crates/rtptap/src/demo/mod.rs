//! The demo: one call over a lossy link, with the chain's repair off and on.
//!
//! | module | what it holds |
//! |---|---|
//! | [`link`] | the lossy link: what it loses, how long the rest takes, and the log of both |
//! | [`hold_call`] | two real calls over that link, with repair off and on |
//! | [`Outcome`] | what both runs measured, packet by packet |
//! | [`DemoReport`] | its summary, as `--json` prints it |
//! | [`closing_table`] | the summary for a terminal |
//! | [`Live`] | the table and progress bar while it runs |
//! | [`report_html`] | the page with the plots |
//! | [`OutputFolder`] | where the files go |

pub mod link;

mod call;
mod live;
mod outcome;
mod output;
mod page;
mod rate;
mod series;
mod summary;
mod table;

pub use call::{CallError, CallStats, SideStats, hold_call};
pub use live::{Live, LiveRate, LiveSample, LiveSide, LiveStream};
pub use outcome::{Delivery, Outcome, PacketRecord, RtcpCounts, RunRecord, SentAgain, StreamRecord};
pub use output::{OutputError, OutputFolder};
pub use page::report_html;
pub use rate::{Crossing, QueueMs, RateRecord, RateReport, RateStepReport, SideRate};
pub use summary::{DemoReport, LinkSummary, RecoveryMs, SideReport, StreamReport};
pub use table::closing_table;
