//! Messages that are pushed into the wrapped sink.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_sink::Sink;

use super::side::{Held, Side};
use super::waiting::wait;
use super::{Intercepted, State};
use crate::{Direction, Flow, MessageInterceptor, MessageSize, StreamError, Verdict};

const SENT: Direction = Direction::Sent;

impl<S, M, E, I, Z> Sink<M> for Intercepted<S, M, E, I, Z>
where
    S: Sink<M, Error = E>,
    I: MessageInterceptor<M, E>,
    Z: MessageSize<M>,
{
    type Error = StreamError<E>;

    /// Ready once the message before has passed, and the wrapped sink is.
    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        ready!(self.as_mut().poll_held(cx))?;
        self.poll_inner(cx, |inner, cx| inner.poll_ready(cx))
    }

    /// Takes the message. It goes on at once, or waits inside until [`poll_ready`](Self::poll_ready), [`poll_flush`](Self::poll_flush) or
    /// [`poll_close`](Self::poll_close) finds its tokens there.
    fn start_send(self: Pin<&mut Self>, message: M) -> Result<(), Self::Error> {
        let this = self.project();
        let state = this.state;
        if let Err(error) = state.pushes() {
            // It was ended since `poll_ready`.
            if let Some(side) = &mut state.push {
                side.lane.refused(state.size.size(&message));
            }
            return Err(error);
        }
        let now = state.shared.clock.elapsed_nanos();
        state.shared.meter.moved(now);
        if state.outgoing(message, now)? == Flow::Consumed {
            return Ok(());
        }
        match state.grant(now)? {
            // `poll_ready` has seen to it that the wrapped sink takes one.
            Granted::Yes => state.send(this.inner, now),
            Granted::Wait(_) | Granted::Gone => Ok(()),
        }
    }

    /// Lets pass what waits, and flushes the wrapped sink.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        ready!(self.as_mut().poll_held(cx))?;
        self.poll_inner(cx, |inner, cx| inner.poll_flush(cx))
    }

    /// Lets pass what waits, and closes the wrapped sink.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        if self.state.push.as_ref().is_some_and(|side| side.over && !side.untold)
            && self.state.shared.meter.ended().is_none()
        {
            return Poll::Ready(Ok(()));
        }
        ready!(self.as_mut().poll_held(cx))?;
        ready!(self.as_mut().poll_inner(cx, |inner, cx| inner.poll_close(cx)))?;
        Poll::Ready(self.project().state.closed(SENT))
    }
}

impl<S, M, E, I, Z> Intercepted<S, M, E, I, Z>
where
    S: Sink<M, Error = E>,
    I: MessageInterceptor<M, E>,
    Z: MessageSize<M>,
{
    /// Ready once no message waits.
    fn poll_held(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError<E>>> {
        let mut this = self.project();
        let state = this.state;
        loop {
            state.pushes()?;
            if state.push.as_ref().is_none_or(|side| side.held.is_none()) {
                return Poll::Ready(Ok(()));
            }
            let until = match state.grant(state.shared.clock.elapsed_nanos())? {
                Granted::Gone => return Poll::Ready(Ok(())),
                Granted::Wait(until) => Some(until),
                Granted::Yes => match this.inner.as_mut().poll_ready(cx) {
                    Poll::Ready(Ok(())) => {
                        let now = state.shared.clock.elapsed_nanos();
                        return Poll::Ready(state.send(this.inner, now));
                    }
                    Poll::Ready(Err(error)) => {
                        return Poll::Ready(Err(state.fail(StreamError::Inner(error), SENT)));
                    }
                    Poll::Pending => None,
                },
            };
            if let Err(cause) = ready!(wait(&state.shared, this.push_timer, SENT, until, cx)) {
                return Poll::Ready(Err(state.stop(cause, SENT)));
            }
        }
    }

    /// Asks the wrapped sink, for as long as the stream may go on.
    fn poll_inner(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        poll: impl Fn(Pin<&mut S>, &mut Context<'_>) -> Poll<Result<(), E>>,
    ) -> Poll<Result<(), StreamError<E>>> {
        let mut this = self.project();
        let state = this.state;
        loop {
            match poll(this.inner.as_mut(), cx) {
                Poll::Ready(Ok(())) => return Poll::Ready(Ok(())),
                Poll::Ready(Err(error)) => {
                    return Poll::Ready(Err(state.fail(StreamError::Inner(error), SENT)));
                }
                Poll::Pending => {}
            }
            if let Err(cause) = ready!(wait(&state.shared, this.push_timer, SENT, None, cx)) {
                return Poll::Ready(Err(state.stop(cause, SENT)));
            }
        }
    }
}

/// What the lane has to say to the message that waits.
enum Granted {
    Yes,
    Wait(u64),
    /// It was dropped, or there was none.
    Gone,
}

impl<M, E, I: MessageInterceptor<M, E>, Z: MessageSize<M>> State<M, E, I, Z> {
    /// Whether more may be sent: if not, why. Who fails first fails with the reason, and so does everybody after it.
    fn pushes(&mut self) -> Result<(), StreamError<E>> {
        let Some(side) = &mut self.push else { return Err(StreamError::Over) };
        let ended = self.shared.meter.ended();
        match ended {
            None if !side.over => Ok(()),
            Some(cause) if !side.over => Err(self.stop(cause, SENT)),
            _ if std::mem::take(&mut side.untold) || ended.is_some() => Err(self.echo(SENT)),
            _ => Err(StreamError::Over),
        }
    }

    fn grant(&mut self, now: u64) -> Result<Granted, StreamError<E>> {
        let Some(Side { lane, held, .. }) = &mut self.push else { return Ok(Granted::Gone) };
        let Some(waiting) = held else { return Ok(Granted::Gone) };
        if waiting.granted {
            return Ok(Granted::Yes);
        }
        let bytes = waiting.bytes;
        match lane.admit(bytes, now) {
            Verdict::Pass => {
                waiting.granted = true;
                Ok(Granted::Yes)
            }
            Verdict::Wait { until_nanos } => match lane.hold(bytes) {
                Ok(()) => Ok(Granted::Wait(until_nanos)),
                Err(cause) => Err(self.stop(cause, SENT)),
            },
            Verdict::Drop => {
                *held = None;
                Ok(Granted::Gone)
            }
            Verdict::End(cause) => {
                *held = None;
                Err(self.stop(cause, SENT))
            }
        }
    }

    /// Hands the message that waits to the sink, which is ready for it.
    fn send<S>(&mut self, inner: Pin<&mut S>, now: u64) -> Result<(), StreamError<E>>
    where
        S: Sink<M, Error = E>,
    {
        let Some(side) = &mut self.push else { return Ok(()) };
        let Some(Held { message, bytes, .. }) = side.held.take() else { return Ok(()) };
        if let Err(error) = inner.start_send(message) {
            side.lane.refused(bytes);
            return Err(self.fail(StreamError::Inner(error), SENT));
        }
        let about = side.context(bytes, now);
        side.passed(&about);
        self.shared.meter.moved(now);
        self.interceptors.passed(&about);
        Ok(())
    }
}
