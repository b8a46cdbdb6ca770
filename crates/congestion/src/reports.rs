//! What receiver reports say of local streams: losses since the last report, and whether packets arrive at all.

use std::time::Duration;

use interceptor_core::packet::{ReportBlock, round_trip_time};

use crate::LossReport;

/// More packets than this from one report to the next are none: the sequence numbers began anew.
const MAX_PACKETS: u32 = 1 << 16;
/// A longer round trip is a clock that was set, or a lie.
const MAX_RTT: Duration = Duration::from_secs(60);

/// What the last report said of a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reported {
    last: Option<(u32, i32)>,
    /// Packets that left since.
    pub(crate) sent: u32,
}

/// What the reports of one datagram say of all streams together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Round {
    pub(crate) blocks: u32,
    pub(crate) packets: u32,
    pub(crate) lost: u32,
    pub(crate) rtt: Option<Duration>,
    /// Streams that send, of which something new has come, or nothing.
    pub(crate) advanced: u32,
    pub(crate) stalled: u32,
    pub(crate) odd: u64,
}

impl Round {
    /// One block about a stream of ours; `now` is the middle of our wall clock.
    pub(crate) fn add(&mut self, block: &ReportBlock<'_>, stream: &mut Reported, now: u32) {
        self.blocks += 1;
        // Zero stands for a negative time.
        let rtt = round_trip_time(now, block.last_sr(), block.delay_since_last_sr())
            .filter(|rtt| !rtt.is_zero() && *rtt <= MAX_RTT);
        self.rtt = match (self.rtt, rtt) {
            (Some(before), Some(rtt)) => Some(before.min(rtt)),
            (before, rtt) => before.or(rtt),
        };
        let (highest, lost) = (block.extended_sequence_number(), block.cumulative_lost());
        let Some((last_highest, last_lost)) = stream.last.replace((highest, lost)) else {
            (self.advanced, stream.sent) = (self.advanced + 1, 0);
            return;
        };
        let sent = std::mem::take(&mut stream.sent);
        let packets = highest.wrapping_sub(last_highest);
        if packets > MAX_PACKETS {
            self.odd += 1;
            return;
        }
        match (packets, sent) {
            (0, 0) => {}
            (0, _) => self.stalled += 1,
            _ => self.advanced += 1,
        }
        self.packets = self.packets.saturating_add(packets);
        let lost = u32::try_from(lost.saturating_sub(last_lost)).unwrap_or(0);
        self.lost = self.lost.saturating_add(lost.min(packets));
    }

    /// For the controller; `None` without a block about us.
    pub(crate) const fn loss(&self) -> Option<LossReport> {
        if self.blocks == 0 {
            return None;
        }
        Some(LossReport { packets: self.packets, lost: self.lost, rtt: self.rtt })
    }
}
