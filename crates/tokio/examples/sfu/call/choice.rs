//! Which layer a subscriber gets of what congestion control allows.

use interceptor_core::TargetBitrate;

/// Layers of each camera.
pub(crate) const LAYERS: usize = 3;

/// What they take, in bits per second.
pub(crate) const RATES: [u64; LAYERS] = [100_000, 250_000, 600_000];

/// Headers, and what is sent again, come on top of media.
const ROOM: u64 = 5;

/// The layer to get, with layer `now` until then: down as soon as there is no room for it, up only if the room lasts.
pub(crate) fn choose(target: TargetBitrate, now: usize) -> usize {
    let fits = |rate: &u64, room: u64| rate + rate / ROOM <= room;
    let within = |room| RATES.iter().rposition(|rate| fits(rate, room)).unwrap_or(0);
    let (most, lasting) = (within(target.bits_per_second), within(target.stable));
    if most < now { most } else { lasting.max(now) }
}
