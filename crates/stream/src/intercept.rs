//! Puts limits and interceptors together, and around a stream.

use std::sync::Arc;

use futures_core::Stream;
use futures_sink::Sink;

use crate::clock::Clock;
use crate::handle::{Place, Shared};
use crate::intercepted::Intercepted;
use crate::{Direction, Lane, LimitsError, MessageInterceptor, MessageSize, Metered, NoSize, StreamLimits};

/// Limits, interceptors and a size function, to be put around a stream.
///
/// ```
/// use interceptor_stream::{Intercept, Keep, StreamLimits};
///
/// # fn wrap<S>(framed: S) -> Result<(), interceptor_stream::LimitsError>
/// # where S: futures_core::Stream<Item = Result<String, std::io::Error>> + futures_sink::Sink<String, Error = std::io::Error> {
/// let stream = Intercept::new(StreamLimits::control())?
///     .with_size(|line: &String| line.len() as u64)
///     .with(Keep::new("a permit"))
///     .duplex(framed);
/// # let _ = stream.handle(); Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "it does nothing until it is put around a stream"]
pub struct Intercept<I = (), Z = NoSize> {
    interceptors: I,
    size: Z,
    origin: Origin,
}

/// Where the lanes come from.
#[derive(Debug)]
enum Origin {
    /// A stream that begins with this.
    Limits(StreamLimits),
    /// The other direction of one that is there.
    Lane(Lane, Place),
}

/// The lanes of a new stream, and what they share.
struct Start {
    received: Option<Lane>,
    sent: Option<Lane>,
    shared: Arc<Shared>,
    /// Kept until the stream that is made has taken it.
    place: Option<Place>,
}

impl Intercept {
    /// Around a stream that may do what `limits` say.
    ///
    /// # Errors
    /// A limit is out of range.
    pub fn new(limits: StreamLimits) -> Result<Self, LimitsError> {
        limits.check()?;
        Ok(Self { interceptors: (), size: NoSize, origin: Origin::Limits(limits) })
    }

    pub(crate) const fn beside(lane: Lane, place: Place) -> Self {
        Self { interceptors: (), size: NoSize, origin: Origin::Lane(lane, place) }
    }
}

impl<I, Z> Intercept<I, Z> {
    /// Another interceptor, nearer to the peer than those before it: the last one to see what is sent, the first one to see what is received.
    pub fn with<A>(self, interceptor: A) -> Intercept<(I, A), Z> {
        Intercept { interceptors: (self.interceptors, interceptor), size: self.size, origin: self.origin }
    }

    /// How large a message is. Default: 0, so that limits of bytes have nothing to count.
    pub fn with_size<F>(self, size: F) -> Intercept<I, F> {
        Intercept { interceptors: self.interceptors, size, origin: self.origin }
    }

    /// Around a stream of messages from the peer. As a sink the result is over.
    pub fn stream<S, M, E>(self, stream: S) -> Intercepted<S, M, E, I, Z>
    where
        S: Stream<Item = Result<M, E>>,
        I: MessageInterceptor<M, E>,
        Z: MessageSize<M>,
    {
        let Start { received, sent, shared, place: _place } = self.origin.start();
        Intercepted::new(stream, self.interceptors, self.size, shared, (received, None), sent)
    }

    /// Around a stream of messages to the peer, which others pull from: what a gRPC handler returns, the body of a response. As a sink the result
    /// is over.
    pub fn sent_stream<S, M, E>(self, stream: S) -> Intercepted<S, M, E, I, Z>
    where
        S: Stream<Item = Result<M, E>>,
        I: MessageInterceptor<M, E>,
        Z: MessageSize<M>,
    {
        let Start { received, sent, shared, place: _place } = self.origin.start();
        Intercepted::new(stream, self.interceptors, self.size, shared, (sent, None), received)
    }

    /// Around a sink for messages to the peer. As a stream the result is at its end.
    pub fn sink<S, M, E>(self, sink: S) -> Intercepted<S, M, E, I, Z>
    where
        S: Sink<M, Error = E>,
        I: MessageInterceptor<M, E>,
        Z: MessageSize<M>,
    {
        let Start { received, sent, shared, place: _place } = self.origin.start();
        Intercepted::new(sink, self.interceptors, self.size, shared, (None, sent), received)
    }

    /// Around both in one.
    pub fn duplex<S, M, E>(self, duplex: S) -> Intercepted<S, M, E, I, Z>
    where
        S: Stream<Item = Result<M, E>> + Sink<M, Error = E>,
        I: MessageInterceptor<M, E>,
        Z: MessageSize<M>,
    {
        let Start { received, sent, shared, place: _place } = self.origin.start();
        Intercepted::new(duplex, self.interceptors, self.size, shared, (received, sent), None)
    }
}

impl Origin {
    fn start(self) -> Start {
        match self {
            Self::Limits(limits) => {
                let clock = Clock::start();
                let Metered { meter, received, sent } = Metered::new(&limits, clock.origin());
                let shared = Arc::new(Shared::new(clock, meter));
                Start { received: Some(received), sent: Some(sent), shared, place: None }
            }
            Self::Lane(lane, place) => {
                let (received, sent) = match lane.direction() {
                    Direction::Received => (Some(lane), None),
                    Direction::Sent => (None, Some(lane)),
                };
                Start { received, sent, shared: Arc::clone(place.shared()), place: Some(place) }
            }
        }
    }
}
