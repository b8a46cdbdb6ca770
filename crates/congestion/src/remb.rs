//! REMB that the application sends: at once when it falls, else each second.

use std::time::Duration;

use crate::Time;

/// As libwebrtc sends them (draft-alvestrand-rmcat-remb-03 §2.4 leaves it open).
const INTERVAL: Duration = Duration::from_secs(1);
/// A fall to so many percent is told at once.
const FALL_PERCENT: u64 = 97;

/// What the peer is to be told, and was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RembSchedule {
    bits_per_second: Option<u64>,
    sent: Option<(u64, Time)>,
}

impl RembSchedule {
    pub(crate) const fn set(&mut self, bits_per_second: Option<u64>) {
        self.bits_per_second = bits_per_second;
    }

    pub(crate) const fn is_active(&self) -> bool {
        self.bits_per_second.is_some()
    }

    /// What is to be sent now; it counts as sent.
    pub(crate) fn due(&mut self, now: Time) -> Option<u64> {
        let rate = self.bits_per_second?;
        let fell = |before: u64| u128::from(rate) * 100 <= u128::from(before) * u128::from(FALL_PERCENT);
        let due =
            self.sent.is_none_or(|(before, at)| (fell(before) && rate < before) || at + INTERVAL <= now);
        if due {
            self.sent = Some((rate, now));
        }
        due.then_some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_of_three_percent_is_told_at_once_and_the_rest_each_second() {
        let mut schedule = RembSchedule::default();
        let at = |millis: i64| Time::from_micros(millis * 1000);
        assert_eq!(schedule.due(at(0)), None);
        schedule.set(Some(1_000_000));
        assert_eq!([schedule.due(at(0)), schedule.due(at(999))], [Some(1_000_000), None]);
        assert_eq!(schedule.due(at(1000)), Some(1_000_000));
        schedule.set(Some(980_000));
        assert_eq!(schedule.due(at(1100)), None);
        schedule.set(Some(970_000));
        assert_eq!([schedule.due(at(1100)), schedule.due(at(1200))], [Some(970_000), None]);
        schedule.set(Some(2_000_000));
        assert_eq!([schedule.due(at(1300)), schedule.due(at(2100))], [None, Some(2_000_000)]);
        schedule.set(Some(0));
        assert_eq!([schedule.due(at(2200)), schedule.due(at(2300))], [Some(0), None]);
    }
}
