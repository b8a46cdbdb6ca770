//! What a packet that does not simply follow the newest one changes.

use std::ops::Range;
use std::time::Duration;

use interceptor_core::packet::Recovery;

use super::hole::{Hole, NEVER};
use super::{Env, RemoteStream};
use crate::ReorderTolerance;
use crate::receive_log::Inserted;
use crate::time::{DEFAULT_RTT, micros};

/// A larger step forward is a new sequence rather than loss (RFC 3550 A.1 `MAX_DROPOUT`).
const MAX_DROPOUT: i64 = 3000;

/// What a packet out of order has meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It goes on.
    New,
    /// It goes on, and packets have been given up.
    GaveUp,
    /// It has come before, and one of the copies was restored: it ends here.
    Copy,
}

impl Arrival {
    const fn gave_up(gave_up: bool) -> Self {
        if gave_up { Self::GaveUp } else { Self::New }
    }
}

impl RemoteStream {
    /// Every other packet comes.
    pub(crate) fn arrive(&mut self, seq: u16, recovery: Option<Recovery>, env: &mut Env<'_>) -> Arrival {
        let before = std::mem::replace(&mut self.last_packet, env.nanos);
        let Some(at) = self.log.unwrap(seq) else {
            self.start(i64::from(seq), env);
            self.losses.first = i64::from(seq);
            self.note_restored(i64::from(seq), recovery, env);
            return Arrival::New;
        };
        let newest = self.log.newest();
        // What comes late, twice or astray ends no outage.
        let known = self.losses.newest_came.filter(|(number, _)| *number == newest);
        let newest_came = known.map_or(before, |(_, came)| came);
        let arrival = if at > newest {
            Arrival::gave_up(self.ahead(at, recovery, newest_came, env))
        } else {
            self.behind(at, recovery, env)
        };
        if self.log.newest() == newest {
            self.losses.newest_came = Some((newest, newest_came));
        }
        arrival
    }

    /// Another copy of a restored packet will be one too many.
    fn note_restored(&mut self, at: i64, recovery: Option<Recovery>, env: &Env<'_>) {
        if recovery.is_some() && env.options.drop_restored_duplicates {
            self.losses.restored.insert(at, self.log.newest(), self.log.window());
        }
    }

    /// The newest packet came at `before`. `true`: packets have been given up.
    fn ahead(&mut self, at: i64, recovery: Option<Recovery>, before: u64, env: &mut Env<'_>) -> bool {
        let step = at - self.log.newest();
        if step > MAX_DROPOUT {
            return self.suspect(at, recovery, env);
        }
        let gap = (step - 1) as usize;
        let too_far = step > self.log.window();
        if too_far && recovery.is_some() {
            // A retransmission that claims a number far off is hostile or broken; media would be here before it.
            self.losses.counters.out_of_place += 1;
            return false;
        }
        let too_old = self.too_old(gap, before, env);
        if too_far || self.losses.holes.len() + gap - too_old > env.options.max_missing {
            self.losses.counters.packets_missing += gap as u64;
            self.losses.counters.given_up += gap as u64;
            self.reset(at, env);
            return true;
        }
        self.losses.counters.packets_missing += gap as u64;
        self.losses.counters.given_up += too_old as u64;
        self.note_gap(self.log.newest() + 1 + too_old as i64..at, before, env);
        self.log.insert(at);
        self.note_restored(at, recovery, env);
        too_old > 0
    }

    fn note_gap(&mut self, gap: Range<i64>, before: u64, env: &mut Env<'_>) {
        if gap.is_empty() {
            return;
        }
        self.losses.tally.get_or_insert_default().gap(env.nanos.saturating_sub(before));
        let noticed = env.now;
        self.losses.holes.extend(gap.map(|seq| Hole::new(seq, noticed)));
        // Have them looked at.
        self.due = 0;
    }

    fn behind(&mut self, at: i64, recovery: Option<Recovery>, env: &mut Env<'_>) -> Arrival {
        let inserted = self.log.insert(at);
        match inserted {
            Inserted::TooOld => return Arrival::gave_up(self.suspect(at, recovery, env)),
            Inserted::Duplicate if self.is_one_too_many(at, recovery, env) => {
                self.losses.counters.restored_duplicates += 1;
                return Arrival::Copy;
            }
            Inserted::Filled => self.fill(at, recovery, env),
            Inserted::Early | Inserted::Duplicate | Inserted::Newest { .. } => {
                self.losses.counters.duplicates_or_old += 1;
            }
        }
        self.note_restored(at, recovery, env);
        Arrival::New
    }

    /// Was this copy of a packet that had come, or one before it, restored?
    fn is_one_too_many(&mut self, at: i64, recovery: Option<Recovery>, env: &Env<'_>) -> bool {
        if let Some(lateness) = self.losses.lateness.as_mut().filter(|_| recovery.is_none()) {
            lateness.duplicate(at, env.now);
        }
        self.note_restored(at, recovery, env);
        env.options.drop_restored_duplicates
            && self.losses.restored.contains(at, self.log.newest(), self.log.window())
    }

    fn fill(&mut self, at: i64, recovery: Option<Recovery>, env: &mut Env<'_>) {
        let found = self.losses.holes.binary_search_by_key(&at, |hole| hole.seq);
        let Some(hole) = found.ok().and_then(|place| self.losses.holes.remove(place)) else {
            self.losses.counters.arrived_too_late += 1;
            return;
        };
        if self.losses.holes.is_empty() {
            (self.due, self.review_at_number) = (NEVER, i64::MAX);
        }
        env.times.record(env.now - hole.noticed);
        match recovery {
            Some(Recovery::Rtx) => self.losses.counters.recovered_rtx += 1,
            Some(_) => self.losses.counters.recovered_fec += 1,
            None => {
                self.losses.counters.recovered_late += 1;
                self.learn(&hole, env);
            }
        }
    }

    /// A packet was late. If it cannot be the answer to a request, that is reordering.
    fn learn(&mut self, hole: &Hole, env: &Env<'_>) {
        if env.options.reorder_tolerance != ReorderTolerance::Adaptive {
            return;
        }
        let lateness = self.losses.lateness.get_or_insert_default();
        let packets = self.log.newest().abs_diff(hole.seq);
        let delay = Duration::from_micros(env.now - hole.noticed);
        // No answer is faster than the path. On a stream with RTX answers come elsewhere, but a peer may not keep to it.
        let fastest = match env.rtt {
            Some(rtt) => micros(rtt.min) * 9 / 10,
            None if self.rtx => micros(DEFAULT_RTT),
            None => 0,
        };
        if hole.requests == 0 || env.now.saturating_sub(hole.asked) < fastest {
            lateness.late(packets, delay, env.now);
        } else if hole.of_copies == 1 {
            // Else it may come again because two requests were answered, and that says nothing.

            lateness.late_or_answer(hole.seq, packets, delay);
        }
    }

    /// Starts anew at `at` and asks for nothing before it.
    pub(super) fn reset(&mut self, at: i64, env: &Env<'_>) {
        tracing::debug!(ssrc = self.ssrc, newest = self.log.newest(), start = at, "receive log starts anew");
        self.losses.counters.resets += 1;
        self.losses.counters.given_up += self.losses.holes.len() as u64;
        self.losses.holes.clear();
        self.losses.suspect = None;
        self.losses.restored.clear();
        (self.due, self.review_at_number) = (NEVER, i64::MAX);
        self.start(at, env);
    }

    /// The first packet of the log, or of a new one.
    fn start(&mut self, at: i64, env: &Env<'_>) {
        (self.losses.started, self.losses.newest_came) = (env.nanos, None);
        self.log.start(at);
    }
}
