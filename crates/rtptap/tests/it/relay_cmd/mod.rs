//! `rtptap relay`: over real loopback sockets, with real programs on either side, as a user runs it.

mod control;
#[cfg(unix)]
mod http;
mod link;
pub(crate) mod media;
mod pair;
// Ends programs as Ctrl-C does.
#[cfg(unix)]
pub(crate) mod process;
#[cfg(unix)]
mod programs;
mod repair;

use std::time::Duration;

/// How long something may take: no test waits so long unless it fails, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until something is so; fails when that takes too long.
pub(crate) async fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = tokio::time::Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
