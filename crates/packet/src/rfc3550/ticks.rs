//! Time as a source keeps it: short, and quickly made of an arrival.

use std::time::Duration;

/// In a second.
pub(super) const TICKS: u32 = 1024;

/// A time in 1/1024 s, modulo 48 days: fine enough for what is asked of it, and cheap enough for every packet.
#[inline]
pub(super) const fn ticks(time: Duration) -> u32 {
    /// Ticks in a nanosecond, times 2^32.
    const SCALE: u64 = ((TICKS as u64) << 32) / 1_000_000_000;
    (time.as_secs() as u32) << TICKS.ilog2() | ((time.subsec_nanos() as u64 * SCALE) >> 32) as u32
}

/// From one time to another, in ticks; 0 when the clock went back.
pub(super) const fn between(earlier: u32, later: u32) -> u32 {
    let ticks = later.wrapping_sub(earlier);
    if ticks.cast_signed() < 0 { 0 } else { ticks }
}
