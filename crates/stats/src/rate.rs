//! Rates over fixed windows, from totals that are noted when a window ends.

use std::time::Duration;

use interceptor_core::CounterCell;

/// The window that is open and the one before it, which is complete.
#[derive(Debug, Default)]
pub(crate) struct RateWindow {
    opened_at: CounterCell,
    open_packets: CounterCell,
    open_bytes: CounterCell,
    nanos: CounterCell,
    packets: CounterCell,
    bytes: CounterCell,
}

/// What a stream did in one complete window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rates {
    pub(crate) packets_per_second: f64,
    pub(crate) bits_per_second: f64,
}

impl RateWindow {
    /// The first window opens at `now`.
    pub(crate) fn open(&self, now: u64) {
        self.opened_at.set(now);
    }

    /// The open window ends at `now` with these totals, and the next one opens. It has not begun before
    /// `begun_at`: nothing came before. Says whether anything came.
    pub(crate) fn roll(&self, begun_at: u64, now: u64, packets: u64, bytes: u64) -> bool {
        let length = now.saturating_sub(self.opened_at.get().max(begun_at));
        if length == 0 {
            return true;
        }
        let came = packets.wrapping_sub(self.open_packets.get());
        self.packets.set(came);
        self.bytes.set(bytes.wrapping_sub(self.open_bytes.get()));
        self.nanos.set(length);
        self.opened_at.set(now);
        self.open_packets.set(packets);
        self.open_bytes.set(bytes);
        came > 0
    }

    /// The rates of the last complete window, `None` before the first has ended.
    pub(crate) fn rates(&self) -> Option<Rates> {
        let seconds = Duration::from_nanos(self.nanos.get()).as_secs_f64();
        (seconds > 0.0).then(|| Rates {
            packets_per_second: self.packets.get() as f64 / seconds,
            bits_per_second: self.bytes.get() as f64 * 8.0 / seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn divides_by_the_length_that_the_window_really_had() {
        let window = RateWindow::default();
        window.open(500);
        assert_eq!(window.rates(), None);
        assert!(window.roll(0, 2_000_000_500, 100, 50_000));
        assert_eq!(window.rates(), Some(Rates { packets_per_second: 50.0, bits_per_second: 200_000.0 }));
        assert!(!window.roll(0, 3_000_000_500, 100, 50_000));
        assert_eq!(window.rates(), Some(Rates { packets_per_second: 0.0, bits_per_second: 0.0 }));
    }

    #[test]
    fn does_not_count_the_silence_before_the_first_packet() {
        let window = RateWindow::default();
        window.roll(0, 1_000_000_000, 0, 0);
        assert!(window.roll(60_000_000_000, 61_000_000_000, 50, 5000));
        assert_eq!(window.rates().map(|rates| rates.packets_per_second), Some(50.0));
    }

    proptest! {
        /// Whatever the windows, their contents add up to the totals.
        #[test]
        fn windows_lose_nothing(steps in prop::collection::vec((1u64..5_000_000_000, 0u64..100_000), 1..50)) {
            let window = RateWindow::default();
            let (mut now, mut total, mut sum) = (0, 0, 0.0);
            for (length, packets) in steps {
                now += length;
                total += packets;
                window.roll(0, now, total, total * 1000);
                let rates = window.rates().expect("a window has ended");
                sum += rates.packets_per_second * Duration::from_nanos(length).as_secs_f64();
                prop_assert!((rates.bits_per_second - rates.packets_per_second * 8000.0).abs() < 1.0);
            }
            prop_assert!((sum - total as f64).abs() < 1e-3);
        }
    }
}
