//! Processor time, the kernel's part included.

use std::time::Duration;

/// Of this thread.
pub(crate) fn thread() -> Duration {
    #[cfg(unix)]
    return of(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID);
    #[cfg(not(unix))]
    Duration::ZERO
}

/// Of all threads.
pub(crate) fn process() -> Duration {
    #[cfg(unix)]
    return of(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID);
    #[cfg(not(unix))]
    Duration::ZERO
}

#[cfg(unix)]
fn of(clock: nix::time::ClockId) -> Duration {
    // Every unix has these clocks.
    nix::time::clock_gettime(clock).map(Duration::from).unwrap_or_default()
}
