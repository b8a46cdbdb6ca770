//! What the page is told of its call, as JSON.

use interceptor_stats::ConnectionStats;
use serde::Serialize;

use crate::ledger::Tally;
use crate::link::{Badness, WayFigures};

/// How a call stands. Sums are since its beginning: who asks twice has the difference.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    /// Since the call began.
    pub(crate) seconds: f64,
    pub(crate) link: Badness,
    pub(crate) repair: bool,
    pub(crate) tally: Tally,
    /// From the browser to us.
    pub(crate) up: WayFigures,
    /// From us to the browser.
    pub(crate) down: WayFigures,
    /// Packets that our end has waited for in vain.
    pub(crate) skipped: u64,
    /// Our statistics, under their W3C names.
    pub(crate) connection: Option<ConnectionStats>,
}
