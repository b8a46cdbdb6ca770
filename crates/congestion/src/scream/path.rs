//! How long the path takes: the round trip, and how long the receiver waits before it tells.

use super::digest::Digest;

/// RFC 6298 §2.3; libwebrtc `SmoothedRttAvgG`, `FeedbackHoldTimeAvgG`.
const GAIN: f64 = 1.0 / 8.0;
/// Rates are windows over times: the shortest time that is believed.
const MIN_RTT: f64 = 0.001;
/// A packet that is told of later was told of before, in a message that was lost. Twice the longest interval of
/// transport-wide feedback.
const MAX_HOLD: f64 = 0.5;
/// Prague's round-trip time: flows that take less share as if they took that (draft, `VIRTUAL_RTT`).
pub(super) const VIRTUAL_RTT: f64 = 0.025;

/// How long the path takes, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Path {
    times: Option<(f64, f64)>,
}

impl Path {
    pub(super) fn see(&mut self, digest: &Digest) {
        let Some(rtt) = digest.rtt else { return };
        let (rtt, hold) = (rtt.max(MIN_RTT), digest.hold.min(MAX_HOLD));
        let (old_rtt, old_hold) = self.times.unwrap_or((rtt, hold));
        self.times = Some((old_rtt + GAIN * (rtt - old_rtt), old_hold + GAIN * (hold - old_hold)));
    }

    /// Nothing is known yet.
    pub(super) const fn is_unknown(&self) -> bool {
        self.times.is_none()
    }

    /// The smoothed round-trip time.
    pub(super) fn rtt(&self) -> f64 {
        self.times.map_or(VIRTUAL_RTT, |(rtt, _)| rtt)
    }

    /// From a packet's leaving until it is told of, in the mean: what is sent in that time is on the way.
    pub(super) fn ack_time(&self) -> f64 {
        self.times.map_or(VIRTUAL_RTT, |(rtt, hold)| rtt + hold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooths_by_one_eighth_and_counts_the_receivers_waiting() {
        let mut path = Path::default();
        assert!(path.is_unknown());
        let told = |rtt, hold| Digest { rtt: Some(rtt), hold, ..Digest::default() };
        path.see(&told(0.080, 0.008));
        assert!((path.rtt() - 0.080).abs() < 1e-12 && (path.ack_time() - 0.088).abs() < 1e-12);
        path.see(&told(0.160, 0.016));
        assert!((path.rtt() - 0.090).abs() < 1e-12 && (path.ack_time() - 0.099).abs() < 1e-12);
        path.see(&Digest::default());
        assert!((path.rtt() - 0.090).abs() < 1e-12, "a message without a round trip changes nothing");
        path.see(&told(0.0, 60.0));
        assert!(path.ack_time() < 0.099 + 0.5 / 8.0, "what was held for long was told before");
    }
}
