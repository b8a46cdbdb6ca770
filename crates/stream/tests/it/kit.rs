//! Rates, an origin, and lanes at an instant.

use std::fmt::{Debug, Display};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use interceptor_stream::{
    BoxError, Direction, Ending, Flow, MessageContext, MessageInterceptor, Metered, Rate, StreamError,
    StreamLimits, StreamStats,
};
use interceptor_test::StreamScript;

pub(crate) const SECOND: u64 = 1_000_000_000;

#[expect(clippy::disallowed_methods, reason = "an origin; nothing depends on which")]
pub(crate) fn origin() -> Instant {
    Instant::now()
}

/// `amount` in a second, `burst` at once.
pub(crate) fn rate(amount: u64, burst: u64) -> Rate {
    Rate::new(amount, Duration::from_secs(1), burst).unwrap()
}

pub(crate) fn metered(limits: StreamLimits) -> Metered {
    Metered::new(&limits, origin())
}

/// What happened, in order: an interceptor that writes it down.
#[derive(Clone, Default)]
pub(crate) struct Log(pub(crate) Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn write(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<M: Debug, E: Display> MessageInterceptor<M, E> for Log {
    fn received(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
        self.write(format!("received {message:?} #{}", cx.number));
        Ok(Flow::Forward)
    }

    fn sent(&mut self, message: &mut M, cx: &MessageContext) -> Result<Flow, BoxError> {
        self.write(format!("sent {message:?} #{}", cx.number));
        Ok(Flow::Forward)
    }

    fn passed(&mut self, cx: &MessageContext) {
        self.write(format!("passed {} {}B after {:?}", cx.direction, cx.bytes, cx.waited));
    }

    fn error(&mut self, error: StreamError<E>, direction: Direction) -> StreamError<E> {
        self.write(format!("error {direction}: {error}"));
        error
    }

    fn ended(&mut self, ending: &Ending<'_, E>, stats: &StreamStats) {
        let ending = match ending {
            Ending::Finished => "finished".to_owned(),
            Ending::Dropped => "dropped".to_owned(),
            Ending::Failed(error) => format!("failed: {error}"),
            _ => "unheard of".to_owned(),
        };
        self.write(format!("ended {ending} after {}", stats.messages()));
    }
}

/// An interceptor that does one thing to what is received and sent.
pub(crate) struct Each<F>(pub(crate) F);

impl<M, E, F: FnMut(&mut M) -> Result<Flow, BoxError>> MessageInterceptor<M, E> for Each<F> {
    fn received(&mut self, message: &mut M, _: &MessageContext) -> Result<Flow, BoxError> {
        (self.0)(message)
    }

    fn sent(&mut self, message: &mut M, _: &MessageContext) -> Result<Flow, BoxError> {
        (self.0)(message)
    }
}

pub(crate) type Numbers = StreamScript<u64, String>;

/// A script in which so many numbers come, from 0, and then the end.
pub(crate) fn numbers(count: u64) -> Numbers {
    let script = Numbers::new();
    for number in 0..count {
        script.add_recv(move || Poll::Ready(Some(Ok(number))));
    }
    script
}

/// Every message has as many bytes as it says.
pub(crate) const fn itself(number: &u64) -> u64 {
    *number
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
