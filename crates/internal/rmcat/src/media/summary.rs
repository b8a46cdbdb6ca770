//! Receiver reports: one a second.

use std::time::Duration;

use interceptor_congestion::Time;

use crate::wire::Summary;

/// As browsers send them for video.
const INTERVAL: Duration = Duration::from_secs(1);

/// What the next receiver report will say.
#[derive(Debug, Default)]
pub(super) struct Summaries {
    due: Option<Time>,
    /// The first packet that the next one counts.
    first: u64,
    received: u32,
    newest: Option<Newest>,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    index: u64,
    sent: Time,
    came: Time,
}

impl Summaries {
    pub(super) fn due(&self) -> Time {
        self.due.unwrap_or(Time::MAX)
    }

    pub(super) fn receive(&mut self, now: Time, index: u64, sent: Time) {
        self.due.get_or_insert(now + INTERVAL);
        self.received += 1;
        self.newest = Some(Newest { index, sent, came: now });
    }

    /// The report that is due.
    pub(super) fn tell(&mut self, now: Time) -> Summary {
        // Without news there is none until packets come again.
        self.due = None;
        let Some(Newest { index, sent, came }) = self.newest else {
            return Summary { packets: 0, lost: 0, newest: now, held: Duration::ZERO };
        };
        let packets = (index + 1).saturating_sub(self.first) as u32;
        let lost = packets.saturating_sub(self.received);
        self.first = index + 1;
        self.received = 0;
        Summary { packets, lost, newest: sent, held: Duration::from_micros(now.since(came).unsigned_abs()) }
    }
}
