//! What an outage leaves that is no longer worth asking for.

use std::time::Duration;

use super::{Env, RemoteStream};

/// A rate takes this long to be told.
const MIN_RATE_NANOS: u64 = 500_000_000;

impl RemoteStream {
    /// How many of a gap's numbers, the first ones, were sent longer than `max_age` ago: senders keep them no more. The packet
    /// before the gap came at `before`, in nanoseconds since the epoch.
    ///
    /// They are taken to have been sent at even intervals. Where so few are missing that the sender must have paused, as
    /// between talk spurts, nobody knows when they were: then it is none.
    pub(super) fn too_old(&self, gap: usize, before: u64, env: &Env<'_>) -> usize {
        let silence = env.nanos.saturating_sub(before);
        let max_age = nanos(env.options.max_age);
        let interval = silence / (gap as u64 + 1);
        // Of pauses between packets this long nobody knows more than of one pause.
        if silence <= max_age
            || interval >= max_age
            || interval == 0
            || !self.sent_all_along(gap, before, silence)
        {
            return 0;
        }
        gap.saturating_sub((max_age / interval) as usize)
    }

    /// Whether the sender sent at half its usual rate at least while nothing came.
    fn sent_all_along(&self, gap: usize, before: u64, silence: u64) -> bool {
        let time = before.saturating_sub(self.losses.started);
        let numbers = self.log.newest().abs_diff(self.log.start_number());
        let usual = u128::from(numbers) * u128::from(silence);
        time >= MIN_RATE_NANOS && 2 * gap as u128 * u128::from(time) >= usual
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
