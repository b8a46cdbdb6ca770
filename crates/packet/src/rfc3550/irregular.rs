//! What a packet is that does not follow the one before: a gap, late, a duplicate, the end of an outage, a restart.

use super::Arrival;
use super::history::{Packet, Suspect};
use super::missing::WINDOW;
use super::pace::Clock;
use super::source::SourceState;
use super::ticks::{TICKS, between};

/// A number less than this many ahead of the highest is always a gap (RFC 3550 A.1): 60 s of 50 packets a second.
pub const MAX_DROPOUT: u16 = 3000;
const DROPOUT_SECONDS: u64 = 60;
/// A number from before the first packet is late if it is less than this many behind the highest (RFC 3550 A.1): 2 s of 50
/// packets a second.
pub const MAX_MISORDER: u16 = 100;
const MISORDER_SECONDS: u64 = 2;

/// How near to what looks like the first packet after an outage another one has to be, to confirm it.
const NEAR: u16 = 100;
/// Numbers of the old sequence that may come in the midst of a restart: reordering mixes a few. More of them, and the
/// old sequence goes on.
const MAX_BETWEEN: u64 = 8;
/// Packets in sequence, at numbers that have had their turn, which are a restart and no repeats …
const MIN_REPEATED: u16 = 16;
/// … when they go on for so long and nothing new comes; and when their timestamps look old, or say nothing.
const MIN_REPEATED_FOR: u32 = TICKS;
const MIN_REPEATED_FOR_IF_OLD: u32 = 5 * TICKS;

impl SourceState {
    /// Finds out what a packet is that does not follow the one before.
    pub(super) fn place(&mut self, packet: Packet) -> Arrival {
        let ahead = packet.seq.wrapping_sub(self.highest as u16);
        let behind = ahead.wrapping_neg();
        if (1..MAX_DROPOUT).contains(&ahead) {
            return self.advance(packet, ahead);
        }
        let before_first = u64::from(behind) > self.expected().saturating_sub(1);
        let max_misorder =
            if before_first { self.numbers_in(MISORDER_SECONDS, MAX_MISORDER) } else { WINDOW };
        if behind >= max_misorder {
            return self.place_far(packet, ahead);
        }
        let highest = self.highest;
        if self.history.as_mut().is_some_and(|history| history.take(behind, highest)) {
            self.lost -= 1;
            return Arrival::Late;
        }
        self.repeat(packet, behind)
    }

    /// A gap: what lies between is lost unless it comes late.
    fn advance(&mut self, packet: Packet, ahead: u16) -> Arrival {
        if let Some(history) = &mut self.history {
            history.skip(self.highest, ahead);
        }
        self.highest += u64::from(ahead);
        self.lost += i64::from(ahead) - 1;
        (self.timestamp, self.arrival) = (packet.timestamp, packet.arrival);
        Arrival::Newest { skipped: ahead - 1 }
    }

    /// A number that has come before. Repeats do not end a stream; but if nothing new comes beside them, the sender has
    /// fallen back to where it had been.
    fn repeat(&mut self, packet: Packet, behind: u16) -> Arrival {
        if behind >= MAX_MISORDER {
            let looks_new = matches!(self.clock(packet), Clock::Fits | Clock::Off);
            let needed = if looks_new { MIN_REPEATED_FOR } else { MIN_REPEATED_FOR_IF_OLD };
            if let Some(history) = &mut self.history {
                let mut suspect = history.follow(packet, self.highest, 0);
                if suspect.packets >= MIN_REPEATED && between(suspect.since, packet.arrival) >= needed {
                    return self.restart(packet);
                }
                suspect.counted = suspect.counted.saturating_add(1);
                history.suspect = Some(suspect);
            }
        }
        self.lost -= 1;
        Arrival::Duplicate
    }

    /// A number that is neither a short gap nor in the window of the newest.
    fn place_far(&mut self, packet: Packet, ahead: u16) -> Arrival {
        let clock = self.clock(packet);
        let is_short = ahead < self.numbers_in(DROPOUT_SECONDS, MAX_DROPOUT);
        let goes_on = match clock {
            // Ahead in half of the circle the clock's word is enough; beyond, the numbers may as well have fallen back.
            Clock::Fits => ahead <= u16::MAX / 2 || self.numbers_fit(packet, ahead),
            Clock::Unknown => is_short || self.numbers_fit(packet, ahead),
            Clock::Earlier | Clock::Off => false,
        };
        if goes_on && is_short {
            return self.advance(packet, ahead);
        }
        if goes_on && let Some(arrival) = self.resume(packet) {
            return arrival;
        }
        let Some(history) = &mut self.history else { return Arrival::Stray };
        let mut suspect = history.follow(packet, self.highest, MAX_BETWEEN);
        suspect.foreign = if goes_on { 0 } else { suspect.foreign.saturating_add(1) };
        // RFC 3550 A.1 takes two packets in sequence for a restart.
        let needed = if clock == Clock::Earlier { MIN_REPEATED } else { 2 };
        if suspect.foreign >= needed {
            return self.restart(packet);
        }
        history.suspect = Some(suspect);
        Arrival::Stray
    }

    /// The stream goes on after an outage, if the packet is near one that was far from all before it, as this one is: then
    /// both count, and what was lost.
    fn resume(&mut self, packet: Packet) -> Option<Arrival> {
        let history = self.history.as_mut()?;
        let Suspect { first, packets, highest, .. } = history.suspect?;
        let (from, last) = (self.highest as u16, first.wrapping_add(packets - 1));
        let [first, last, ahead] = [first, last, packet.seq].map(|seq| seq.wrapping_sub(from));
        let after = ahead.checked_sub(last).is_some_and(|after| (1..NEAR).contains(&after));
        let before = first.checked_sub(ahead).is_some_and(|before| (1..NEAR).contains(&before));
        if !(after || before) || !(1..=last).contains(&first) || self.highest - highest > MAX_BETWEEN {
            return None;
        }
        history.suspect = None;
        let (low, high) = (first.min(ahead), last.max(ahead));
        history.skip(self.highest, high);
        self.highest += u64::from(high);
        for came in (first..=last).chain([ahead]).filter(|came| high - came < WINDOW) {
            history.take(high - came, self.highest);
        }
        let came = i64::from(packets) + 1;
        self.lost += i64::from(high) - came;
        (self.timestamp, self.arrival) = (packet.timestamp, packet.arrival);
        Some(Arrival::Resumed { lost: low - 1, skipped: high - low - 1 })
    }

    /// The sender has restarted: every sum starts again.
    fn restart(&mut self, packet: Packet) -> Arrival {
        let (expected, lost) = (self.expected(), self.lost);
        if let Some(history) = &mut self.history {
            history.restart(packet, expected, lost);
        }
        self.init(packet);
        Arrival::Restarted
    }
}
