//! `rtptap relay`: over real loopback sockets, with real programs on either side, as a user runs it.

mod control;
mod http;
mod link;
mod media;
mod pair;
mod process;
mod programs;
mod repair;

use std::time::Duration;

/// Waits until something is so; fails after 20 s.
async fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = tokio::time::Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
