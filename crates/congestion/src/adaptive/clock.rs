//! Milliseconds as a fraction, in which delays are counted here.

use crate::Time;

/// Milliseconds since `earlier`.
#[inline]
pub(super) fn millis(later: Time, earlier: Time) -> f64 {
    later.since(earlier) as f64 / 1e3
}

/// So many milliseconds after `time`.
#[inline]
pub(super) fn after(time: Time, millis: f64) -> Time {
    Time::from_micros(time.micros().saturating_add((millis * 1e3) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let time = Time::from_micros(1500);
        assert_eq!(after(time, 2.5), Time::from_micros(4000));
        assert!((millis(after(time, 2.5), time) - 2.5).abs() < 1e-9);
        assert_eq!(after(Time::MAX, f64::MAX), Time::from_micros(i64::MAX), "no overflow");
    }
}
