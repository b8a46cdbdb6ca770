//! Interceptors together: in what order, and in which forms.

use futures_util::{SinkExt, StreamExt};
use interceptor_stream::{
    BoxError, Direction, Ending, Flow, Intercept, MessageContext, MessageInterceptor, StreamError,
    StreamLimits, StreamStats,
};

use crate::kit::{Log, Numbers, numbers};

/// Writes down its name with each call; consumes what is its own number.
struct Named(u64, Log);

impl<E> MessageInterceptor<u64, E> for Named {
    fn received(&mut self, message: &mut u64, _: &MessageContext) -> Result<Flow, BoxError> {
        self.1.write(format!("{} received {message}", self.0));
        Ok(if *message == self.0 { Flow::Consumed } else { Flow::Forward })
    }

    fn sent(&mut self, message: &mut u64, _: &MessageContext) -> Result<Flow, BoxError> {
        self.1.write(format!("{} sent {message}", self.0));
        Ok(if *message == self.0 { Flow::Consumed } else { Flow::Forward })
    }

    fn passed(&mut self, _: &MessageContext) {
        self.1.write(format!("{} passed", self.0));
    }

    fn error(&mut self, error: StreamError<E>, _: Direction) -> StreamError<E> {
        self.1.write(format!("{} error", self.0));
        error
    }

    fn ended(&mut self, _: &Ending<'_, E>, _: &StreamStats) {
        self.1.write(format!("{} ended", self.0));
    }
}

/// Two messages come, two are sent, of each the second one is consumed on its way; then it is cancelled.
async fn calls<I: MessageInterceptor<u64, String>>(make: impl Fn(&Log) -> I) -> Vec<String> {
    let log = Log::default();
    let script: Numbers = numbers(2);
    let mut stream =
        Intercept::new(StreamLimits::default()).unwrap().with(make(&log)).duplex(script.stream());
    assert_eq!(stream.next().await.unwrap().unwrap(), 0);
    assert!(stream.next().await.is_none(), "consumed, then the end");
    stream.send(7).await.unwrap();
    stream.send(2).await.unwrap();
    stream.handle().cancel("over");
    stream.send(3).await.unwrap_err();
    log.take()
}

#[tokio::test]
async fn what_is_sent_goes_from_the_first_to_the_last_and_what_is_received_back() {
    let tuple = calls(|log| (((), Named(1, log.clone())), Named(2, log.clone()))).await;
    assert_eq!(
        tuple,
        [
            "2 received 0",
            "1 received 0",
            "2 passed",
            "1 passed",
            "2 received 1",
            "1 received 1",
            "1 sent 7",
            "2 sent 7",
            "2 passed",
            "1 passed",
            "1 sent 2",
            "2 sent 2",
            "2 error",
            "1 error",
            "2 ended",
            "1 ended",
        ]
    );
    let boxed = calls(|log| {
        let list: Vec<Box<dyn MessageInterceptor<u64, String>>> =
            vec![Box::new(Named(1, log.clone())), Box::new(Named(2, log.clone()))];
        list
    });
    assert_eq!(boxed.await, tuple, "a list at run time does the same");
    let optional = calls(|log| (None::<Log>, Some((((), Named(1, log.clone())), Named(2, log.clone())))));
    assert_eq!(optional.await, tuple, "one that is absent does nothing");
}
