//! When reports leave: behind a frame, or a while after its first packet, and no more than a part of the received rate.

use crate::Rfc8888Options;

/// IPv4 and UDP headers of a datagram.
const HEADERS: usize = 28;
/// What was sent too much is waited for no longer than this: traffic that falls is reported again soon.
const MAX_DEBT_NANOS: u64 = 2_000_000_000;

/// Times are nanoseconds since the chain began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    min: u64,
    max: u64,
    share: f64,
    min_bitrate: f64,
    /// Bytes received since the last report.
    received: u64,
    last: Option<u64>,
    /// When what was sent so far is paid for.
    paid: u64,
}

impl Pace {
    pub(crate) fn new(options: &Rfc8888Options) -> Self {
        Self {
            min: options.min_interval.as_nanos() as u64,
            max: options.max_interval.as_nanos() as u64,
            share: options.bandwidth_share,
            min_bitrate: options.min_bitrate as f64,
            received: 0,
            last: None,
            paid: 0,
        }
    }

    #[inline]
    pub(crate) fn receive(&mut self, bytes: usize) {
        self.received += bytes as u64;
    }

    /// When a report is due for a packet that comes now: at once if it ends a frame.
    pub(crate) fn due(&self, marker: bool, now: u64) -> u64 {
        let wanted = if marker { now } else { now.saturating_add(self.min) };
        let Some(last) = self.last else { return wanted };
        let earliest = self.paid.clamp(last.saturating_add(self.min), last.saturating_add(self.max));
        wanted.max(earliest)
    }

    /// Reports of so many bytes leave in so many datagrams.
    pub(crate) fn sent(&mut self, bytes: usize, datagrams: usize, now: u64) {
        let elapsed = now.saturating_sub(self.last.unwrap_or(now));
        let received = self.received as f64 * 8e9 / (elapsed as f64).max(1.0);
        let rate = if elapsed == 0 { self.min_bitrate } else { received.max(self.min_bitrate) };
        let bits = 8.0 * (bytes + HEADERS * datagrams) as f64;
        let cost = (bits * 1e9 / (self.share * rate)) as u64;
        self.paid = self.paid.max(now).saturating_add(cost).min(now.saturating_add(MAX_DEBT_NANOS));
        (self.last, self.received) = (Some(now), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn pace() -> Pace {
        Pace::new(&Rfc8888Options::default())
    }

    #[test]
    fn a_marker_has_its_report_at_once_and_others_wait_a_while() {
        assert_eq!((pace().due(true, MS), pace().due(false, MS)), (MS, 26 * MS));
    }

    #[test]
    fn small_reports_leave_every_25_ms_and_large_ones_less_often() {
        // 500 kbit/s: 25 kbit/s for reports.
        for (bytes, datagrams, millis) in [(36, 1, 25), (300, 1, 104), (1200, 1, 392), (9600, 8, 500)] {
            let mut pace = pace();
            pace.sent(bytes, datagrams, 0);
            assert_eq!(pace.due(true, MS) / MS, millis, "{bytes}");
        }
    }

    #[test]
    fn what_was_sent_too_much_is_waited_for_later() {
        let mut pace = pace();
        pace.sent(2000, 2, 0);
        pace.sent(36, 1, 500 * MS);
        assert!(pace.due(true, 501 * MS) > 650 * MS, "{}", pace.due(true, 501 * MS));
    }

    #[test]
    fn a_higher_rate_allows_more() {
        let mut pace = pace();
        pace.sent(36, 1, 0);
        pace.receive(125_000);
        pace.sent(1200, 1, 100 * MS);
        assert_eq!(pace.due(true, 101 * MS) / MS, 125, "10 Mbit/s");
    }
}
