//! Interceptors of interceptors: none, two, a boxed one, a list, one that may be absent.

use crate::{
    BoxError, Direction, Ending, Flow, MessageContext, MessageInterceptor, StreamError, StreamStats,
};

/// None.
impl<M, E> MessageInterceptor<M, E> for () {}

/// Two, the second one nearer to the peer. What is sent comes to the first one first, what is received to the second one.
impl<M, E, A: MessageInterceptor<M, E>, B: MessageInterceptor<M, E>> MessageInterceptor<M, E> for (A, B) {
    #[inline]
    fn received(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
        match self.1.received(message, cx)? {
            Flow::Forward => self.0.received(message, cx),
            Flow::Consumed => Ok(Flow::Consumed),
        }
    }

    #[inline]
    fn sent(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
        match self.0.sent(message, cx)? {
            Flow::Forward => self.1.sent(message, cx),
            Flow::Consumed => Ok(Flow::Consumed),
        }
    }

    #[inline]
    fn passed(&mut self, cx: &MessageContext) {
        self.1.passed(cx);
        self.0.passed(cx);
    }

    fn error(&mut self, error: StreamError<E>, direction: Direction) -> StreamError<E> {
        let error = self.1.error(error, direction);
        self.0.error(error, direction)
    }

    fn ended(&mut self, ending: &Ending<'_, E>, stats: &StreamStats) {
        self.1.ended(ending, stats);
        self.0.ended(ending, stats);
    }
}

/// One whose type is not known.
impl<M, E, I: MessageInterceptor<M, E> + ?Sized> MessageInterceptor<M, E> for Box<I> {
    fn received(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
        (**self).received(message, cx)
    }

    fn sent(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
        (**self).sent(message, cx)
    }

    fn passed(&mut self, cx: &MessageContext) {
        (**self).passed(cx);
    }

    fn error(&mut self, error: StreamError<E>, direction: Direction) -> StreamError<E> {
        (**self).error(error, direction)
    }

    fn ended(&mut self, ending: &Ending<'_, E>, stats: &StreamStats) {
        (**self).ended(ending, stats);
    }
}

/// A list, in which the last one is nearest to the peer.
macro_rules! list {
    ($(#[$about:meta])* $list:ty) => {
        $(#[$about])*
        impl<M, E, I: MessageInterceptor<M, E>> MessageInterceptor<M, E> for $list {
            fn received(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
                for interceptor in self.iter_mut().rev() {
                    if interceptor.received(message, cx)? == Flow::Consumed {
                        return Ok(Flow::Consumed);
                    }
                }
                Ok(Flow::Forward)
            }

            fn sent(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
                for interceptor in self.as_mut_slice() {
                    if interceptor.sent(message, cx)? == Flow::Consumed {
                        return Ok(Flow::Consumed);
                    }
                }
                Ok(Flow::Forward)
            }

            fn passed(&mut self, cx: &MessageContext) {
                self.iter_mut().rev().for_each(|interceptor| interceptor.passed(cx));
            }

            fn error(&mut self, error: StreamError<E>, direction: Direction) -> StreamError<E> {
                self.iter_mut().rev().fold(error, |error, interceptor| interceptor.error(error, direction))
            }

            fn ended(&mut self, ending: &Ending<'_, E>, stats: &StreamStats) {
                self.iter_mut().rev().for_each(|interceptor| interceptor.ended(ending, stats));
            }
        }
    };
}

list! {
    /// As many as were put together at run time, the last one nearest to the peer.
    Vec<I>
}

list! {
    /// One that may be absent.
    Option<I>
}
