//! Messages that are pulled out of the wrapped stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::waiting::{TURNS, wait};
use super::{Intercepted, State};
use crate::{Direction, Flow, MessageInterceptor, MessageSize, StreamError, Verdict};

impl<S, M, E, I, Z> Stream for Intercepted<S, M, E, I, Z>
where
    S: Stream<Item = Result<M, E>>,
    I: MessageInterceptor<M, E>,
    Z: MessageSize<M>,
{
    type Item = Result<M, StreamError<E>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let state = this.state;
        let Some(direction) = state.pulls() else {
            return Poll::Ready(state.untold().map(|direction| Err(state.echo(direction))));
        };
        for _ in 0..TURNS {
            if let Some(cause) = state.shared.meter.ended() {
                return Poll::Ready(Some(Err(state.stop(cause, direction))));
            }
            if state.pull.as_ref().is_some_and(|side| side.held.is_none()) {
                match this.inner.as_mut().poll_next(cx) {
                    Poll::Ready(Some(Ok(message))) => match state.arrived(message, direction) {
                        Ok(Flow::Forward) => {}
                        Ok(Flow::Consumed) => continue,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    },
                    Poll::Ready(Some(Err(error))) => {
                        return Poll::Ready(Some(Err(state.fail(StreamError::Inner(error), direction))));
                    }
                    Poll::Ready(None) => return Poll::Ready(state.closed(direction).err().map(Err)),
                    Poll::Pending => {
                        match ready!(wait(&state.shared, this.pull_timer, direction, None, cx)) {
                            Ok(()) => continue,
                            Err(cause) => return Poll::Ready(Some(Err(state.stop(cause, direction)))),
                        }
                    }
                }
            }
            match state.admit(direction) {
                Pulled::Message(message) => return Poll::Ready(Some(Ok(message))),
                Pulled::Failed(error) => return Poll::Ready(Some(Err(error))),
                Pulled::Gone => {}
                Pulled::Wait(until) => {
                    let timer = &mut *this.pull_timer;
                    if let Err(cause) = ready!(wait(&state.shared, timer, direction, Some(until), cx)) {
                        return Poll::Ready(Some(Err(state.stop(cause, direction))));
                    }
                }
            }
        }
        // Others get their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What became of the message that waited.
enum Pulled<M, E> {
    Message(M),
    Gone,
    Wait(u64),
    Failed(StreamError<E>),
}

impl<M, E, I: MessageInterceptor<M, E>, Z: MessageSize<M>> State<M, E, I, Z> {
    /// The direction of what is pulled, if more may come.
    fn pulls(&self) -> Option<Direction> {
        self.pull.as_ref().filter(|side| !side.over).map(|side| side.lane.direction())
    }

    /// The direction of what is pulled, if the other one has failed; once.
    fn untold(&mut self) -> Option<Direction> {
        let side = self.pull.as_mut()?;
        std::mem::take(&mut side.untold).then(|| side.lane.direction())
    }

    /// A message has come out of the wrapped stream. One that is sent passes the interceptors now, before the limits.
    fn arrived(&mut self, message: M, direction: Direction) -> Result<Flow, StreamError<E>> {
        let now = self.shared.clock.elapsed_nanos();
        self.shared.meter.moved(now);
        if direction == Direction::Sent {
            return self.outgoing(message, now);
        }
        let bytes = self.size.size(&message);
        if let Some(side) = &mut self.pull {
            side.hold(message, bytes);
        }
        Ok(Flow::Forward)
    }

    /// Asks the lane about the message that waits. One that was received passes the interceptors now, after the limits.
    fn admit(&mut self, direction: Direction) -> Pulled<M, E> {
        let now = self.shared.clock.elapsed_nanos();
        let Some(side) = &mut self.pull else { return Pulled::Gone };
        let Some(bytes) = side.held.as_ref().map(|held| held.bytes) else { return Pulled::Gone };
        match side.lane.admit(bytes, now) {
            Verdict::Pass => {}
            Verdict::Wait { until_nanos } => {
                return match side.lane.hold(bytes) {
                    Ok(()) => Pulled::Wait(until_nanos),
                    Err(cause) => Pulled::Failed(self.stop(cause, direction)),
                };
            }
            // Both are counted already.
            Verdict::Drop => {
                side.held = None;
                return Pulled::Gone;
            }
            Verdict::End(cause) => {
                side.held = None;
                return Pulled::Failed(self.stop(cause, direction));
            }
        }
        let about = side.context(bytes, now);
        if direction == Direction::Received
            && let Some(held) = &mut side.held
        {
            match self.interceptors.received(&mut held.message, &about) {
                Ok(Flow::Forward) => {}
                Ok(Flow::Consumed) => {
                    side.held = None;
                    side.lane.consumed(bytes);
                    return Pulled::Gone;
                }
                Err(error) => return Pulled::Failed(self.refuse(error, direction)),
            }
        }
        let Some(held) = side.held.take() else { return Pulled::Gone };
        side.passed(&about);
        self.interceptors.passed(&about);
        Pulled::Message(held.message)
    }
}
