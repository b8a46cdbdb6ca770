//! An independent model of the outgoing stream: true numbers that do not wrap, all of them kept.

use std::collections::BTreeMap;

use interceptor_rewriter::Refusal;

pub(crate) const WINDOW: i64 = 128;
pub(crate) const RATE: i64 = 90_000;
pub(crate) const FIRST_OUT: i64 = 65_500;
pub(crate) const FIRST_TIMESTAMP: i64 = 4_294_900_000;

/// Where a source truly is: numbers and timestamps that do not wrap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub(crate) newest: i64,
    pub(crate) first_timestamp: i64,
    pub(crate) report: Option<(i64, i64)>,
}

impl Source {
    /// Each packet is a frame, and frames come 30 a second.
    pub(crate) const fn timestamp(&self, number: i64) -> i64 {
        self.first_timestamp + number * RATE / 30
    }
}

/// What is sent of one source from a switch on.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) source: usize,
    /// Every number up to the newest; none for those that were left out.
    pub(crate) numbers: BTreeMap<i64, Option<i64>>,
    pub(crate) offset: Option<i64>,
    /// The newest that was sent.
    pub(crate) last: Option<i64>,
}

impl Sent {
    /// A number that is ahead takes what it needs of the outgoing ones; those that are passed over are missing, and have one each.
    fn extend(&mut self, number: i64, leave: bool, next: &mut i64) {
        let first = self.numbers.last_key_value().map_or(number, |(newest, _)| newest + 1);
        for each in first..=number {
            let out = (each != number || !leave).then(|| std::mem::replace(next, *next + 1));
            self.numbers.insert(each, out);
        }
    }

    pub(crate) fn remembered(&self, number: i64) -> Option<Option<i64>> {
        let (newest, _) = self.numbers.last_key_value()?;
        (number > newest - WINDOW).then(|| self.numbers.get(&number).copied()).flatten()
    }
}

pub(crate) struct Model {
    pub(crate) sources: Vec<Source>,
    pub(crate) current: Option<Sent>,
    pub(crate) past: Vec<Sent>,
    pub(crate) pending: Option<usize>,
    /// Of the source that waits, numbers below this one come too late to begin with.
    pub(crate) late_below: Option<i64>,
    pub(crate) next: i64,
    /// Outgoing timestamp, source, its timestamp, and milliseconds of the newest frame.
    pub(crate) newest: Option<(i64, usize, i64, u64)>,
    pub(crate) now: u64,
}

impl Model {
    pub(crate) fn switch_to(&mut self, source: usize) {
        if self.current.as_ref().is_some_and(|sent| sent.source == source) {
            self.pending = None;
        } else if self.pending.replace(source) != Some(source) {
            // Of what is remembered.
            let last = self.past.iter().rev().take(4).find(|sent| sent.source == source);
            self.late_below = last.and_then(|sent| sent.last).map(|newest| newest + 1);
        }
    }

    /// The segment that takes a packet, or why there is none.
    fn admit(&mut self, source: usize, number: i64, key: bool, leave: bool) -> Result<(), Refusal> {
        if self.pending == Some(source) {
            if !key || self.late_below.is_some_and(|newest| number < newest) {
                // What is only left out is not looked at.
                if !leave {
                    self.late_below = self.late_below.max(Some(number));
                }
                return Err(Refusal::WaitingForKeyFrame);
            }
            self.pending = None;
            self.past.extend(self.current.take());
            self.current = Some(Sent { source, numbers: BTreeMap::new(), offset: None, last: None });
        }
        match &self.current {
            Some(sent) if sent.source == source => Ok(()),
            _ if self.past.last().is_some_and(|sent| sent.source == source) => Err(Refusal::OldSource),
            _ => Err(Refusal::NotSelected),
        }
    }

    pub(crate) fn packet(
        &mut self,
        source: usize,
        number: i64,
        key: bool,
        leave: bool,
    ) -> Result<Option<(i64, i64)>, Refusal> {
        self.admit(source, number, key && !leave, leave)?;
        let timestamp = self.sources[source].timestamp(number);
        let mut sent = self.current.take().unwrap();
        let ahead = sent.numbers.last_key_value().is_none_or(|(newest, _)| number > *newest);
        if ahead {
            sent.extend(number, leave, &mut self.next);
        }
        let placed = match sent.remembered(number) {
            None => Err(Refusal::TooLate),
            Some(None) if leave => Ok(None),
            Some(None) => Err(Refusal::LeftOut),
            Some(Some(number)) => Ok(Some(number)),
        };
        let outcome = placed.map(|number_out: Option<i64>| {
            let out = number_out.filter(|_| !leave)?;
            sent.last = sent.last.max(Some(number));
            let offset = *sent.offset.get_or_insert_with(|| self.join(source, timestamp));
            let outgoing = timestamp + offset;
            if self.newest.is_none_or(|(newest, ..)| outgoing > newest) {
                self.newest = Some((outgoing, source, timestamp, self.now));
            }
            Some((out, outgoing))
        });
        self.current = Some(sent);
        outcome
    }

    fn join(&self, source: usize, timestamp: i64) -> i64 {
        let Some((outgoing, from, before, at)) = self.newest else { return FIRST_TIMESTAMP - timestamp };
        let elapsed = (self.now - at) as i64 * RATE / 1000;
        let reported = || {
            let ((from_second, from_rtp), (second, rtp)) =
                self.sources[from].report.zip(self.sources[source].report)?;
            Some((second - from_second) * RATE + (timestamp - rtp) - (before - from_rtp))
        };
        let said = if from == source { Some(timestamp - before) } else { reported() };
        let step = said.filter(|said| (said - elapsed).abs() <= RATE).unwrap_or(elapsed);
        outgoing + step.max(1) - timestamp
    }
}
