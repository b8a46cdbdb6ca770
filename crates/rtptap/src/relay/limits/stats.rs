//! What a leg's limit has done: for who watches, and for the leg's book.

use interceptor_limit::{LimitCounters, LimitTotals};
use serde::Serialize;

use super::LegLimit;

/// What a leg's limit is, and what it has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LimitStats {
    /// What is in force.
    #[serde(flatten)]
    pub limit: LegLimit,
    /// Packets that passed after having waited.
    pub packets_delayed: u64,
    /// Packets that wait.
    pub packets_waiting: u64,
    /// Bytes of these.
    pub bytes_waiting: u64,
    /// Dropped: over what all streams together may have.
    pub dropped_leg: u64,
    /// Dropped: over what their stream may have.
    pub dropped_stream: u64,
    /// Dropped: too many waited already.
    pub dropped_queue: u64,
    /// Dropped: larger than any burst.
    pub dropped_oversize: u64,
    /// Dropped: of what is stopped.
    pub dropped_stopped: u64,
    /// Dropped: they waited when their stream ended.
    pub dropped_ended: u64,
    /// Bytes of all that were dropped.
    pub bytes_dropped: u64,
}

impl LimitStats {
    pub(super) fn of(limit: LegLimit, totals: &LimitTotals) -> Self {
        let all = all(totals);
        Self {
            limit,
            packets_delayed: all.delayed,
            packets_waiting: totals.waiting.packets,
            bytes_waiting: totals.waiting.bytes,
            dropped_leg: all.dropped_connection,
            dropped_stream: all.dropped_rate,
            dropped_queue: all.dropped_queue,
            dropped_oversize: all.dropped_oversize,
            dropped_stopped: all.dropped_stopped,
            dropped_ended: all.dropped_ended,
            bytes_dropped: all.dropped_bytes,
        }
    }

    /// Packets that were dropped, by reason.
    #[must_use]
    pub const fn reasons(&self) -> [(&'static str, u64); 6] {
        [
            ("leg", self.dropped_leg),
            ("stream", self.dropped_stream),
            ("queue", self.dropped_queue),
            ("oversize", self.dropped_oversize),
            ("stopped", self.dropped_stopped),
            ("ended", self.dropped_ended),
        ]
    }
}

/// Packets of a leg that its limit kept, for its book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::relay) struct Kept {
    /// For good.
    pub(in crate::relay) dropped: u64,
    /// For now.
    pub(in crate::relay) waiting: u64,
    /// Until they passed.
    pub(in crate::relay) delayed: u64,
    /// The same of what is no media but the leg's own repair.
    pub(in crate::relay) repair: Repair,
}

/// See [`Kept`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::relay) struct Repair {
    pub(in crate::relay) dropped: u64,
    pub(in crate::relay) waiting: u64,
    pub(in crate::relay) delayed: u64,
}

impl Kept {
    pub(super) fn of(totals: &LimitTotals) -> Self {
        let all = all(totals);
        let repair = Repair {
            dropped: all.dropped_repair,
            waiting: totals.waiting.repair,
            delayed: all.delayed_repair,
        };
        Self { dropped: all.dropped(), waiting: totals.waiting.packets, delayed: all.delayed, repair }
    }
}

/// Of streams and of what is of none.
fn all(totals: &LimitTotals) -> LimitCounters {
    let mut all = totals.streams;
    all += totals.unbound;
    all
}
