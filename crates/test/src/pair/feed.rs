//! Media that an application sends over time.

use std::fmt;
use std::iter::Peekable;
use std::time::{Duration, Instant};

use interceptor_packet::RtpPacket;

use super::Side;

/// Packets with the times at which one side's application sends them.
pub(super) struct Feed {
    pub(super) from: Side,
    /// Times count from here.
    begin: Instant,
    packets: Peekable<Box<dyn Iterator<Item = (Duration, RtpPacket)> + Send>>,
}

impl Feed {
    pub(super) fn new(
        from: Side,
        begin: Instant,
        packets: Box<dyn Iterator<Item = (Duration, RtpPacket)> + Send>,
    ) -> Self {
        Self { from, begin, packets: packets.peekable() }
    }

    /// When the next packet is sent. `None`: there is none.
    pub(super) fn next_time(&mut self) -> Option<Instant> {
        self.packets.peek().map(|(after, _)| self.begin + *after)
    }

    /// The next packet, if its time has come.
    pub(super) fn pop(&mut self, now: Instant) -> Option<RtpPacket> {
        if self.next_time()? > now {
            return None;
        }
        self.packets.next().map(|(_, packet)| packet)
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("from", &self.from).field("begin", &self.begin).finish_non_exhaustive()
    }
}
