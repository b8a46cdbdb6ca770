//! The receiver's clock as feedback shows it: a line that begins with the first packet and takes no leaps.

use crate::Time;

/// A clock that leaps by more, against both the packets that it is about and the messages that it comes in, was set.
const LEAP: i64 = 5_000_000;

/// Takes the receiver's times, which wrap and may be set anew, onto a line of ours.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RemoteClock {
    /// What the message's own time stands for, unwrapped, in units of its format.
    unwrapped: Option<i64>,
    /// Added to the receiver's microseconds; `None`: to be found by the next packet.
    offset: Option<i64>,
    last: Option<Seen>,
}

/// The newest packet of the last message that had any.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// By the receiver's clock, in its microseconds.
    arrival: i64,
    /// When the message came.
    told: Time,
    /// From sending to arrival on our line.
    way: i64,
}

impl RemoteClock {
    /// The message's time off its circle of `bits` bits.
    pub(crate) fn unwrap(&mut self, wrapped: u32, bits: u32) -> i64 {
        let shift = u32::BITS - bits;
        let time = match self.unwrapped {
            None => i64::from((wrapped << shift).cast_signed() >> shift),
            Some(last) => {
                let step = (wrapped.wrapping_sub(last as u32) << shift).cast_signed() >> shift;
                last.saturating_add(step.into())
            }
        };
        self.unwrapped = Some(time);
        time
    }

    /// A packet that left at `sent` came at `arrival` by the receiver's clock, says a message that came `now`. The first of each
    /// message comes here, before [`at`](Self::at); says whether the clock was set.
    pub(crate) fn begin(&mut self, sent: Time, arrival: i64, now: Time) -> bool {
        let set = match (self.offset, self.last) {
            (None, None) => {
                self.offset = Some(arrival.saturating_neg());
                return false;
            }
            (Some(offset), Some(last)) => {
                let way = arrival.saturating_add(offset).saturating_sub(sent.micros());
                let by_packets = way.saturating_sub(last.way);
                let by_messages = arrival.saturating_sub(last.arrival).saturating_sub(now.since(last.told));
                by_packets.saturating_abs() > LEAP && by_messages.saturating_abs() > LEAP
            }
            (offset, _) => offset.is_none(),
        };
        if let (true, Some(last)) = (set, self.last) {
            // The way is taken to be as long as it was.
            self.offset = Some(sent.micros().saturating_add(last.way).saturating_sub(arrival));
        }
        set
    }

    /// `arrival` on our line.
    #[inline]
    pub(crate) fn at(&self, arrival: i64) -> Time {
        Time::from_micros(arrival.saturating_add(self.offset.unwrap_or(0)))
    }

    /// The newest packet of a message that came `now`.
    pub(crate) fn end(&mut self, sent: Time, arrival: i64, now: Time) {
        let way = self.at(arrival).since(sent);
        self.last = Some(Seen { arrival, told: now, way });
    }

    /// Another receiver's clock, or one of another format, follows.
    pub(crate) const fn restart(&mut self) {
        (self.unwrapped, self.offset) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(micros: i64) -> Time {
        Time::from_micros(micros)
    }

    #[test]
    fn times_wrap_at_their_width_and_have_a_sign() {
        let mut clock = RemoteClock::default();
        assert_eq!(clock.unwrap(0xff_ffff, 24), -1);
        assert_eq!(clock.unwrap(0, 24), 0);
        let mut clock = RemoteClock::default();
        let wide = [0x7f_fffe, 0x80_0001, 0xff_ffff, 1].map(|time| clock.unwrap(time, 24));
        assert_eq!(wide, [0x7f_fffe, 0x80_0001, 0xff_ffff, 0x100_0001]);
        let mut clock = RemoteClock::default();
        assert_eq!([0xffff_fff0_u32, 0x10].map(|time| clock.unwrap(time, 32)), [-16, 16]);
    }

    #[test]
    fn a_clock_that_is_set_goes_on_where_it_was() {
        let mut clock = RemoteClock::default();
        assert!(!clock.begin(at(0), 30_000_000, at(100_000)));
        assert_eq!(clock.at(30_000_000), at(0));
        clock.end(at(0), 30_000_000, at(100_000));
        assert!(clock.begin(at(50_000), -9_000_000, at(150_000)));
        assert_eq!(clock.at(-9_000_000), at(50_000));
    }

    #[test]
    fn what_was_kept_back_for_long_is_no_clock_that_was_set() {
        let mut clock = RemoteClock::default();
        clock.begin(at(0), 0, at(100_000));
        clock.end(at(0), 0, at(100_000));
        // The packets waited for ten seconds.
        assert!(!clock.begin(at(50_000), 10_050_000, at(10_150_000)));
        assert_eq!(clock.at(10_050_000), at(10_050_000));
        clock.end(at(50_000), 10_050_000, at(10_150_000));
        // The message waited for ten seconds.
        assert!(!clock.begin(at(10_050_000), 20_050_000, at(30_000_000)));
    }

    #[test]
    fn the_line_stays_finite_whatever_the_receiver_says() {
        let mut clock = RemoteClock::default();
        for step in 0..10_000_u32 {
            let time = clock.unwrap(step.wrapping_mul(0x7f_ffff) & 0xff_ffff, 24).saturating_mul(64_000);
            let sent = at(i64::from(step) * 1000);
            clock.begin(sent, time, sent);
            assert!(clock.at(time).since(sent).abs() < i64::MAX / 2);
            clock.end(sent, time, sent);
        }
    }
}
