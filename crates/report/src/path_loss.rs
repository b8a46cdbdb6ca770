//! What the path loses of one local stream, as its receivers report it, for interceptors that ask nobody themselves.

use std::time::Duration;

use interceptor_core::Loss;
use interceptor_packet::ReportBlockData;

use crate::ReportCounters;
use crate::reporter::{Reporter, Said};

/// Receivers of a stream that are listened to: a peer chooses how many SSRCs it reports under.
const MAX_REPORTERS: usize = 4;
/// The least time between two that are told, in nanoseconds.
const INTERVAL: u64 = 500_000_000;
/// What is worth telling: a change by a tenth, or by as many in a million if that is more.
const WORTH: u32 = 1000;
/// While something is lost it is told again after so long: adaptive FEC forgets what is ten seconds old.
const AGAIN: u64 = 5_000_000_000;
/// Who has told losses goes on doing so until so many nanoseconds after the last sign of life.
const SILENCE: u64 = 10_000_000_000;

/// The receivers of one stream; made when the first of them, or anybody else, says something of its losses.
#[derive(Debug, Default)]
pub(crate) struct PathLoss {
    reporters: [Option<Reporter>; MAX_REPORTERS],
    /// When losses were told, in nanoseconds since the connection's start: by this end's reports, and by somebody else.
    told: Option<u64>,
    others_told: Option<u64>,
}

const _: () = assert!(size_of::<PathLoss>() <= 192, "the crate's documentation says so");

impl PathLoss {
    /// Losses that are known before anything was told from here are somebody else's.
    pub(crate) fn new(known: Option<Loss>, now: u64) -> Self {
        Self { others_told: known.map(|_| now), ..Self::default() }
    }

    /// Somebody else tells the losses of this stream.
    pub(crate) const fn others_tell(&mut self, now: u64) {
        self.others_told = Some(now);
    }

    /// A block about this stream, from this reporter.
    pub(crate) fn receive(
        &mut self,
        reporter: u32,
        block: &ReportBlockData,
        now: u64,
        counters: &mut ReportCounters,
    ) {
        let Some(slot) = self.slot(reporter, now) else {
            counters.uncounted_reporters += 1;
            return;
        };
        let Some(known) = slot.as_mut().filter(|known| known.ssrc() == reporter) else {
            *slot = Some(Reporter::new(reporter, block, now));
            return;
        };
        match known.receive(block, now) {
            Said::Counts => {}
            Said::Absurd => counters.absurd_losses += 1,
            Said::Old => counters.old_blocks += 1,
            Said::Anew => counters.leaped_blocks += 1,
        }
    }

    /// Its place, or one that is free or left by who has fallen silent.
    fn slot(&mut self, reporter: u32, now: u64) -> Option<&mut Option<Reporter>> {
        let known = self.reporters.iter().position(|slot| slot.is_some_and(|it| it.ssrc() == reporter));
        let free = || self.reporters.iter().position(|slot| slot.is_none_or(|it| it.is_silent(now)));
        let at = known.or_else(free)?;
        self.reporters.get_mut(at)
    }

    /// What there is to tell, if it is time, it differs from what is `known`, and nobody else tells it. `link` is when
    /// congestion control last said that it sees the path.
    pub(crate) fn news(
        &mut self,
        ssrc: u32,
        known: Option<Loss>,
        link: Option<u64>,
        now: u64,
    ) -> Option<Loss> {
        let since = self.told.map(|told| now.saturating_sub(told));
        if self.is_others_task(link, now) || since.is_some_and(|since| since < INTERVAL) {
            return None;
        }
        let ppm = self.reporters.iter().flatten().filter_map(|it| it.ppm(now)).max()?;
        let again = ppm > 0 && since.is_none_or(|since| since >= AGAIN);
        if !again && known.is_some_and(|known| !is_worth_telling(known.ppm, ppm)) {
            return None;
        }
        self.told = Some(now);
        // Sums say nothing of runs.
        Some(Loss { ssrc, ppm, burst_packets_q8: 256, burst_duration: Duration::ZERO })
    }

    /// Whether somebody else tells the losses. Congestion control tells only changes, so while it sees the path it need
    /// not repeat itself; but once it has been silent for long, it has to tell of this stream again to be believed.
    fn is_others_task(&mut self, link: Option<u64>, now: u64) -> bool {
        let Some(told) = self.others_told else { return false };
        let alive = now.saturating_sub(told.max(link.unwrap_or(0))) < SILENCE;
        if !alive {
            self.others_told = None;
        }
        alive
    }
}

const fn is_worth_telling(known: u32, ppm: u32) -> bool {
    let worth = if known / 10 > WORTH { known / 10 } else { WORTH };
    known.abs_diff(ppm) >= worth || (ppm == 0 && known > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_that_are_known_at_first_are_somebody_elses_for_ten_seconds() {
        let known = Loss { ssrc: 1, ppm: 9, burst_packets_q8: 256, burst_duration: Duration::ZERO };
        let mut path_loss = PathLoss::new(Some(known), 5);
        assert!(path_loss.is_others_task(None, SILENCE + 4));
        assert!(!path_loss.is_others_task(None, SILENCE + 5));
        assert!(!PathLoss::new(None, 5).is_others_task(Some(5), 5));
    }

    #[test]
    fn a_tenth_a_thousandth_and_the_end_of_losses_are_worth_telling() {
        assert!(is_worth_telling(0, 1000) && !is_worth_telling(0, 999));
        assert!(is_worth_telling(100_000, 110_000) && !is_worth_telling(100_000, 109_999));
        assert!(is_worth_telling(100_000, 90_000) && !is_worth_telling(100_000, 90_001));
        assert!(is_worth_telling(1, 0) && !is_worth_telling(0, 0));
    }
}
