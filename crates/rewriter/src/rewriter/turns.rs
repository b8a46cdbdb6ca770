//! Whose turn it is: when a source begins to be sent, and what becomes of the one before.

use std::time::Instant;

use super::Rewriter;
use crate::Refusal;
use crate::names::{Header, SourceId};
use crate::segment::{Segment, Step};
use crate::timeline::Joint;
use crate::window::Window;

impl Rewriter {
    /// Sends the source that waits from this packet on, if that begins a key frame.
    #[cold]
    pub(super) fn begin_waiting(&mut self, header: &Header) -> Result<(), Refusal> {
        let max_late = self.timeline.max_late();
        let Some(waiting) = &mut self.pending else { return Ok(()) };
        if !header.starts_key_frame || waiting.is_late(header, max_late) {
            waiting.pass(header);
            return Err(Refusal::WaitingForKeyFrame);
        }
        let source = waiting.source;
        self.pending = None;
        self.begin(source, header.sequence_number, self.next_number());
        self.counters.switches += 1;
        Ok(())
    }

    /// What was lost meanwhile shows as one missing number: nobody should ask for thousands.
    #[cold]
    pub(super) fn restart(&mut self, source: SourceId, number: u16) -> Result<(&mut Segment, Step), Refusal> {
        self.begin(source, number, self.next_number() + 1);
        self.counters.restarts += 1;
        let segment = self.current.as_mut().ok_or(Refusal::NotSelected)?;
        let step = segment.step(number);
        Ok((segment, step))
    }

    /// Why `source`, which is not sent, is not.
    #[cold]
    pub(super) fn why_not(&self, source: SourceId) -> Refusal {
        if self.waiting_for() == Some(source) {
            Refusal::WaitingForKeyFrame
        } else if self.past.back().is_some_and(|segment| segment.source == source) {
            Refusal::OldSource
        } else {
            Refusal::NotSelected
        }
    }

    /// Sends `source` from its `number` on, which is `outgoing`.
    fn begin(&mut self, source: SourceId, number: u16, outgoing: i64) {
        let window = self.retire().unwrap_or_else(|| Window::new(self.options.window.next_power_of_two()));
        self.current = Some(Segment::new(source, number, outgoing, window));
    }

    /// What is sent belongs to the past; gives back the memory of what is forgotten for it.
    pub(super) fn retire(&mut self) -> Option<Window> {
        self.past.extend(self.current.take());
        let over = self.past.len() > usize::from(self.options.past_sources);
        over.then(|| self.past.pop_front()).flatten().map(Segment::into_window)
    }

    /// Joins the source's clock, of which nothing was sent in this segment, to the outgoing one.
    #[cold]
    pub(super) fn join(&mut self, source: SourceId, timestamp: u32, now: Instant) -> u32 {
        let tolerance = self.options.report_tolerance;
        let (offset, joint) = self.timeline.join((source, timestamp), now, &self.reports, tolerance);
        match joint {
            Joint::First | Joint::SameClock => {}
            Joint::Reports => self.counters.joined_by_reports += 1,
            Joint::Elapsed { disagree } => {
                self.counters.joined_by_time += 1;
                self.counters.reports_disbelieved += u64::from(disagree);
            }
        }
        if let Some(segment) = &mut self.current {
            segment.offset = Some(offset);
        }
        offset
    }
}
