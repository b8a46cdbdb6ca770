//! Packets far off all others: strays, very late ones, or a sender that has started anew.

use interceptor_core::packet::Recovery;

use super::{Env, RemoteStream};
use crate::time::micros;

/// Packets in sequence that are a new sequence (RFC 3550 A.1).
const MIN_SEQUENTIAL: u16 = 2;
/// As many in ascending order …
const MIN_LATE_ASCENDING: u16 = 16;
/// … over so long, in microseconds, if they may be late: nothing new comes meanwhile.
const MIN_LATE_TIME: u64 = 1_000_000;
/// These may be lost or reordered as those of any sequence: so far apart they still belong together.
const MAX_APART: i16 = 64;
/// Packets may be late by fewer than so many numbers, as [`rfc3550`](interceptor_core::packet::rfc3550) has it.
const MAX_LATE: i64 = 4096;

/// Packets in sequence, or nearly so, far off all others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspect {
    /// The number that would follow them.
    next: u16,
    /// The newest of the sequence that has been, which would have moved on if that did.
    newest: i64,
    packets: u16,
    /// When the first of them came, in microseconds since the epoch.
    since: u64,
}

impl RemoteStream {
    /// A packet far off the others. `true`: packets have been given up.
    pub(super) fn suspect(&mut self, at: i64, recovery: Option<Recovery>, env: &Env<'_>) -> bool {
        self.losses.counters.out_of_place += 1;
        let newest = self.log.newest();
        if recovery.is_some() || self.may_be_an_answer(at, env) {
            return false;
        }
        let late = self.may_be_late(at);
        let alone = Suspect { next: at as u16, newest, packets: 0, since: env.now };
        let mut suspect = self.losses.suspect.filter(|it| it.newest == newest).unwrap_or(alone);
        let step = (at as u16).wrapping_sub(suspect.next).cast_signed();
        if late && (-MAX_APART..0).contains(&step) {
            // Overtaken, or a copy: neither shows anything.
            return false;
        }
        if step != 0 && !(late && (0..MAX_APART).contains(&step)) {
            suspect = alone;
        }
        (suspect.next, suspect.packets) = ((at as u16).wrapping_add(1), suspect.packets.saturating_add(1));
        let lasted = env.now.saturating_sub(suspect.since);
        let is_new = if late {
            suspect.packets >= MIN_LATE_ASCENDING && lasted >= MIN_LATE_TIME
        } else {
            suspect.packets >= MIN_SEQUENTIAL
        };
        if !is_new {
            self.losses.suspect = Some(suspect);
            return false;
        }
        self.reset(at - 1, env);
        self.losses.first = at - 1;
        self.log.insert(at);
        at > newest
    }

    /// Old numbers may be answers, one after the other, while there are requests that could have caused them.
    fn may_be_an_answer(&self, at: i64, env: &Env<'_>) -> bool {
        let asked = |asked| env.now.saturating_sub(asked) < micros(env.options.max_age);
        at < self.log.newest() && !self.rtx && self.losses.last_asked.is_some_and(asked)
    }

    /// A number that the sequence has passed. But if nothing has followed the step forward that left it behind the window,
    /// that step may have been a stray's.
    fn may_be_late(&self, at: i64) -> bool {
        let newest = self.log.newest();
        (self.losses.first..newest).contains(&at)
            && newest - at < MAX_LATE
            && newest != self.log.start_number()
    }
}
