//! What a remote stream loses, measured where it is missed: packets that had to be asked for, of those that were sent.

use std::time::Duration;

use interceptor_core::packet::repair::LossyPath;

use super::{Env, NEVER};
use crate::copies::{planned_requests, planned_rtt};

/// A window of losses, in microseconds.
const WINDOW: u64 = 1_000_000;
/// The worst of so many counts (libwebrtc `kMaxFilter`): losses come and go faster than the copies that they call for.
const WINDOWS: usize = 10;

/// Losses of the last ten seconds, and how often requests are sent because of them. Only losses move it.
#[derive(Debug)]
pub(crate) struct Tally {
    /// When the window began, in microseconds since the epoch, and the newest number then.
    since: u64,
    newest: i64,
    /// Packets asked for in this window, the gaps that they were noticed in, and the time that these lasted.
    asked: u32,
    gaps: u32,
    lasted: u64,
    /// The part of the packets that was asked for, in a million, window by window.
    ppm: [u32; WINDOWS],
    burst_packets: f64,
    burst_duration: Duration,
    copies: u8,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            since: NEVER,
            newest: 0,
            asked: 0,
            gaps: 0,
            lasted: 0,
            ppm: [0; WINDOWS],
            burst_packets: 1.0,
            burst_duration: Duration::ZERO,
            copies: 1,
        }
    }
}

impl Tally {
    /// A gap shows between two packets that came so many nanoseconds apart.
    pub(super) fn gap(&mut self, nanos: u64) {
        self.gaps = self.gaps.saturating_add(1);
        self.lasted = self.lasted.saturating_add(nanos / 1000);
    }

    /// So many packets are asked for the first time.
    pub(super) fn asked(&mut self, packets: usize) {
        self.asked = self.asked.saturating_add(packets as u32);
    }

    /// How often a request is sent, now that the newest number is `newest`.
    pub(super) fn copies(&mut self, newest: i64, deadline: Option<Duration>, env: &Env<'_>) -> u8 {
        if self.since == NEVER || newest < self.newest {
            (self.since, self.newest) = (env.now, newest);
        }
        let passed = env.now - self.since;
        if passed >= WINDOW {
            self.close(newest, passed, deadline, env);
        }
        env.options.request_copies.or(self.copies)
    }

    /// Ends a window that has lasted so many microseconds: as long as it takes for the next loss.
    fn close(&mut self, newest: i64, passed: u64, deadline: Option<Duration>, env: &Env<'_>) {
        let numbers = newest.abs_diff(self.newest).max(1);
        let ppm = u64::from(self.asked) * 1_000_000 / numbers;
        let windows = (passed / WINDOW).min(WINDOWS as u64) as usize;
        self.ppm.rotate_right(windows % WINDOWS);
        self.ppm.iter_mut().take(windows).for_each(|older| *older = ppm.min(1_000_000) as u32);
        if self.gaps > 0 && self.asked > 0 {
            let burst = f64::from(self.asked) / f64::from(self.gaps);
            let apart = Duration::from_micros(self.lasted / u64::from(self.gaps));
            // A gap of n packets lasts for n + 1 intervals between packets.
            (self.burst_packets, self.burst_duration) =
                (burst.max(1.0), apart.mul_f64(burst / (burst + 1.0)));
        }
        let worst = self.ppm.iter().copied().max().unwrap_or(0);
        let rtt = planned_rtt(env.rtt);
        let path = LossyPath::bursts(f64::from(worst) / 1e6, self.burst_packets, self.burst_duration, rtt);
        let rate = numbers as f64 * 1e6 / passed as f64;
        // While nobody knows the round trip, whoever answers does not know either which requests are copies.
        self.copies = if env.rtt.is_some() { planned_requests(path, rate, deadline, env.options) } else { 1 };
        (self.since, self.newest, self.asked, self.gaps, self.lasted) = (env.now, newest, 0, 0, 0);
    }
}
