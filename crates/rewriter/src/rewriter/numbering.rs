//! What a packet is called, and the count of what became of each.

use std::time::Instant;

use interceptor_packet::RtpPacket;

use super::Rewriter;
use crate::Refusal;
use crate::names::{Header, LeftOut, Numbers, SourceId};
use crate::segment::{Segment, Step};

impl Rewriter {
    #[inline]
    pub(super) fn number(
        &mut self,
        source: SourceId,
        header: Header,
        now: Instant,
    ) -> Result<Numbers, Refusal> {
        if self.waiting_for() == Some(source) {
            self.begin_waiting(&header)?;
        }
        let (segment, step) = self.step(source, header.sequence_number)?;
        let number = match step {
            Step::Ahead(number) => {
                segment.advance(number);
                number
            }
            Step::Late(number) if segment.is_left_out(number) => return Err(Refusal::LeftOut),
            Step::Late(number) => number,
            Step::Behind | Step::Anew => return Err(Refusal::TooLate),
        };
        let (sequence_number, newest) = (segment.outgoing(number) as u16, segment.note_sent(&header));
        let offset = match segment.offset {
            Some(offset) => offset,
            None => self.join(source, header.timestamp, now),
        };
        let timestamp = header.timestamp.wrapping_add(offset);
        self.timeline.sent(timestamp, (source, header.timestamp), newest, now);
        Ok(Numbers { sequence_number, timestamp })
    }

    pub(super) fn pass_over(&mut self, source: SourceId, number: u16) -> Result<LeftOut, Refusal> {
        let (segment, step) = self.step(source, number)?;
        match step {
            Step::Ahead(number) => {
                segment.advance(number);
                segment.leave_newest_out();
                Ok(LeftOut::WithoutGap)
            }
            Step::Late(number) if segment.is_left_out(number) => Ok(LeftOut::WithoutGap),
            Step::Late(_) => Ok(LeftOut::NumberStands),
            Step::Behind | Step::Anew => Err(Refusal::TooLate),
        }
    }

    /// The source's segment, if it is sent, and where the number falls: in a new segment if the source counts anew.
    #[inline]
    fn step(&mut self, source: SourceId, number: u16) -> Result<(&mut Segment, Step), Refusal> {
        let step = match self.current.as_mut().filter(|segment| segment.source == source) {
            Some(segment) => segment.step(number),
            None => return Err(self.why_not(source)),
        };
        if step == Step::Anew {
            return self.restart(source, number);
        }
        self.current.as_mut().map(|segment| (segment, step)).ok_or(Refusal::NotSelected)
    }

    /// The header of a packet that is sent.
    #[inline]
    pub(super) fn write(&mut self, numbers: Numbers, packet: &mut RtpPacket) {
        self.counters.sent_bytes += packet.payload_len() as u64;
        packet.set_ssrc(self.ssrc);
        packet.set_sequence_number(numbers.sequence_number);
        packet.set_timestamp(numbers.timestamp);
    }

    pub(super) const fn count_passed(
        &mut self,
        passed: Result<LeftOut, Refusal>,
    ) -> Result<LeftOut, Refusal> {
        match passed {
            Ok(LeftOut::WithoutGap) => self.counters.left_out += 1,
            Ok(LeftOut::NumberStands) => self.counters.kept_numbers += 1,
            Err(refusal) => self.counters.refuse(refusal),
        }
        passed
    }

    pub(super) fn count(&mut self, placed: Result<Numbers, Refusal>) -> Result<Numbers, Refusal> {
        match placed {
            Ok(_) => self.counters.sent_packets += 1,
            Err(refusal) => self.counters.refuse(refusal),
        }
        placed
    }
}
