//! The levels of one stream: one thread writes them, any reads them, none waits.

use std::sync::atomic::{
    AtomicU8, AtomicU16, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use std::time::{Duration, Instant};

use interceptor_core::packet::ext::{AudioLevel, MixerLevels};

use super::level::{Level, SourceLevel};

/// Parts of a −dBov that smoothing counts in.
const PARTS: u16 = 256;
/// No packet has come.
const NEVER: u64 = u64::MAX;

/// All numbers of a packet are in place before it is told when it came.
#[derive(Debug)]
pub(crate) struct Cell {
    start: Instant,
    /// In nanoseconds since `start`.
    last_packet: AtomicU64,
    last_voice: AtomicU64,
    /// In [`PARTS`].
    smoothed: AtomicU16,
    latest: AtomicU8,
    /// What a mixer has put into the newest packet: SSRC in the upper half, level in the lower.
    sources: [AtomicU64; MixerLevels::MAX],
    source_count: AtomicU8,
}

const _: () = assert!(size_of::<Cell>() <= 256, "the documentation says so");

impl Cell {
    pub(crate) fn new(start: Instant) -> Self {
        Self {
            start,
            last_packet: AtomicU64::new(NEVER),
            last_voice: AtomicU64::new(NEVER),
            smoothed: AtomicU16::new(u16::from(AudioLevel::SILENCE) * PARTS),
            latest: AtomicU8::new(AudioLevel::SILENCE),
            sources: [const { AtomicU64::new(0) }; MixerLevels::MAX],
            source_count: AtomicU8::new(0),
        }
    }

    /// A packet says it.
    pub(crate) fn write(&self, level: AudioLevel, smoothing: u8, now: u64) {
        let new = u16::from(level.level()) * PARTS;
        let smoothed = if self.last_packet.load(Relaxed) == NEVER {
            new
        } else {
            let (before, packets) = (i32::from(self.smoothed.load(Relaxed)), i32::from(smoothing.max(1)));
            (before + (i32::from(new) - before) / packets) as u16
        };
        self.smoothed.store(smoothed, Relaxed);
        self.latest.store(level.level(), Relaxed);
        if level.voice() {
            self.last_voice.store(now, Relaxed);
        }
        self.last_packet.store(now, Release);
    }

    /// A packet says it of its contributing sources.
    pub(crate) fn write_sources(&self, sources: impl Iterator<Item = (u32, u8)>, now: u64) {
        let mut count = 0;
        for (cell, (ssrc, level)) in self.sources.iter().zip(sources) {
            cell.store(u64::from(ssrc) << 32 | u64::from(level), Relaxed);
            count += 1;
        }
        self.source_count.store(count, Relaxed);
        self.last_packet.store(now, Release);
    }

    /// `None`: no packet has said anything.
    pub(crate) fn read(&self) -> Option<Level> {
        let at = |nanos| (nanos != NEVER).then(|| self.start.checked_add(Duration::from_nanos(nanos)))?;
        let last_packet = at(self.last_packet.load(Acquire))?;
        let count = usize::from(self.source_count.load(Relaxed));
        let sources = self.sources.iter().take(count).map(|cell| {
            let both = cell.load(Relaxed);
            SourceLevel { ssrc: (both >> 32) as u32, level: both as u8 }
        });
        Some(Level {
            smoothed: f32::from(self.smoothed.load(Relaxed)) / f32::from(PARTS),
            latest: self.latest.load(Relaxed),
            last_voice: at(self.last_voice.load(Relaxed)),
            last_packet,
            sources: sources.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use interceptor_test::Clock;

    use super::*;

    #[test]
    fn a_level_is_smoothed_over_some_packets_and_reaches_what_lasts() {
        let cell = Cell::new(Clock::new().now());
        assert_eq!(cell.read(), None);
        let level = |dbov, packets: u8| {
            (0..packets).for_each(|_| cell.write(AudioLevel::new(false, dbov), 8, 5));
            cell.read().map(|level| (level.smoothed.round() as u8, level.latest)).unwrap()
        };
        assert_eq!(level(127, 1), (127, 127), "the first is taken as it is");
        assert_eq!(level(31, 1), (115, 31));
        assert_eq!(level(31, 5), (74, 31));
        assert_eq!(level(31, 100), (31, 31));
        assert_eq!(level(0, 100), (0, 0));
        assert_eq!(level(127, 100), (127, 127));
    }
}
