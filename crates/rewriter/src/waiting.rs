//! A source that is to be sent as soon as a key frame of it begins.

use interceptor_packet::RtpClock;

use crate::SourceId;
use crate::names::Header;

/// What waits, and the newest that is known of it.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) source: SourceId,
    newest: Option<Heard>,
}

/// A packet of the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub(crate) sequence_number: u16,
    pub(crate) timestamp: u32,
    /// It was sent, in the last turn of the source.
    pub(crate) sent: bool,
}

impl Heard {
    pub(crate) const fn sent(header: &Header) -> Self {
        Self { sequence_number: header.sequence_number, timestamp: header.timestamp, sent: true }
    }

    pub(crate) const fn is_before(&self, number: u16) -> bool {
        number.wrapping_sub(self.sequence_number).cast_signed() > 0
    }
}

impl Waiting {
    /// Waits; `sent` is the last that was sent of the source.
    pub(crate) const fn new(source: SourceId, sent: Option<Heard>) -> Self {
        Self { source, newest: sent }
    }

    /// Does this come too late to begin with? A decoder that begins at a key frame needs what follows it, and that has been sent
    /// before, or has passed. Late packets have an older number and an older timestamp; a source that counts anew has not both, but
    /// for chance.
    pub(crate) fn is_late(&self, header: &Header, max_late: i64) -> bool {
        self.newest.is_some_and(|newest| {
            let ahead = newest.is_before(header.sequence_number);
            let units = i64::from(RtpClock::difference(header.timestamp, newest.timestamp));
            // Packets of one frame may have been swapped: those that passed can be asked for.
            let older = units < 0 || (units == 0 && newest.sent);
            !ahead && older && units >= -max_late
        })
    }

    /// A packet of it passes.
    pub(crate) fn pass(&mut self, header: &Header) {
        let ahead = |newest: Heard| {
            newest.is_before(header.sequence_number)
                || RtpClock::difference(header.timestamp, newest.timestamp) > 0
        };
        if self.newest.is_none_or(ahead) {
            let &Header { sequence_number, timestamp, .. } = header;
            self.newest = Some(Heard { sequence_number, timestamp, sent: false });
        }
    }
}
