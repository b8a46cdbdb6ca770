//! The reference window: how it shrinks under congestion and grows without.

use super::digest::seconds;
use super::path::{Path, VIRTUAL_RTT};
use crate::Time;

/// The largest packet; libwebrtc `MaxSegmentSize`.
pub(super) const MSS: f64 = 1280.0;
/// The smallest window; libwebrtc `MinRefWindow`.
pub(super) const MIN_WINDOW: f64 = 1000.0;
/// Left of the window after a loss (draft and libwebrtc, `BETA_LOSS`).
const BETA_LOSS: f64 = 0.7;
/// Part of itself by which the window grows in a round trip long after congestion (draft, `MUL_INCREASE_FACTOR`).
const MULTIPLICATIVE: f64 = 0.02;
/// Round trips until growth is that fast again (draft, `POST_CONGESTION_DELAY_RTT`).
const POST_CONGESTION_RTTS: f64 = 100.0;
/// How narrow the surroundings of the inflection point are: libwebrtc takes 2, the draft 8.
const NEAR: f64 = 2.0;
/// Growth and cuts by marks are slowed at the inflection point to that, at most (draft and libwebrtc).
const NEAR_FLOOR: f64 = 0.25;
/// Flows whose packets are told of sooner grow as if it took so long, in seconds: else they take what flows on longer paths need.
/// The draft's `VIRTUAL_RTT` is 25 ms, and among round trips of 20 to 300 ms leaves the longest a fifteenth of the shortest's share.
const GROWTH_RTT: f64 = 0.1;
/// The greatest part of itself by which the window grows in a round trip: a packet is much of a small one.
const MAX_GROWTH: f64 = 0.15;

/// Why the window shrinks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Congestion {
    /// Packets are lost.
    Loss,
    /// Packets are marked: so large a share; slowed by so much while there is no queue.
    Marks { alpha: f64, brake: Option<f64> },
    /// Packets wait: as if so large a share were marked, down to so many bytes.
    Delay { alpha: f64, least: f64 },
}

/// Bytes that should be on the way.
#[derive(Clone, Debug)]
pub(super) struct RefWindow {
    bytes: f64,
    /// What it was when it last turned from growing to shrinking.
    inflection: f64,
    has_grown: bool,
    reacted: Option<Time>,
    lost: Option<Time>,
}

impl RefWindow {
    pub(super) fn new(bytes: f64) -> Self {
        Self { bytes: bytes.max(MIN_WINDOW), inflection: 1.0, has_grown: true, reacted: None, lost: None }
    }

    /// Its size.
    pub(super) const fn bytes(&self) -> f64 {
        self.bytes
    }

    /// Sets it to what is known from elsewhere.
    pub(super) const fn set(&mut self, bytes: f64) {
        self.bytes = bytes.max(MIN_WINDOW);
    }

    /// Round trips since congestion was last reacted to, infinite if never.
    pub(super) fn calm_rtts(&self, now: Time, path: &Path) -> f64 {
        let rtt = path.rtt().max(VIRTUAL_RTT);
        self.reacted.map_or(f64::INFINITY, |at| seconds(now.since(at)) / rtt)
    }

    /// Shrinks, unless it has just done so. A round trip of congestion takes its share from the window, however often
    /// feedback comes in it.
    pub(super) fn shrink(&mut self, now: Time, elapsed: f64, congestion: Congestion, path: &Path) -> bool {
        let rtt = path.rtt();
        let passed = self.reacted.map_or(rtt, |at| seconds(now.since(at)));
        if passed < rtt.min(VIRTUAL_RTT) {
            return false;
        }
        let share = (passed.min(elapsed.max(VIRTUAL_RTT)) / rtt).min(1.0);
        let left = match congestion {
            Congestion::Loss => {
                if self.lost.is_some_and(|at| seconds(now.since(at)) < rtt) {
                    return false;
                }
                self.lost = Some(now);
                BETA_LOSS
            }
            Congestion::Marks { alpha, brake } => {
                let slowed = brake.map_or(1.0, |brake| self.near().max(NEAR_FLOOR) * brake.max(0.1));
                1.0 - alpha / 2.0 * share * slowed
            }
            Congestion::Delay { alpha, least } => {
                (1.0 - alpha / 2.0 * share).max((least / self.bytes).min(1.0))
            }
        };
        self.reacted = Some(now);
        if left < 1.0 && self.has_grown {
            self.inflection = self.bytes;
            self.has_grown = false;
        }
        self.set(self.bytes * left);
        true
    }

    /// Grows for bytes that were delivered, by `brake` of what it could, up to `cap`.
    pub(super) fn grow(&mut self, now: Time, delivered: u64, brake: f64, cap: f64, path: &Path) -> bool {
        if self.bytes >= cap {
            return false;
        }
        let near = self.near();
        let packets = self.bytes / MSS;
        let calm = (self.calm_rtts(now, path) / POST_CONGESTION_RTTS).min(1.0);
        let fast = MULTIPLICATIVE * calm * near;
        let short = (path.ack_time() / GROWTH_RTT).min(1.0).powi(2);
        let part = (1.0 / packets + fast) * near.max(NEAR_FLOOR) * brake * short;
        let growth = delivered as f64 * part.min(MAX_GROWTH);
        self.has_grown |= growth > 0.0;
        self.set((self.bytes + growth).min(cap));
        true
    }

    /// How far the window is from the inflection point: 0.1 at it, 1 from half of it away.
    fn near(&self) -> f64 {
        let distance = NEAR * (self.bytes - self.inflection) / self.inflection;
        (distance * distance).clamp(0.1, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::digest::Digest;
    use super::*;

    fn at(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    /// A round trip of so many seconds, of which packets are told at once.
    fn path(rtt: f64) -> Path {
        let mut path = Path::default();
        path.see(&Digest { rtt: Some(rtt), ..Digest::default() });
        path
    }

    fn left(congestion: Congestion, elapsed: f64) -> f64 {
        let mut window = RefWindow::new(10_000.0);
        assert!(window.shrink(at(0), elapsed, congestion, &path(0.1)));
        window.bytes()
    }

    #[test]
    fn a_loss_takes_three_tenths_once_a_round_trip() {
        let mut window = RefWindow::new(10_000.0);
        let path = path(0.1);
        assert!(window.shrink(at(0), 0.05, Congestion::Loss, &path));
        assert!((window.bytes() - 7000.0).abs() < 1e-6);
        assert!(!window.shrink(at(50), 0.05, Congestion::Loss, &path));
        assert!(window.shrink(at(101), 0.05, Congestion::Loss, &path));
        assert!((window.bytes() - 4900.0).abs() < 1e-6);
    }

    #[test]
    fn delay_takes_half_its_share_in_a_round_trip_however_often_feedback_comes() {
        let delay = Congestion::Delay { alpha: 0.4, least: 0.0 };
        // 0.2 in 100 ms: a quarter of it in 25 ms, half in 50.
        assert!((left(delay, 0.025) - 9500.0).abs() < 1e-6);
        assert!((left(delay, 0.050) - 9000.0).abs() < 1e-6);
        assert!((left(delay, 5.0) - 8000.0).abs() < 1e-6, "and never more than all of it");
    }

    #[test]
    fn delay_leaves_what_is_on_the_way_without_a_queue() {
        assert_eq!(left(Congestion::Delay { alpha: 1.0, least: 9700.0 }, 0.1), 9700.0);
        assert_eq!(left(Congestion::Delay { alpha: 1.0, least: 20_000.0 }, 0.1), 10_000.0);
    }

    #[test]
    fn marks_take_half_their_share_and_less_near_the_inflection_point_without_a_queue() {
        assert!((left(Congestion::Marks { alpha: 0.5, brake: None }, 0.1) - 7500.0).abs() < 1e-6);
        let mut window = RefWindow::new(10_000.0);
        let path = path(0.1);
        window.shrink(at(0), 0.1, Congestion::Marks { alpha: 0.1, brake: Some(1.0) }, &path);
        assert!((window.bytes() - 9500.0).abs() < 1e-6, "there is no such point yet");
        window.shrink(at(100), 0.1, Congestion::Marks { alpha: 0.8, brake: Some(0.5) }, &path);
        // 0.4 x 0.25 x 0.5.
        assert!((window.bytes() - 9500.0 * 0.95).abs() < 1e-6);
    }

    #[test]
    fn reacts_no_more_often_than_each_25_ms() {
        let mut window = RefWindow::new(10_000.0);
        let delay = Congestion::Delay { alpha: 1.0, least: 0.0 };
        assert!(window.shrink(at(0), 0.025, delay, &path(0.1)));
        assert!(!window.shrink(at(24), 0.024, delay, &path(0.1)));
        assert!(window.shrink(at(26), 0.002, delay, &path(0.1)));
    }

    fn grown(bytes: f64, brake: f64, cap: f64, rtt: f64) -> f64 {
        let mut window = RefWindow::new(bytes);
        window.grow(at(0), 1280, brake, cap, &path(rtt));
        window.bytes() - bytes
    }

    #[test]
    fn grows_by_a_packet_and_a_fiftieth_of_itself_for_a_window_delivered() {
        // A tenth of a window of ten packets: 128 bytes, and 25.6.
        assert!((grown(12_800.0, 1.0, 1e6, 0.1) - 153.6).abs() < 1e-6);
        assert!((grown(12_800.0, 0.5, 1e6, 0.1) - 76.8).abs() < 1e-6);
        assert!((grown(12_800.0, 1.0, 12_900.0, 0.1) - 100.0).abs() < 1e-6, "not beyond what is used");
        assert_eq!(grown(12_800.0, 1.0, 10_000.0, 0.1), 0.0, "and what is not used is no reason to shrink");
        assert!((grown(12_800.0, 1.0, 1e6, 0.05) - 38.4).abs() < 1e-6, "a quarter over half of 100 ms");
        assert!((grown(1280.0, 1.0, 1e6, 0.1) - 192.0).abs() < 1e-6, "at most 0.15 of what is delivered");
    }

    #[test]
    fn grows_slowly_near_where_it_last_had_to_shrink() {
        let mut window = RefWindow::new(12_800.0);
        let path = path(0.1);
        window.shrink(at(0), 0.1, Congestion::Delay { alpha: 0.04, least: 0.0 }, &path);
        assert!((window.bytes() - 12_544.0).abs() < 1e-6);
        window.grow(at(0), 1280, 1.0, 1e6, &path);
        // A quarter of 1280 x 1280 / 12 544.
        assert!((window.bytes() - 12_544.0 - 32.653).abs() < 0.001, "{}", window.bytes());
    }

    #[test]
    fn is_never_smaller_than_a_small_packet() {
        let mut window = RefWindow::new(0.0);
        assert_eq!(window.bytes(), 1000.0);
        window.shrink(at(0), 0.1, Congestion::Loss, &path(0.1));
        assert_eq!(window.bytes(), 1000.0);
    }
}
