//! Whether loss is for want of room: only if the queue says so, or if delivery stops following what is sent.

mod policer;
mod windows;

use policer::policed_at;
use windows::Windows;

use super::clock::millis;
use crate::Time;

/// Loss above this share may be for want of room (draft-ietf-rmcat-gcc-02 §6).
const HIGH: f64 = 0.1;
/// With a queue of more than this, in ms, and of more than half of the longest seen.
const QUEUE_MS: f64 = 30.0;
const QUEUE_SHARE: f64 = 0.5;
/// How long the longest queue is remembered, in ms: it shrinks by a thousandth each 50 ms.
const MEMORY_MS: f64 = 50_000.0;
/// What is lost while so much is lost tells nothing of the queue: growth waits.
const TOO_HIGH: f64 = 0.5;
/// Time between two cuts for loss, in ms; libwebrtc `kBweDecreaseInterval`.
const BETWEEN_CUTS_MS: f64 = 300.0;

/// What losses say of the path.
#[derive(Clone, Debug, Default)]
pub(super) struct Losses {
    windows: Windows,
    /// The longest queue that was seen, in ms.
    longest_queue: f64,
    policed_at: Option<f64>,
}

impl Losses {
    /// What a feedback tells, in bytes, `dt` ms after the last; the queue is so many ms long.
    pub(super) fn feedback(&mut self, now: Time, received: f64, lost: f64, queue: f64, dt: f64) {
        self.longest_queue = (self.longest_queue * (1.0 - dt / MEMORY_MS)).max(queue);
        if self.windows.add(now, received, lost) {
            self.policed_at = policed_at(self.windows.observations());
        }
    }

    /// Bytes that were told lost have come after all.
    pub(super) fn take_back(&mut self, bytes: u32) {
        self.windows.take_back(f64::from(bytes));
    }

    /// The share of bytes lost in the last three quarters of a second.
    #[inline]
    pub(super) const fn share(&self) -> f64 {
        self.windows.recent()
    }

    /// Packets are lost because a queue is full, and the last cut is long enough ago.
    pub(super) fn is_congestion(&self, now: Time, queue: f64, last_cut: Time) -> bool {
        let full = queue > QUEUE_MS && queue > QUEUE_SHARE * self.longest_queue;
        self.share() > HIGH && full && millis(now, last_cut) > BETWEEN_CUTS_MS
    }

    /// What a cut for loss leaves (draft-ietf-rmcat-gcc-02 §6).
    pub(super) fn kept(&self) -> f64 {
        1.0 - 0.5 * self.share()
    }

    /// So much is lost that nothing else can be seen.
    pub(super) fn blinds(&self) -> bool {
        self.share() >= TOO_HIGH
    }

    /// The rate that something on the path lets pass, if that is so.
    pub(super) const fn policed_at(&self) -> Option<f64> {
        self.policed_at
    }
}
