//! How fast a source sends, and whether its RTP clock fits the time that passes.

use super::history::Packet;
use super::missing::WINDOW;
use super::source::SourceState;
use super::ticks::{TICKS, between};

/// A rate takes this long to be told.
const MIN_RATE_TICKS: u64 = TICKS as u64 / 2;
/// Queues come and go: so far a clock may be off at least, and off from the time that passes at most.
const MIN_TOLERANCE: u64 = 2 * TICKS as u64;
const MAX_TOLERANCE: u64 = 60 * TICKS as u64;

/// How a packet's timestamp stands to that of the newest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// It has advanced as the time that has passed.
    Fits,
    /// It is what a packet of that number had when its turn was.
    Earlier,
    /// Neither.
    Off,
    /// The clock's rate is not known.
    Unknown,
}

impl SourceState {
    /// Numbers from the first packet to the newest, and the ticks that they took; no numbers as long as that is too short.
    fn rate(&self) -> (u64, u64) {
        let Some(history) = &self.history else { return (0, 1) };
        let time = u64::from(between(history.started, self.arrival));
        if time < MIN_RATE_TICKS { (0, 1) } else { (history.span(self.highest), time) }
    }

    /// As many numbers as the source sends in `seconds`, but at least `least` and at most the window.
    pub(super) fn numbers_in(&self, seconds: u64, least: u16) -> u16 {
        let (numbers, time) = self.rate();
        let scaled = numbers.saturating_mul(seconds * u64::from(TICKS)) / time;
        scaled.clamp(u64::from(least), u64::from(WINDOW)) as u16
    }

    /// Whether the source may have sent so many numbers since the newest packet: at up to twice its usual rate.
    pub(super) fn numbers_fit(&self, packet: Packet, ahead: u16) -> bool {
        let (numbers, time) = self.rate();
        let elapsed = between(self.arrival, packet.arrival);
        u64::from(ahead) <= numbers.saturating_mul(2 * u64::from(elapsed)) / time
    }

    /// What the packet's timestamp says.
    pub(super) fn clock(&self, packet: Packet) -> Clock {
        let rate = u64::from(packet.clock_rate);
        if rate == 0 {
            return Clock::Unknown;
        }
        let step = packet.timestamp.wrapping_sub(self.timestamp);
        let behind = u64::from((self.highest as u16).wrapping_sub(packet.seq));
        let (numbers, time) = self.rate();
        let now = deviation(step, between(self.arrival, packet.arrival).into(), rate);
        let then = if numbers > 0 && behind <= numbers {
            deviation(step.wrapping_neg(), behind * time / numbers, rate)
        } else {
            None
        };
        match (now, then) {
            (Some(now), then) if then.is_none_or(|then| now <= then) => Clock::Fits,
            (_, Some(_)) => Clock::Earlier,
            _ => Clock::Off,
        }
    }
}

/// By how much a step of the RTP clock differs from so many ticks; `None` if that is more than networks can make it.
fn deviation(step: u32, elapsed: u64, rate: u64) -> Option<u32> {
    let ticks = u64::from(TICKS);
    // Modulo 2^32, as the step is.
    let off = step.wrapping_sub((elapsed * rate / ticks) as u32).cast_signed().unsigned_abs();
    let tolerance = (elapsed / 8 + MIN_TOLERANCE).min(MAX_TOLERANCE);
    (u64::from(off) <= tolerance * rate / ticks).then_some(off)
}
