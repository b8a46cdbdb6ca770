//! An encoder that follows its target: frames whose sizes scatter.

use std::time::Duration;

use interceptor_congestion::Time;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::plan::SourcePlan;

/// Frames a second.
const FRAMES: u64 = 30;

/// The standard deviation of a frame's size, as a part of it.
const NOISE: f64 = 0.15;

/// No frame is smaller.
const MIN_FRAME_BYTES: f64 = 100.0;

/// Packets are at most so large …
const MAX_PACKET_BYTES: u32 = 1200;

/// … and so large below [`LOW_RATE`]: there a large one alone takes long.
const MAX_PACKET_BYTES_LOW: u32 = 600;

/// In bits per second.
const LOW_RATE: u64 = 300_000;

/// The encoder of one flow.
#[derive(Debug)]
pub(super) struct Source {
    plan: SourcePlan,
    rng: ChaCha8Rng,
    next: Time,
}

impl Source {
    /// The first frame comes within a frame's time after `start`, so that flows do not beat together.
    pub(super) fn new(plan: SourcePlan, start: Time, mut rng: ChaCha8Rng) -> Self {
        let phase = rng.random_range(0..1_000_000 / FRAMES);
        Self { plan, rng, next: start + Duration::from_micros(phase) }
    }

    /// When the next frame comes.
    pub(super) fn due(&self) -> Time {
        self.next
    }

    /// The sizes of the packets of the frame that is due, with this target; `None` while the source is silent.
    pub(super) fn frame(&mut self, target: u64) -> Option<impl Iterator<Item = u32> + use<>> {
        let second = self.next.micros() as f64 / 1e6;
        self.next = self.next + Duration::from_micros(1_000_000 / FRAMES);
        let noise = 1.0 + NOISE * self.normal();
        if self.plan.is_silent(second) {
            return None;
        }
        let rate = target.min(self.plan.most(second));
        let bytes = (rate as f64 / 8.0 / FRAMES as f64 * noise.max(0.0)).max(MIN_FRAME_BYTES) as u32;
        let largest = max_packet_bytes(target);
        let packets = bytes.div_ceil(largest);
        Some((0..packets).map(move |packet| bytes / packets + u32::from(packet < bytes % packets)))
    }

    /// A draw from the standard normal distribution, as near as twelve uniform ones come to it.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.rng.random::<f64>()).sum::<f64>() - 6.0
    }
}

/// How large packets are at this target.
pub(super) fn max_packet_bytes(target: u64) -> u32 {
    if target < LOW_RATE { MAX_PACKET_BYTES_LOW } else { MAX_PACKET_BYTES }
}
