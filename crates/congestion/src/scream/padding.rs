//! When padding may show that the window holds what media does not fill.

use std::time::Duration;

use crate::Time;

/// On for so long, off for so long (libwebrtc `PaddingDuration`, `PeriodicPadding`).
const SPAN: Duration = Duration::from_secs(3);
/// None so soon after congestion (libwebrtc `AllowPaddingAfterLastCongestionTimeout`).
const CALM: Duration = Duration::from_secs(1);

/// Three seconds on, three off, and off after congestion.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Padding {
    turn: Option<Time>,
    on: bool,
}

impl Padding {
    /// Feedback has come, which shows congestion or none.
    pub(super) fn see(&mut self, now: Time, congested: bool) {
        let turn = *self.turn.get_or_insert(now + CALM);
        if congested {
            self.on = false;
            self.turn = Some(now + CALM);
        } else if now >= turn {
            self.on = !self.on;
            self.turn = Some(now + SPAN);
        }
    }

    pub(super) const fn is_on(&self) -> bool {
        self.on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_seconds_on_and_three_off_and_none_after_congestion() {
        let mut padding = Padding::default();
        let mut on = Vec::new();
        for tenth in 0..150 {
            padding.see(Time::from_micros(tenth * 100_000), tenth == 100);
            if padding.is_on() {
                on.push(tenth);
            }
        }
        let expected: Vec<i64> = (10..40).chain(70..100).chain(110..140).collect();
        assert_eq!(on, expected);
    }
}
