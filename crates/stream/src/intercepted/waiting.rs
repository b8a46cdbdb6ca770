//! Waiting for a time, for the end of the stream, or for what is wrapped: whichever is first.

use std::task::{Context, Poll};

use crate::handle::Shared;
use crate::timer::Timer;
use crate::{Cause, Direction};

/// Messages that one poll drops or consumes before others get their turn.
pub(super) const TURNS: u32 = 64;

/// Pending until `until` or a limit of the stream's time, or until somebody ends the stream: then ready, to look again.
///
/// # Errors
/// The stream was open, or idle, for too long.
pub(super) fn wait(
    shared: &Shared,
    timer: &mut Timer,
    direction: Direction,
    until: Option<u64>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Cause>> {
    // First register, then look: an end in between is seen here, a later one wakes.
    shared.register(direction, cx.waker());
    if let Some(cause) = shared.meter.ended() {
        return Poll::Ready(Err(cause));
    }
    let deadline = shared.meter.deadline();
    let Some(at) = until.into_iter().chain(deadline).min() else { return Poll::Pending };
    let now = shared.clock.elapsed_nanos();
    if let Some(cause) = shared.meter.expired(now) {
        return Poll::Ready(Err(cause));
    }
    if at <= now {
        return Poll::Ready(Ok(()));
    }
    timer.poll(&shared.clock, at, cx).map(Ok)
}
