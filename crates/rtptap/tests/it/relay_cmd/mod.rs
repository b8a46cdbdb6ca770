//! `rtptap relay`: over real loopback sockets, with real programs on either side, as a user runs it.

#[cfg(unix)]
mod capture;
mod claims;
#[cfg(unix)]
mod console;
mod control;
mod fec;
mod floods;
// Ends programs as Ctrl-C does.
#[cfg(all(unix, feature = "control"))]
mod grpc;
#[cfg(unix)]
mod http;
mod limits;
mod link;
pub(crate) mod media;
#[cfg(target_os = "linux")]
mod memory;
mod pair;
mod payload_types;
// Ends programs as Ctrl-C does.
#[cfg(unix)]
pub(crate) mod process;
#[cfg(unix)]
mod programs;
mod repair;
mod rules;
#[cfg(unix)]
mod sdp;
// The hosts of those who attack are addresses of the loopback interface.
#[cfg(target_os = "linux")]
mod soak;
mod starting;
mod table;

use std::time::Duration;

use rtptap::relay::{Relay, RelayStats};

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

/// Two packets in sequence, numbers 0 and 1, make a stream of an SSRC: waits until both are at the sink.
pub(crate) async fn begin(source: &media::Port, ssrc: u32, relay: &Relay, sink: &media::Port) {
    for number in 0..2 {
        source.socket.send_to(&media::packet(ssrc, number), relay.listen_addr()).await.unwrap();
    }
    until("the stream begins", || (sink.received.count(ssrc, 2) == 2).then_some(())).await;
}

/// Waits until the books of every leg close: each packet that came in went on, or a counter names it. Fails when they never do.
pub(crate) async fn books_close(relay: &Relay) {
    until("the books close", || books(&relay.stats()).is_empty().then_some(())).await;
}

/// Stops a relay; its books have to close then and there.
pub(crate) async fn stop(relay: Relay) -> RelayStats {
    let (stats, _) = relay.stop().await.unwrap();
    assert_eq!(books(&stats), [], "{stats:#?}");
    for leg in &stats.legs {
        assert_eq!(leg.book.packets_waiting, 0, "{}", leg.id);
    }
    stats
}

/// The legs whose books do not close.
fn books(stats: &RelayStats) -> Vec<(String, i64)> {
    let mut open = Vec::new();
    let source = &stats.legs[0];
    for leg in &stats.legs {
        let unaccounted = leg.book.unaccounted();
        if unaccounted != 0 {
            open.push((leg.id.clone(), unaccounted));
        }
        // What was forwarded was there for every target.
        let missing = leg.book.packets_in.wrapping_sub(source.book.packets_out).cast_signed();
        if leg.id != source.id && missing != 0 {
            open.push((leg.id.clone(), missing));
        }
    }
    open
}
