//! An observer that writes down the end of each call.

use interceptor_grpc::{
    CallHandle, CallInfo, Code, Message, Observer, StreamLayer, StreamLimits, StreamStats,
};
use tokio::sync::mpsc;

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) path: String,
    pub(crate) stats: StreamStats,
    pub(crate) code: Code,
}

/// Hands on each end, and each message.
#[derive(Debug)]
pub(crate) struct Record {
    ended: mpsc::UnboundedSender<Ended>,
    messages: mpsc::UnboundedSender<Message>,
}

/// Where it is heard.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) ended: mpsc::UnboundedReceiver<Ended>,
    pub(crate) messages: mpsc::UnboundedReceiver<Message>,
}

/// A layer with these limits, and where the ends of its calls are heard.
pub(crate) fn watched(limits: StreamLimits) -> (StreamLayer, Heard) {
    let (record, heard) = Record::new();
    (StreamLayer::new(limits).unwrap().with_observer(record), heard)
}

impl Record {
    pub(crate) fn new() -> (Self, Heard) {
        let (ended, hears_ended) = mpsc::unbounded_channel();
        let (messages, hears_messages) = mpsc::unbounded_channel();
        (Self { ended, messages }, Heard { ended: hears_ended, messages: hears_messages })
    }
}

impl Heard {
    /// The next end of a call.
    pub(crate) async fn next(&mut self) -> Ended {
        self.ended.recv().await.unwrap()
    }

    /// Nothing more has been heard.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.ended.try_recv().is_err()
    }
}

impl Observer for Record {
    type PerCall = ();

    fn started(&self, _: &CallInfo, _: &CallHandle) {}

    fn message(&self, (): &(), _: &CallInfo, message: &Message) {
        _ = self.messages.send(*message);
    }

    fn handled(&self, (): &(), info: &CallInfo, stats: &StreamStats, code: Code) {
        _ = self.ended.send(Ended { path: info.path().to_owned(), stats: *stats, code });
    }
}
