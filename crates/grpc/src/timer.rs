//! The one timer of a call: for its duration and for the time in which nothing moves.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use interceptor_stream::Cause;
use tokio::time::{Sleep, sleep_until};

use crate::call::Shared;

/// Made when a call first has to wait for something, and pushed on only when it fires: a message that moves costs it nothing.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    /// Who is woken when it fires.
    waker: Option<Waker>,
}

impl Timer {
    /// Why the call is over by now, if it is; else `cx` is woken when it may be.
    pub(crate) fn poll(&mut self, shared: &Shared, cx: &mut Context<'_>) -> Option<Cause> {
        if self.sleep.is_none() {
            let at = shared.instant(shared.meter.deadline()?)?;
            self.sleep = Some(Box::pin(sleep_until(at)));
        }
        let sleep = self.sleep.as_mut()?;
        if !sleep.is_elapsed() && self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            return None;
        }
        // Whatever the task's budget: a poll that is put off would leave no waker behind.
        while poll_now(sleep.as_mut(), cx).is_ready() {
            if let Some(cause) = shared.meter.expired(shared.elapsed()) {
                return Some(cause);
            }
            // Something has moved since.
            let at = shared.instant(shared.meter.deadline()?)?;
            sleep.as_mut().reset(at);
        }
        self.waker = Some(cx.waker().clone());
        None
    }
}

/// Polls a sleep outside of the task's budget.
pub(crate) fn poll_now(sleep: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<()> {
    Pin::new(&mut tokio::task::unconstrained(sleep)).poll(cx)
}
