//! How many of a stream's packets were lost, and what brought them back.

use super::lateness::Lateness;
use super::spans::{Fate, Took};
use super::times::Times;
use crate::summary::Repair;

/// Streams whose packets are told apart as the sources of one stream's repair; those of more are ignored.
const MAX_SOURCES: usize = 16;

/// The counts of one stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(super) missing: u64,
    pub(super) by_repeat: u64,
    /// Copies in the stream itself.
    pub(super) repeats: u64,
    pub(super) repeat_times: Times,
    pub(super) lateness: Lateness,
    /// A request for packets of this stream was seen: then what nobody asks for is not sent again.
    pub(super) heard_requests: bool,
    sources: Vec<Source>,
}

/// What packets of another stream brought back, if that stream is what it seems to be: one of its packets may fit by chance.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    ssrc: u32,
    pub(super) retransmitted: u64,
    pub(super) recovered: u64,
    /// Retransmissions of what was there already.
    pub(super) repeats: u64,
    retransmission_times: Times,
    recovery_times: Times,
}

/// What one stream is to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    /// It sends its packets again.
    Retransmits,
    /// It has repair packets for it.
    Protects,
}

impl Tally {
    /// The place of a source; `None`: there are too many.
    pub(super) fn source(&mut self, ssrc: u32) -> Option<u8> {
        let known = self.sources.iter().position(|source| source.ssrc == ssrc);
        if known.is_none() && self.sources.len() < MAX_SOURCES {
            self.sources.push(Source { ssrc, ..Source::default() });
        }
        let place = known.or_else(|| self.sources.iter().position(|source| source.ssrc == ssrc))?;
        u8::try_from(place).ok()
    }

    /// A number came back from another stream.
    pub(super) fn came_back(&mut self, fate: Fate, took: Took) {
        match fate {
            Fate::Retransmitted { source, .. } => self.retransmitted(source, took),
            Fate::Recovered { source, .. } => self.recovered(source, took),
            Fate::Missing | Fate::Repeated { .. } => {}
        }
    }

    pub(super) fn retransmitted(&mut self, source: u8, took: Took) {
        if let Some(source) = self.sources.get_mut(usize::from(source)) {
            source.retransmitted += 1;
            source.retransmission_times.add(took.into());
        }
    }

    /// A retransmission was no more than a copy: the packet itself has come.
    pub(super) fn not_retransmitted(&mut self, source: u8, took: Took) {
        if let Some(source) = self.sources.get_mut(usize::from(source)) {
            source.retransmitted = source.retransmitted.saturating_sub(1);
            source.repeats += 1;
            source.retransmission_times.remove(took.into());
        }
    }

    pub(super) fn recovered(&mut self, source: u8, took: Took) {
        if let Some(source) = self.sources.get_mut(usize::from(source)) {
            source.recovered += 1;
            source.recovery_times.add(took.into());
        }
    }

    /// Recovery was not needed: the packet itself has come.
    pub(super) fn not_recovered(&mut self, source: u8, took: Took) {
        if let Some(source) = self.sources.get_mut(usize::from(source)) {
            source.recovered = source.recovered.saturating_sub(1);
            source.recovery_times.remove(took.into());
        }
    }

    pub(super) fn repeated_by(&mut self, source: u8) {
        if let Some(source) = self.sources.get_mut(usize::from(source)) {
            source.repeats += 1;
        }
    }

    /// Whether any packets came back by retransmission.
    pub(super) fn has_retransmissions(&self) -> bool {
        self.sources.iter().any(|source| source.retransmitted > 0)
    }

    /// What there is to say; `relation`: what a stream is to this one.
    pub(crate) fn figures(&self, relation: impl Fn(u32) -> Option<Relation>) -> Repair {
        let Self { missing, by_repeat, repeats, .. } = *self;
        let mut repair = Repair { by_repeat, missing, repeats, ..Repair::default() };
        let mut times = self.repeat_times.clone();
        for source in &self.sources {
            let Source { retransmitted, recovered, repeats, .. } = *source;
            match relation(source.ssrc) {
                Some(Relation::Retransmits) => {
                    repair.by_rtx += retransmitted;
                    repair.missing += recovered;
                    repair.repeats += repeats;
                    times.extend(&source.retransmission_times);
                }
                Some(Relation::Protects) => {
                    repair.by_fec += recovered;
                    repair.missing += retransmitted;
                    times.extend(&source.recovery_times);
                }
                None => repair.missing += retransmitted + recovered,
            }
        }
        // Where requests are heard, or answered by RTX, what comes late without one was overtaken.
        if !self.heard_requests && repair.by_rtx == 0 {
            let (again, took) = self.lateness.repeats();
            repair.by_repeat += again;
            took.into_iter().for_each(|took| times.extend(took));
        }
        repair.lost = repair.by_rtx + repair.by_fec + repair.by_repeat + repair.missing;
        repair.recovery_ms = times.figures();
        repair
    }
}
