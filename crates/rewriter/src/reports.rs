//! What sources' sender reports say of their clocks (RFC 3550 §6.4.1).

use interceptor_packet::{NtpTime, RtpClock};

use crate::SourceId;

/// The last sender report of each source, of as many sources as there is room for.
#[derive(Debug)]
pub(crate) struct Reports {
    /// The one heard of last at the end.
    known: Vec<Report>,
    max: usize,
}

#[derive(Clone, Copy, Debug)]
struct Report {
    source: SourceId,
    ntp: NtpTime,
    rtp: u32,
}

impl Reports {
    pub(crate) fn new(max: usize) -> Self {
        Self { known: Vec::with_capacity(max), max }
    }

    /// The source heard of longest ago makes room, of those that are not needed if there are such.
    pub(crate) fn note(
        &mut self,
        source: SourceId,
        ntp: NtpTime,
        rtp: u32,
        needed: impl Fn(SourceId) -> bool,
    ) {
        self.forget(source);
        if self.max == 0 {
            return;
        }
        if self.known.len() >= self.max {
            let oldest = self.known.iter().position(|report| !needed(report.source));
            self.known.remove(oldest.unwrap_or(0));
        }
        self.known.push(Report { source, ntp, rtp });
    }

    pub(crate) fn forget(&mut self, source: SourceId) {
        self.known.retain(|report| report.source != source);
    }

    /// Units of `clock` from one source's timestamp to another's, rounded down; `None` until both have reported.
    pub(crate) fn distance(
        &self,
        (from, start): (SourceId, u32),
        (to, end): (SourceId, u32),
        clock: RtpClock,
    ) -> Option<i64> {
        let of = |source| self.known.iter().find(|report| report.source == source);
        let (from, to) = (of(from)?, of(to)?);
        let between = i128::from(to.ntp.difference(from.ntp)) * i128::from(clock.rate());
        let units = RtpClock::difference(end, to.rtp);
        let before = RtpClock::difference(start, from.rtp);
        i64::try_from((between >> 32) + i128::from(units) - i128::from(before)).ok()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.known.capacity() * size_of::<Report>()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn clocks_meet_in_ntp_time() {
        let (a, b) = (SourceId(1), SourceId(2));
        let clock = RtpClock::new(90_000);
        let ntp = NtpTime::from_unix(Duration::from_secs(1_700_000_000));
        let mut reports = Reports::new(2);
        reports.note(a, ntp, 1000, |_| false);
        assert_eq!(reports.distance((a, 1000), (b, 7), clock), None);
        // Half a second later B's clock stood at 5.
        reports.note(b, ntp + Duration::from_millis(500), 5, |_| false);
        assert_eq!(reports.distance((a, 1000), (b, 5), clock), Some(45_000));
        assert_eq!(reports.distance((a, 1090), (b, 5_u32.wrapping_sub(90)), clock), Some(44_820));
        assert_eq!(reports.distance((b, 5), (a, 1000), clock), Some(-45_000));
        reports.note(SourceId(3), ntp, 0, |_| false);
        assert_eq!(
            reports.distance((a, 1000), (b, 5), clock),
            None,
            "the one heard of longest ago makes room"
        );
    }
}
