//! Which frames a decoder could show, and when: the measure of freezes.

use std::collections::BTreeMap;
use std::time::Duration;

use interceptor_core::packet::Unwrapper;

/// Follows a video stream as a decoder does that never waits in vain: a frame counts when all of it is there and so is everything
/// before it, since the last key frame at least.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    numbers: Unwrapper,
    /// The next packet that is missing; `None` before the first key frame.
    next: Option<i64>,
    /// Packets from there on.
    ahead: BTreeMap<i64, Packet>,
    complete: u64,
    last: Option<Duration>,
    longest_gap: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Packet {
    begins_key_frame: bool,
    ends_frame: bool,
}

impl Frames {
    /// A packet that is there at `now`, the time since whenever; `now` does not go back.
    pub fn arrived(&mut self, number: u16, begins_key_frame: bool, ends_frame: bool, now: Duration) {
        let number = self.numbers.unwrap(number);
        if self.next.is_some_and(|next| number < next) {
            return;
        }
        self.ahead.insert(number, Packet { begins_key_frame, ends_frame });
        if let Some(next) = self.next {
            self.walk(next, now);
        }
        // With a whole key frame there is no need of what is missing before it.
        let missing = self.next.is_none() || !self.ahead.is_empty();
        if let Some(start) = self.whole_key_frame().filter(|_| missing) {
            self.ahead = self.ahead.split_off(&start);
            self.walk(start, now);
        }
    }

    /// Frames that could be shown.
    #[must_use]
    pub fn complete(&self) -> u64 {
        self.complete
    }

    /// The longest time from one such frame to the next, or from the last one to `now`.
    #[must_use]
    pub fn longest_gap(&self, now: Duration) -> Duration {
        self.longest_gap.max(self.frozen_for(now))
    }

    /// How long ago the last frame was shown; zero before the first.
    #[must_use]
    pub fn frozen_for(&self, now: Duration) -> Duration {
        self.last.map_or(Duration::ZERO, |last| now.saturating_sub(last))
    }

    /// Takes what follows from `next` on without a hole.
    fn walk(&mut self, mut next: i64, now: Duration) {
        while let Some(packet) = self.ahead.remove(&next) {
            next += 1;
            if packet.ends_frame {
                self.show(now);
            }
        }
        self.next = Some(next);
    }

    fn show(&mut self, now: Duration) {
        self.complete += 1;
        self.longest_gap = self.longest_gap(now);
        self.last = Some(now);
    }

    /// The newest key frame among the packets ahead that is there from its first packet to its last.
    fn whole_key_frame(&self) -> Option<i64> {
        let starts = self.ahead.iter().rev().filter(|(_, packet)| packet.begins_key_frame);
        starts.map(|(start, _)| *start).find(|start| {
            let without_hole = (*start..).zip(self.ahead.range(start..));
            let without_hole = without_hole.take_while(|(expected, (number, _))| expected == *number);
            without_hole.map(|(_, (_, packet))| packet).any(|packet| packet.ends_frame)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of three packets each, of which the given ones are lost; a key frame where `key` says so. 10 ms a frame.
    fn frames(count: u16, lost: &[u16], keys: &[u16], late: &[(u16, u64)]) -> Frames {
        let mut frames = Frames::default();
        let mut events: Vec<(u64, u16)> = Vec::new();
        for number in (0..count * 3).filter(|number| !lost.contains(number)) {
            let at = late.iter().find(|(is_late, _)| *is_late == number).map(|(_, at)| *at);
            events.push((at.unwrap_or(u64::from(number / 3) * 10), number));
        }
        events.sort_unstable();
        for (at, number) in events {
            let key = number % 3 == 0 && keys.contains(&(number / 3));
            frames.arrived(number.wrapping_add(65_530), key, number % 3 == 2, Duration::from_millis(at));
        }
        frames
    }

    fn gap_ms(frames: &Frames, now: u64) -> u128 {
        frames.longest_gap(Duration::from_millis(now)).as_millis()
    }

    #[test]
    fn whole_frames_in_order_are_shown_as_they_come() {
        let frames = frames(10, &[], &[0], &[]);
        assert_eq!((frames.complete(), gap_ms(&frames, 90)), (10, 10));
        assert_eq!(gap_ms(&frames, 500), 410, "the open end counts");
    }

    #[test]
    fn nothing_is_shown_before_the_first_key_frame() {
        let frames = frames(10, &[], &[4], &[]);
        assert_eq!((frames.complete(), gap_ms(&frames, 90)), (6, 10));
    }

    #[test]
    fn a_hole_holds_up_all_frames_until_it_is_filled() {
        let frames = frames(10, &[], &[0], &[(10, 75)]);
        assert_eq!((frames.complete(), gap_ms(&frames, 90)), (10, 55), "from 20 ms to 75 ms");
    }

    #[test]
    fn a_hole_that_stays_ends_with_a_whole_key_frame() {
        assert_eq!(frames(10, &[10], &[0], &[]).complete(), 3);
        assert_eq!(frames(10, &[10], &[0, 7], &[]).complete(), 3 + 3);
        assert_eq!(frames(10, &[10, 22], &[0, 7], &[]).complete(), 3, "it has a hole itself");
    }
}
