//! What becomes of the numbers of a stream that are open: see the table of the [module](super).

use super::spans::{Fate, Span, Spans, Took};
use super::tally::Tally;
use super::{Micros, WINDOW};

/// Two copies as close as this are one that a mirrored port shows twice.
const TWIN: Took = 2000;

/// The open numbers of a stream that did not come when they were first sent, and what came of those before.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) spans: Spans,
    /// Numbers ahead of the newest that came by other ways.
    pub(super) ahead: usize,
    pub(super) tally: Tally,
}

impl Open {
    /// The numbers from `from` on were skipped, `newest` came.
    pub(super) fn gap(&mut self, from: u64, newest: u64, around: (u32, u32), at: Micros) {
        self.spans.forget_before(newest.saturating_sub(WINDOW));
        let mut next = from;
        while let Some((number, span)) = self.spans.first_in(next..newest) {
            // It came before it could be missed.
            span.around = around;
            self.tally.came_back(span.fate, 0);
            self.ahead = self.ahead.saturating_sub(1);
            self.miss(next, number, around, at);
            next = number + 1;
        }
        self.miss(next, newest, around, at);
        if self.ahead > 0
            && let Some(span) = self.spans.remove(newest)
        {
            self.ahead -= 1;
            if let Fate::Retransmitted { source, .. } = span.fate {
                self.tally.repeated_by(source);
            }
        }
    }

    /// The numbers up to `to` have not come.
    fn miss(&mut self, from: u64, to: u64, around: (u32, u32), at: Micros) {
        self.tally.missing += to - from;
        // At most as many as one packet skips.
        let len = (to - from) as u16;
        self.spans.insert(from, Span { len, ..Span::single(at, around, Fate::Missing) });
    }

    /// A number ahead of the newest came in a retransmission, or can be recovered.
    pub(super) fn ahead(&mut self, number: u64, source: u32, at: Micros, retransmitted: bool) {
        let Some(source) = self.tally.source(source) else { return };
        if self.spans.find(number).is_some() {
            if retransmitted {
                self.tally.repeated_by(source);
            }
            return;
        }
        let took = 0;
        let fate = if retransmitted {
            Fate::Retransmitted { source, took }
        } else {
            Fate::Recovered { source, took }
        };
        self.spans.insert(number, Span::single(at, (0, 0), fate));
        self.ahead += 1;
    }

    /// A number came late, with so many behind it.
    pub(super) fn late(&mut self, number: u64, behind: u64, at: Micros) {
        let Some(span) = self.spans.single(number) else { return };
        let (asked, late) = (span.asked, span.took(at));
        match span.fate {
            Fate::Missing if asked.times > 0 => {
                span.fate = Fate::Repeated { copies: 1, took: late, latest: late };
                self.tally.missing -= 1;
                self.tally.by_repeat += 1;
                self.tally.repeat_times.add(late.into());
                return;
            }
            Fate::Missing => {
                self.tally.missing -= 1;
                self.tally.lateness.add(late.into(), behind);
            }
            Fate::Retransmitted { .. } if asked.since => {
                self.tally.repeats += 1;
                return;
            }
            Fate::Retransmitted { source, took } => self.tally.not_retransmitted(source, took),
            Fate::Recovered { .. } if asked.times > 0 && !self.tally.has_retransmissions() => {
                self.tally.repeats += 1;
                return;
            }
            Fate::Recovered { source, took } => self.tally.not_recovered(source, took),
            Fate::Repeated { .. } => return self.copy(number, at),
        }
        self.spans.remove(number);
    }

    /// A number came once more.
    pub(super) fn copy(&mut self, number: u64, at: Micros) {
        self.tally.repeats += 1;
        let Some((_, span)) = self.spans.find(number) else { return };
        let Fate::Repeated { copies, took, latest } = span.fate else { return };
        let now = span.took(at);
        let is_twin = now.saturating_sub(latest) < TWIN;
        let copies = copies.saturating_add(u16::from(!is_twin));
        if copies > span.asked.times {
            return self.not_repeated(number, took);
        }
        if let Some(span) = self.spans.single(number) {
            span.fate = Fate::Repeated { copies, took, latest: now };
        }
    }

    /// What came late was the original: this is the answer to the request for it.
    fn not_repeated(&mut self, number: u64, took: Took) {
        self.tally.by_repeat -= 1;
        self.tally.repeat_times.remove(took.into());
        self.spans.remove(number);
    }

    /// A number came in the retransmission stream `source`.
    pub(super) fn retransmitted(&mut self, number: u64, source: u32, at: Micros) {
        let Some(source) = self.tally.source(source) else { return };
        let Some(span) = self.spans.single(number) else { return self.tally.repeated_by(source) };
        match span.fate {
            Fate::Missing => {
                let took = span.took(at);
                span.fate = Fate::Retransmitted { source, took };
                self.tally.missing -= 1;
                self.tally.retransmitted(source, took);
            }
            Fate::Repeated { took, .. } => {
                self.tally.repeated_by(source);
                self.not_repeated(number, took);
            }
            Fate::Retransmitted { .. } | Fate::Recovered { .. } => self.tally.repeated_by(source),
        }
    }

    /// A number can be recovered from the repair packets of stream `source`.
    pub(super) fn recovered(&mut self, number: u64, source: u32, at: Micros) {
        let Some(source) = self.tally.source(source) else { return };
        let Some(span) = self.spans.single(number).filter(|span| span.fate == Fate::Missing) else { return };
        let took = span.took(at);
        span.fate = Fate::Recovered { source, took };
        self.tally.missing -= 1;
        self.tally.recovered(source, took);
    }
}

const _: () = assert!(size_of::<Span>() <= 40, "a stream has thousands at the worst");
