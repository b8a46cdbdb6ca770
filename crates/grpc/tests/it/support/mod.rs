//! A server whose handler is a function, a client for it, and who writes down what became of each call.

mod bodies;
mod codec;
mod record;
mod server;

pub(crate) use bodies::{Framed, cut, through, wire};
pub(crate) use codec::Raw;
pub(crate) use record::{Heard, Record, watched};
pub(crate) use server::{Messages, Server, answer, begin, call, connect, echo, messages, never, read_all};

use bytes::Bytes;
use interceptor_grpc::Rate;
use tonic::Status;

/// What a client got: the messages, and the status that came after them.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) messages: Vec<Bytes>,
    pub(crate) end: Result<(), Status>,
}

impl Got {
    pub(crate) fn code(&self) -> tonic::Code {
        self.end.as_ref().err().map_or(tonic::Code::Ok, Status::code)
    }
}

/// So many a second, and so many of them at once.
pub(crate) fn rate(amount: u64, burst: u64) -> Rate {
    Rate::new(amount, std::time::Duration::from_secs(1), burst).unwrap()
}

/// Reads a response to its end.
pub(crate) async fn drain(mut stream: tonic::Streaming<Bytes>) -> Got {
    let mut messages = Vec::new();
    let end = loop {
        match stream.message().await {
            Ok(Some(message)) => messages.push(message),
            Ok(None) => break Ok(()),
            Err(status) => break Err(status),
        }
    };
    Got { messages, end }
}
