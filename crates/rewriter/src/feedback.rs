//! The way back: what a subscriber's feedback means, and what a source's reports are, in the other's numbers.

use crate::names::{Numbers, SourceId, SourceNumber};
use crate::rewriter::Rewriter;
use crate::segment::Segment;

impl Rewriter {
    /// What a packet that was sent is, or that is missing, has for numbers: for answering a request with a packet that its source, or a
    /// history of its packets, has given again. The sources before the last switches are known, too. `None`: it never had a number, or
    /// that is forgotten.
    #[must_use]
    pub fn numbers_of(&self, packet: SourceNumber, timestamp: u32) -> Option<Numbers> {
        let of_source = |segment: &&Segment| segment.source == packet.source;
        self.segments().filter(of_source).find_map(|segment| {
            let number = segment.look_up(packet.sequence_number)?;
            let timestamp = timestamp.wrapping_add(segment.offset?);
            Some(Numbers { sequence_number: number as u16, timestamp })
        })
    }

    /// Which packet has this sequence number in the outgoing stream: what a NACK of the subscriber means. It may be one that never came.
    /// `None`: the number was not used yet, is forgotten, or stands for a gap that no one knows the length of.
    #[must_use]
    pub fn source_of(&self, sequence_number: u16) -> Option<SourceNumber> {
        let newest = self.next_number() - 1;
        let steps = sequence_number.wrapping_sub(newest as u16).cast_signed();
        let number = newest + i64::from(steps);
        self.segments().find_map(|segment| {
            let sequence_number = segment.source_number(number)?;
            Some(SourceNumber { source: segment.source, sequence_number })
        })
    }

    /// What a timestamp of `source`, as in its sender report, is in the outgoing stream. `None` unless it is the source that is sent.
    #[must_use]
    pub fn outgoing_timestamp(&self, source: SourceId, timestamp: u32) -> Option<u32> {
        let segment = self.current.as_ref().filter(|segment| segment.source == source)?;
        segment.offset.map(|offset| timestamp.wrapping_add(offset))
    }
}
