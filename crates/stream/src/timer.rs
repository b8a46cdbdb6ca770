//! A timer that is made when it is first needed, and moved when its time is another.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Sleep, sleep_until};

use crate::clock::Clock;

/// The timer has a place of its own on the heap, so that a stream that can be moved can be moved with it.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    at: u64,
}

impl Timer {
    /// Ready at `at` or later.
    pub(crate) fn poll(&mut self, clock: &Clock, at: u64, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| {
            self.at = at;
            Box::pin(sleep_until(clock.instant(at)))
        });
        // One that has fired is moved as well: it is asked again only when its time was not enough.
        if self.at != at || sleep.is_elapsed() {
            self.at = at;
            sleep.as_mut().reset(clock.instant(at));
        }
        sleep.as_mut().poll(cx)
    }
}
