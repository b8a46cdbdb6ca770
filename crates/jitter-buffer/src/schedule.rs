//! When a packet leaves: its media time, and an offset that follows the path.

use std::time::Duration;

use interceptor_core::PlayoutBounds;

use crate::base::Base;
use crate::media_clock::MediaClock;
use crate::nanos::{FAR, nanos};
use crate::target::Target;
use crate::{JitterBufferOptions, Underrun};

/// The largest delay of so long counts as one value.
const INTERVAL: i64 = 500_000_000;

/// When a packet leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) at: i64,
    /// It has come after its time.
    pub(crate) late: bool,
}

/// The timeline of a stream: packet `m` of the media clock leaves at `m + offset`.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) clock: MediaClock,
    pub(crate) target: Target,
    base: Base,
    underrun: Underrun,
    /// How much the offset falls in a second.
    shrink: i64,
    /// A transit that differs by more from the one before shows another timeline.
    max_jump: i64,
    fastest: i64,
    /// `None`: nothing has come that could say.
    offset: Option<i64>,
    /// What the offset would be if nobody else asked for any delay. It moves by the same rules: taking away what others ask for now would
    /// be wrong until a packet has come, and while the offset falls.
    own: i64,
    transit: i64,
    arrival: i64,
    /// The transit of the packet before, when that was too different to be believed alone.
    stray: Option<i64>,
    /// The newest timestamp, and when its packets leave: together.
    frame: Option<(u32, i64)>,
    /// The largest delay of this interval, that of the one before, and when this one ends.
    largest: i64,
    largest_before: i64,
    ends: i64,
    pub(crate) jumps: u64,
}

impl Schedule {
    pub(crate) fn new(options: &JitterBufferOptions, rate: u32, shrink: Duration) -> Self {
        Self {
            clock: MediaClock::new(rate),
            target: Target::new(options),
            base: Base::new(nanos(options.base_window)),
            underrun: options.underrun,
            shrink: nanos(shrink),
            max_jump: nanos(options.max_jump),
            fastest: 0,
            offset: None,
            own: 0,
            transit: 0,
            arrival: 0,
            stray: None,
            frame: None,
            largest: 0,
            largest_before: 0,
            ends: 0,
            jumps: 0,
        }
    }

    /// The delay over the fastest path, as it is now.
    pub(crate) fn delay(&self) -> i64 {
        self.offset.map_or_else(|| self.target.get(), |offset| offset.saturating_sub(self.fastest))
    }

    /// The media clock's time on ours for one of its times, as soon as there is any.
    pub(crate) fn playout_of(&self, timestamp: u32) -> Option<i64> {
        let known = self.offset.is_some() && self.clock.rate() > 0;
        // Without what others have asked for.
        known.then(|| self.clock.nanos(timestamp).saturating_add(self.own))
    }

    pub(crate) fn bound(&mut self, bounds: &PlayoutBounds) {
        self.target.bound(bounds);
    }

    /// Timestamps run on another clock from this packet on (RFC 7160); the timeline goes on.
    #[cold]
    pub(crate) fn set_rate(&mut self, rate: u32, timestamp: u32, arrival: i64) {
        self.frame = None;
        self.clock.anchor(rate, timestamp, arrival.saturating_sub(self.transit));
    }

    /// A packet that came off the wire at `arrival`. `newest`: none with a higher number has come.
    #[inline]
    pub(crate) fn place(&mut self, timestamp: u32, arrival: i64, newest: bool) -> Due {
        if self.clock.rate() == 0 {
            return Due { at: arrival.saturating_add(self.target.least()), late: false };
        }
        let mut media = self.clock.nanos(timestamp);
        let transit = arrival.saturating_sub(media);
        if self.offset.is_none() || transit.abs_diff(self.transit) > self.max_jump.unsigned_abs() {
            if !self.begins(transit) {
                // As if it were in time.
                return Due { at: arrival.saturating_add(self.delay().min(self.target.most())), late: false };
            }
            self.begin(timestamp, arrival);
            media = arrival;
        }
        self.stray = None;
        self.learn(arrival.saturating_sub(media), arrival);
        self.move_offset(arrival);
        if newest {
            self.clock.advance(timestamp);
        }
        self.due(timestamp, media, arrival, newest)
    }

    /// A packet that was brought back, and is here at `now`. It teaches nothing: it did not come the way of the others.
    pub(crate) fn place_recovered(&self, timestamp: u32, now: i64) -> Due {
        let Some(offset) = self.offset.filter(|_| self.clock.rate() > 0) else {
            return Due { at: now.saturating_add(self.target.least()), late: false };
        };
        let at = self.clock.nanos(timestamp).saturating_add(offset);
        Due { at: at.min(now.saturating_add(self.target.most())), late: at < now }
    }

    fn due(&mut self, timestamp: u32, media: i64, arrival: i64, newest: bool) -> Due {
        let offset = self.offset.unwrap_or_default();
        let at = match self.frame {
            Some((same, at)) if same == timestamp => at,
            _ => media.saturating_add(offset).min(arrival.saturating_add(self.target.most())),
        };
        let late = at < arrival;
        if newest {
            self.frame = Some((timestamp, at));
            if late && self.underrun == Underrun::Wait {
                let bound = self.fastest.saturating_add(self.target.most());
                let transit = arrival.saturating_sub(media);
                self.offset = Some(transit.min(bound).max(offset));
                self.own = transit.min(bound.saturating_sub(self.target.sync)).max(self.own);
                self.frame = Some((timestamp, arrival));
            }
        }
        Due { at: at.max(arrival), late }
    }

    /// Is this another timeline? A transit far from the one before is believed when the next is like it (RFC 3550 A.1, for
    /// time).
    #[cold]
    fn begins(&mut self, transit: i64) -> bool {
        if self.offset.is_none() {
            return true;
        }
        let again = self.stray.is_some_and(|stray| transit.abs_diff(stray) <= self.max_jump.unsigned_abs());
        self.stray = Some(transit);
        self.jumps += u64::from(again);
        again
    }

    /// A timeline on which this packet took no time. What is known of jitter stays.
    fn begin(&mut self, timestamp: u32, arrival: i64) {
        self.clock.anchor(self.clock.rate(), timestamp, arrival);
        self.base.clear();
        self.frame = None;
        (self.largest, self.largest_before, self.ends) = (0, 0, arrival.saturating_add(INTERVAL));
        (self.fastest, self.arrival) = (0, arrival);
        self.offset = Some(self.target.get());
        self.own = self.target.get() - self.target.sync;
    }

    fn learn(&mut self, transit: i64, arrival: i64) {
        self.transit = transit;
        self.fastest = self.base.add(arrival, transit);
        let delay = transit.saturating_sub(self.fastest);
        if arrival >= self.ends {
            self.target.learn(self.largest);
            self.largest_before = self.largest;
            (self.largest, self.ends) = (delay, arrival.saturating_add(INTERVAL));
        } else {
            self.largest = self.largest.max(delay);
        }
    }

    /// Up at once, down slowly, and not below what has just been needed: it would be needed again before the estimate knows.
    fn move_offset(&mut self, arrival: i64) {
        let wanted = self.fastest.saturating_add(self.target.get());
        let passed = arrival.saturating_sub(self.arrival).clamp(0, FAR);
        self.arrival = self.arrival.max(arrival);
        let needed = self.fastest.saturating_add(self.largest.max(self.largest_before));
        if let Some(offset) = &mut self.offset {
            let fall = (i128::from(passed) * i128::from(self.shrink) / 1_000_000_000) as i64;
            let moved = |from: i64, wanted: i64| from.saturating_sub(fall).max(needed.min(from)).max(wanted);
            *offset = moved(*offset, wanted);
            self.own = moved(self.own, wanted.saturating_sub(self.target.sync));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    fn schedule(options: &JitterBufferOptions) -> Schedule {
        Schedule::new(options, 1000, options.shrink_audio)
    }

    /// A second without jitter.
    fn play(schedule: &mut Schedule) {
        for step in 0..50_i64 {
            schedule.place((step * 20) as u32, step * 20 * MS, true);
        }
    }

    #[test]
    fn rises_at_once_and_falls_slowly() {
        let mut schedule = schedule(&JitterBufferOptions::default());
        let mut delays = Vec::new();
        for step in 0..3000_i64 {
            // The first two seconds are rough.
            let jitter = if step < 100 && step % 10 == 9 { 80 } else { 0 };
            let due = schedule.place((step * 20) as u32, (step * 20 + jitter) * MS, true);
            delays.push((due.at / MS) - step * 20);
        }
        assert_eq!(delays[0], 40);
        let top = delays.iter().copied().max().unwrap();
        assert!((80..=86).contains(&top), "{top}");
        assert!(delays.windows(2).skip(100).all(|two| two[1] >= two[0] - 1), "no faster than 20 ms/s");
        assert_eq!(delays[2999], 5, "and in the end as little as is needed");
    }

    #[test]
    fn a_timeline_that_jumps_is_believed_by_the_second_packet() {
        let mut schedule = schedule(&JitterBufferOptions::default());
        play(&mut schedule);
        let delay = schedule.delay();
        let stray = schedule.place(500_000, 1000 * MS, true);
        assert_eq!((stray.at, schedule.jumps), (1000 * MS + delay, 0));
        let back = schedule.place(1020, 1020 * MS, true);
        assert!((back.at - 1020 * MS - delay).abs() <= MS && schedule.jumps == 0, "{back:?}");
        schedule.place(500_040, 1040 * MS, true);
        let second = schedule.place(500_060, 1060 * MS, true);
        assert_eq!((second.at, schedule.jumps), (1060 * MS + 5 * MS, 1), "jitter is known already");
    }

    #[test]
    fn no_packet_waits_for_longer_than_the_most_whatever_its_timestamp() {
        for underrun in [Underrun::Wait, Underrun::Drop] {
            let mut schedule = schedule(&JitterBufferOptions::default().with_underrun(underrun));
            let mut timestamp = 1_u32;
            for step in 0..100_000_i64 {
                timestamp = timestamp.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Random in places, standing still or going back elsewhere.
                let odd = match step / 1000 % 4 {
                    0 => timestamp,
                    1 => 7,
                    2 => (step as u32).wrapping_mul(u32::MAX / 3),
                    _ => u32::MAX - step as u32 * 900,
                };
                let due = schedule.place(odd, step * MS, step % 3 > 0);
                assert!((step * MS..=(step + 1000) * MS).contains(&due.at), "{step}: {due:?}");
                assert!(schedule.place_recovered(odd, step * MS).at <= (step + 1000) * MS);
            }
        }
    }

    #[test]
    fn what_a_stream_waits_for_others_is_never_taken_for_its_own_delay() {
        let mut schedule =
            schedule(&JitterBufferOptions::default().with_aim(crate::Aim::Fixed(Duration::from_millis(40))));
        play(&mut schedule);
        let own = schedule.playout_of(1000);
        assert_eq!(own, Some(1040 * MS));
        schedule.target.sync = 100 * MS;
        assert_eq!(schedule.playout_of(1000), own, "no packet has come since");
        assert_eq!(schedule.place(1000, 1000 * MS, true).at, 1140 * MS);
        assert_eq!(schedule.playout_of(1000), own);
        schedule.target.sync = 0;
        assert!(schedule.place(1020, 1020 * MS, true).at > 1150 * MS, "it falls slowly");
        assert_eq!(schedule.playout_of(1000), own);
    }

    #[test]
    fn another_clock_continues_the_timeline() {
        let mut schedule = schedule(&JitterBufferOptions::default());
        play(&mut schedule);
        let delay = schedule.delay();
        schedule.set_rate(8000, 123_456, 1000 * MS);
        for packet in 0..2_i64 {
            let at = (1000 + packet * 20) * MS;
            let due = schedule.place(123_456 + packet as u32 * 160, at, true).at;
            assert!((due - at - delay).abs() <= MS, "{due}");
        }
        assert_eq!(schedule.jumps, 0);
    }

    #[test]
    fn one_pause_in_place_of_many_losses() {
        let late = |underrun| {
            let mut schedule = schedule(&JitterBufferOptions::default().with_underrun(underrun));
            let mut late = 0;
            for step in 0..200_i64 {
                let transit = if step >= 100 { 300 } else { 0 };
                late += i64::from(schedule.place((step * 20) as u32, (step * 20 + transit) * MS, true).late);
            }
            late
        };
        // The estimate takes half a second to hear of it.
        assert_eq!((late(Underrun::Wait), late(Underrun::Drop)), (1, 25));
    }
}
