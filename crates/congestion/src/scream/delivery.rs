//! How much gets through.

/// Seconds that the rate is taken over: a few messages.
const MEAN: f64 = 0.15;

/// Bytes per second that come through, of late.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delivery {
    rate: f64,
}

impl Delivery {
    /// `bytes` were told of, `elapsed` seconds after those before.
    pub(super) fn see(&mut self, elapsed: f64, bytes: u64) {
        if elapsed > 0.0 {
            let weight = elapsed / (elapsed + MEAN);
            self.rate += weight * (bytes as f64 / elapsed - self.rate);
        }
    }

    pub(super) const fn rate(&self) -> f64 {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_what_comes_through_by_a_quarter_in_50_ms() {
        let mut delivery = Delivery::default();
        delivery.see(0.05, 10_000);
        assert!((delivery.rate() - 50_000.0).abs() < 1e-6);
        delivery.see(0.0, 10_000);
        assert!((delivery.rate() - 50_000.0).abs() < 1e-6, "no time has passed");
        for _ in 0..40 {
            delivery.see(0.05, 10_000);
        }
        assert!((delivery.rate() - 200_000.0).abs() < 10.0);
    }
}
