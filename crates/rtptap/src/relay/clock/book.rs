//! What the source has said about its streams: one entry an SSRC.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use interceptor_packet::{NtpTime, RtpClock};

/// SSRCs remembered, also before their streams are bound: ffmpeg reports first and sends then. The one heard of longest ago makes
/// room, of those first that no target has asked for: reports of made-up SSRCs take no stream's clock away.
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
    /// It is that of a stream that goes to a target.
    asked_for: bool,
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
        self.look_up(ssrc, |entry| entry.point)
    }

    pub(super) fn cname(&self, ssrc: u32) -> Option<Arc<str>> {
        self.look_up(ssrc, |entry| entry.cname.clone())
    }

    fn look_up<T>(&self, ssrc: u32, read: impl FnOnce(&Entry) -> Option<T>) -> Option<T> {
        let mut entries = self.lock();
        let entry = entries.iter_mut().find(|entry| entry.ssrc == ssrc)?;
        entry.asked_for = true;
        read(entry)
    }

    fn change(&self, ssrc: u32, now: Instant, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.lock();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.ssrc == ssrc) {
            entry.heard = now;
            change(entry);
            return;
        }
        if entries.len() >= MAX_ENTRIES
            && let Some(oldest) = (0..entries.len())
                .min_by_key(|at| entries.get(*at).map(|entry| (entry.asked_for, entry.heard)))
        {
            entries.swap_remove(oldest);
        }
        let mut entry = Entry { ssrc, point: None, cname: None, heard: now, asked_for: false };
        change(&mut entry);
        entries.push(entry);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn reports_of_made_up_ssrcs_take_no_streams_clock_away() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let start = Instant::now();
        let (book, ntp) = (SourceBook::default(), NtpTime::from_bits(1 << 32));
        let point = Point { ntp, rtp: 7, at: start };
        book.note_point(1, point);
        book.note_cname(1, "camera", start);
        assert_eq!(book.point(1), Some(point));
        for made_up in 2..2000 {
            let at = start + Duration::from_millis(made_up.into());
            book.note_point(made_up, Point { at, ..point });
        }
        assert_eq!((book.point(1), book.cname(1).as_deref()), (Some(point), Some("camera")));
        let entries = book.lock().len();
        assert_eq!((entries, book.point(2)), (MAX_ENTRIES, None));
        // Those that are asked for make room for each other.
        (3..2000).for_each(|ssrc| _ = book.point(ssrc));
        book.note_cname(1, "camera", start + Duration::from_secs(10));
        book.note_point(5000, point);
        assert!(book.point(1).is_some() && book.point(5000).is_some());
    }
}
