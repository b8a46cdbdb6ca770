//! How long packets were under way, compared with one another: as far as two clocks that were never set to the same time tell.

/// A step of this size is a clock that was set, and no delay.
const RESET_MS: f64 = 10_000.0;

/// A stream's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// Timestamp units a second.
    pub(super) rate: u32,
    /// Of whose packets.
    pub(super) payload_type: u8,
}

/// The delay of packets, and its jitter (RFC 3550 §6.4.1), in ms.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Transit {
    clock: Option<Clock>,
    /// Time and timestamp of the packet before.
    last: Option<(f64, u32)>,
    transit: f64,
    jitter: f64,
}

impl Transit {
    /// Which clock it is, as far as anyone knows.
    pub(super) fn tell(&mut self, clock: Option<Clock>) {
        if self.clock != clock && clock.is_some() {
            *self = Self { clock, transit: self.transit, jitter: self.jitter, last: None };
        }
    }

    /// A packet came: its delay, and the jitter so far. `None`: it cannot be told.
    pub(super) fn receive(&mut self, at: f64, payload_type: u8, timestamp: u32) -> Option<(f64, f64)> {
        let clock = self.clock.filter(|clock| clock.payload_type == payload_type && clock.rate > 0)?;
        if let Some((last_at, last_timestamp)) = self.last {
            let units = timestamp.wrapping_sub(last_timestamp).cast_signed();
            let change = (at - last_at) * 1000.0 - f64::from(units) * 1000.0 / f64::from(clock.rate);
            if change.abs() < RESET_MS {
                self.transit += change;
                self.jitter += (change.abs() - self.jitter) / 16.0;
            }
        }
        self.last = Some((at, timestamp));
        Some((self.transit, self.jitter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> Transit {
        let mut transit = Transit::default();
        transit.tell(Some(Clock { rate: 8000, payload_type: 0 }));
        transit
    }

    #[test]
    fn a_late_packet_was_longer_under_way_and_the_next_one_was_not() {
        let mut transit = told();
        assert_eq!(transit.receive(0.0, 0, u32::MAX - 159), Some((0.0, 0.0)));
        let (late, jitter) = transit.receive(0.028, 0, 0).unwrap();
        assert!((late - 8.0).abs() < 1e-9 && (jitter - 0.5).abs() < 1e-9);
        let (back, jitter) = transit.receive(0.040, 0, 160).unwrap();
        assert!(back.abs() < 1e-9 && (jitter - (0.5 + 7.5 / 16.0)).abs() < 1e-9);
    }

    #[test]
    fn a_clock_that_is_set_is_no_delay_and_other_payloads_tell_nothing() {
        let mut transit = told();
        transit.receive(0.0, 0, 0);
        assert_eq!(transit.receive(0.02, 13, 99), None);
        assert_eq!(transit.receive(0.04, 0, 3_000_000_000), Some((0.0, 0.0)));
        let (delay, jitter) = transit.receive(0.06, 0, 3_000_000_160).unwrap();
        assert!(delay.abs() < 1e-9 && jitter < 1e-9);
        assert_eq!(Transit::default().receive(0.0, 0, 0), None);
    }
}
