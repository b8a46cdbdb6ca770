//! The congestion window of TCP as most of the Internet grows it (RFC 9438).

use interceptor_congestion::Time;

/// Segments at the start (RFC 6928).
const INITIAL: f64 = 10.0;

/// RFC 9438 §4.1, §4.6.
const C: f64 = 0.4;
const BETA: f64 = 0.7;

/// The growth of a window that is to do as well as Reno's (RFC 9438 §4.3), segments a round trip.
const RENO_GROWTH: f64 = 3.0 * (1.0 - BETA) / (1.0 + BETA);

/// The window of one connection, in segments.
#[derive(Debug)]
pub(super) struct Cubic {
    window: f64,
    slow_start_until: f64,
    /// The window at the last loss.
    top: f64,
    /// What Reno would have.
    reno: f64,
    /// When growth began after the last loss.
    epoch: Option<Time>,
}

impl Cubic {
    pub(super) fn new() -> Self {
        Self { window: INITIAL, slow_start_until: f64::INFINITY, top: 0.0, reno: 0.0, epoch: None }
    }

    pub(super) fn segments(&self) -> usize {
        self.window as usize
    }

    /// A segment has come; `rtt` in seconds.
    pub(super) fn on_ack(&mut self, now: Time, rtt: f64) {
        if self.window < self.slow_start_until {
            self.window += 1.0;
            return;
        }
        let epoch = *self.epoch.get_or_insert(now);
        let seconds = now.since(epoch) as f64 / 1e6 + rtt;
        let to_top = ((self.top - self.window_after_loss()).max(0.0) / C).cbrt();
        self.reno += RENO_GROWTH / self.window;
        let wanted = (C * (seconds - to_top).powi(3) + self.top).max(self.reno);
        self.window += ((wanted - self.window) / self.window).clamp(0.0, 0.5);
    }

    /// A segment was lost, the first of a round trip.
    pub(super) fn on_loss(&mut self, now: Time) {
        // RFC 9438 §4.7: a window that has not come back to its old top leaves room for others.
        self.top = if self.window < self.top { self.window * (1.0 + BETA) / 2.0 } else { self.window };
        self.window = (self.window * BETA).max(2.0);
        self.reno = self.window;
        self.slow_start_until = self.window;
        self.epoch = Some(now);
    }

    /// Nothing has come for long.
    pub(super) fn on_timeout(&mut self) {
        self.top = self.window;
        self.slow_start_until = (self.window * BETA).max(2.0);
        self.window = 1.0;
        self.reno = self.slow_start_until;
        self.epoch = None;
    }

    fn window_after_loss(&self) -> f64 {
        self.top * BETA
    }
}
