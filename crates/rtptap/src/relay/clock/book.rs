//! What the source has said about its streams: one entry an SSRC.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use interceptor_packet::{NtpTime, RtpClock};

/// SSRCs remembered; the one heard of longest ago makes room. Also before their streams are bound: ffmpeg reports first
/// and sends then.
const MAX_ENTRIES: usize = 256;

/// A source's last sender report: a point on the line from its wall clock to RTP time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) ntp: NtpTime,
    pub(super) rtp: u32,
    /// When it came.
    pub(super) at: Instant,
}

impl Point {
    /// The point of the line that belongs to a later moment.
    pub(super) fn carried_to(self, now: Instant, clock: RtpClock) -> (NtpTime, u32) {
        let since = now.saturating_duration_since(self.at);
        (self.ntp + since, clock.advance(self.rtp, since))
    }
}

#[derive(Clone, Debug)]
struct Entry {
    ssrc: u32,
    point: Option<Point>,
    cname: Option<Arc<str>>,
    heard: Instant,
}

/// Written by the source's leg, read by those of the targets; only when there is RTCP.
#[derive(Clone, Debug, Default)]
pub(in crate::relay) struct SourceBook(Arc<Mutex<Vec<Entry>>>);

impl SourceBook {
    pub(super) fn note_point(&self, ssrc: u32, point: Point) {
        self.change(ssrc, point.at, |entry| entry.point = Some(point));
    }

    pub(super) fn note_cname(&self, ssrc: u32, cname: &str, now: Instant) {
        self.change(ssrc, now, |entry| {
            if entry.cname.as_deref() != Some(cname) {
                entry.cname = Some(cname.into());
            }
        });
    }

    pub(super) fn point(&self, ssrc: u32) -> Option<Point> {
        self.lock().iter().find(|entry| entry.ssrc == ssrc)?.point
    }

    pub(super) fn cname(&self, ssrc: u32) -> Option<Arc<str>> {
        self.lock().iter().find(|entry| entry.ssrc == ssrc)?.cname.clone()
    }

    fn change(&self, ssrc: u32, now: Instant, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.lock();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.ssrc == ssrc) {
            entry.heard = now;
            change(entry);
            return;
        }
        if entries.len() >= MAX_ENTRIES
            && let Some(oldest) =
                (0..entries.len()).min_by_key(|at| entries.get(*at).map(|entry| entry.heard))
        {
            entries.swap_remove(oldest);
        }
        let mut entry = Entry { ssrc, point: None, cname: None, heard: now };
        change(&mut entry);
        entries.push(entry);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
