//! The sequence numbers of a local stream go on where the application's jump.

use std::time::{Duration, Instant};

/// Packets forward and back that belong to the same track (`MAX_DROPOUT` and `MAX_MISORDER`, RFC 3550 A.1): who forwards what
/// another has sent leaves gaps and swaps packets.
const GAP: i16 = 3000;
const MISORDER: i16 = -100;

/// How far timestamps of one track may be from the time that has passed: an encoder is late by less.
const DRIFT: Duration = Duration::from_secs(10);

/// Another track has its own numbers, from a random start. On the wire they would jump; a jump back of more than half of all numbers
/// makes SRTP count rounds wrongly, and no packet is understood any more.
#[derive(Debug)]
pub(crate) struct Numbers {
    clock_rate: u32,
    last: Option<Last>,
    /// What is added to the application's numbers.
    offset: u16,
}

/// The farthest packet.
#[derive(Clone, Copy, Debug)]
struct Last {
    number: u16,
    timestamp: u32,
    at: Instant,
}

/// Where a packet belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number that it leaves with.
    pub(crate) number: u16,
    /// It is the first of another track.
    pub(crate) jumped: bool,
}

impl Numbers {
    /// On an RTP clock in Hz; 0 when it is unknown, and timestamps say nothing.
    pub(crate) const fn new(clock_rate: u32) -> Self {
        Self { clock_rate, last: None, offset: 0 }
    }

    /// The application sends a packet with this number and timestamp.
    #[inline]
    pub(crate) fn place(&mut self, number: u16, timestamp: u32, now: Instant) -> Place {
        let jumped = self.last.is_some_and(|last| self.is_another_track(last, number, timestamp, now));
        if let Some(last) = self.last.filter(|_| jumped) {
            self.offset = last.number.wrapping_add(self.offset).wrapping_add(1).wrapping_sub(number);
        }
        let ahead = self.last.is_none_or(|last| jumped || distance(last.number, number) > 0);
        if ahead {
            self.last = Some(Last { number, timestamp, at: now });
        }
        Place { number: number.wrapping_add(self.offset), jumped }
    }

    fn is_another_track(&self, last: Last, number: u16, timestamp: u32, now: Instant) -> bool {
        match distance(last.number, number) {
            // Nobody starts by chance just where another ended.
            1 => false,
            MISORDER..=GAP => self.is_another_time(last, timestamp, now),
            _ => true,
        }
    }

    /// Are the timestamps farther apart than the packets?
    fn is_another_time(&self, last: Last, timestamp: u32, now: Instant) -> bool {
        let passed = now.saturating_duration_since(last.at) + DRIFT;
        let most = u128::from(self.clock_rate) * passed.as_millis() / 1000;
        let apart = timestamp.wrapping_sub(last.timestamp).cast_signed().unsigned_abs();
        self.clock_rate != 0 && u128::from(apart) > most
    }
}

/// From one number to another, the shorter way round.
const fn distance(from: u16, to: u16) -> i16 {
    to.wrapping_sub(from).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn start() -> Instant {
        Instant::now()
    }

    fn numbers(sent: &[(u16, u32)]) -> Vec<u16> {
        let (mut numbers, now) = (Numbers::new(90_000), start());
        sent.iter().map(|(number, timestamp)| numbers.place(*number, *timestamp, now).number).collect()
    }

    #[test]
    fn gaps_and_swapped_packets_stay_as_they_are() {
        let sent = [65_530, 65_531, 2, 1, 700, 610].map(|number| (number, 0));
        assert_eq!(numbers(&sent), [65_530, 65_531, 2, 1, 700, 610]);
    }

    #[test]
    fn another_track_goes_on_where_the_last_ended() {
        let sent = [(100, 0), (101, 0), (40_000, 7), (40_001, 7), (40_003, 7), (40_002, 7), (9, 1 << 31)];
        assert_eq!(numbers(&sent), [100, 101, 102, 103, 105, 104, 106]);
    }

    #[test]
    fn a_track_that_starts_nearby_is_told_by_its_timestamps() {
        assert_eq!(numbers(&[(100, 0), (150, 900_001), (151, 900_001)]), [100, 101, 102]);
        assert_eq!(numbers(&[(100, 0), (150, 899_999)]), [100, 150]);
        assert_eq!(numbers(&[(100, 0), (101, 1 << 31)]), [100, 101], "a source that was silent");
    }

    #[test]
    fn without_a_clock_only_numbers_count() {
        let (mut numbers, now) = (Numbers::new(0), start());
        assert_eq!(numbers.place(1, 0, now).number, 1);
        assert_eq!(numbers.place(20, 1 << 31, now), Place { number: 20, jumped: false });
        assert_eq!(numbers.place(9000, 0, now), Place { number: 21, jumped: true });
    }
}
