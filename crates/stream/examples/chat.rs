//! A chat over TCP, a line a message: the server takes out commands, keeps each guest to a pace, and ends who floods it.
//!
//! `cargo run -p interceptor-stream --example chat`

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use interceptor_stream::{
    BoxError, Direction, Ending, Excess, Flow, Intercept, MessageContext, MessageInterceptor, Pace, Rate,
    StreamError, StreamLimits, StreamStats,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Lines over a connection. What is larger than a buffer is cut: the limits say what is too large.
struct Lines {
    tcp: TcpStream,
    read: VecDeque<u8>,
    written: VecDeque<u8>,
}

const MAX_LINE: usize = 1024;

impl Lines {
    const fn new(tcp: TcpStream) -> Self {
        Self { tcp, read: VecDeque::new(), written: VecDeque::new() }
    }

    fn line(&mut self) -> Option<String> {
        let end = self.read.iter().position(|&byte| byte == b'\n');
        let end = end.or_else(|| (self.read.len() >= MAX_LINE).then_some(MAX_LINE - 1))?;
        let line: Vec<u8> = self.read.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

impl Stream for Lines {
    type Item = io::Result<String>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(line) = self.line() {
                return Poll::Ready(Some(Ok(line)));
            }
            let mut bytes = [0; MAX_LINE];
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(None);
            }
            self.read.extend(buffer.filled());
        }
    }
}

impl Sink<String> for Lines {
    type Error = io::Error;

    /// Takes a line once the one before has left.
    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, line: String) -> io::Result<()> {
        self.written.extend(line.as_bytes());
        self.written.push_back(b'\n');
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { tcp, written, .. } = &mut *self;
        while !written.is_empty() {
            let sent = ready!(Pin::new(&mut *tcp).poll_write(cx, written.as_slices().0))?;
            written.drain(..sent);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

/// Takes commands out of what a guest says, and puts its name before the rest.
struct Guest {
    name: String,
}

impl<E> MessageInterceptor<String, E> for Guest {
    fn received(&mut self, line: &mut String, _: &MessageContext) -> Result<Flow, BoxError> {
        if let Some(name) = line.strip_prefix("/name ") {
            name.clone_into(&mut self.name);
            return Ok(Flow::Consumed);
        }
        *line = format!("{}: {line}", self.name);
        Ok(Flow::Forward)
    }

    fn error(&mut self, error: StreamError<E>, _: Direction) -> StreamError<E> {
        error.context(self.name.clone())
    }
}

/// Writes down how each connection went.
struct Log;

impl<M, E: std::fmt::Display> MessageInterceptor<M, E> for Log {
    fn ended(&mut self, ending: &Ending<'_, E>, stats: &StreamStats) {
        let how = match ending {
            Ending::Finished => "came to its end".to_owned(),
            Ending::Failed(error) => format!("ended: {error}"),
            _ => "was dropped".to_owned(),
        };
        let (received, sent) = (&stats.received, &stats.sent);
        println!(
            "connection {how}; received {} lines of {} bytes, {} commands, {} refused; sent {}",
            received.messages,
            received.bytes,
            received.consumed_messages,
            received.refused_messages,
            sent.messages
        );
    }
}

/// Serves a guest: says everything back, until it goes or floods.
async fn serve(tcp: TcpStream) -> Result<StreamStats, BoxError> {
    // 10 lines a second and 5 at once; who says more than that is cut off.
    let pace =
        Pace::default().with_messages(Rate::new(10, Duration::from_secs(1), 5)?).with_excess(Excess::Fail);
    let mut guest = Intercept::new(StreamLimits::control().with_received(pace))?
        .with_size(|line: &String| line.len() as u64)
        .with(Log)
        .with(Guest { name: "somebody".to_owned() })
        .duplex(Lines::new(tcp));
    let handle = guest.handle();
    while let Some(line) = guest.next().await {
        match line {
            Ok(line) => guest.send(line).await?,
            Err(error) => println!("server: {error}"),
        }
    }
    if handle.stats().ended.is_none() {
        guest.close().await?;
    }
    Ok(handle.stats())
}

/// Connects, says all lines, and returns what came back.
async fn visit(listener: &TcpListener, lines: &[&str]) -> Result<(Vec<String>, StreamStats), BoxError> {
    let tcp = TcpStream::connect(listener.local_addr()?).await?;
    let (accepted, _) = listener.accept().await?;
    let client = async {
        let (mut out, mut back) = Lines::new(tcp).split();
        for line in lines {
            // A server that has ended the connection takes no more.
            if out.send((*line).to_owned()).await.is_err() {
                break;
            }
        }
        _ = out.close().await;
        let mut answers = Vec::new();
        while let Some(Ok(line)) = back.next().await {
            answers.push(line);
        }
        answers
    };
    let (answers, stats) = tokio::join!(client, serve(accepted));
    Ok((answers, stats?))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (answers, _) = visit(&listener, &["hello", "/name alice", "how are you?"]).await?;
    println!("back came: {answers:?}");
    let (answers, _) = visit(&listener, &["a", "b", "c", "d", "e", "f", "g", "h"]).await?;
    println!("of a flood came back: {answers:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use interceptor_stream::Cause;

    #[tokio::test]
    async fn guests_are_answered_and_floods_are_cut_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (answers, stats) = visit(&listener, &["hello", "/name alice", "how are you?"]).await.unwrap();
        assert_eq!(answers, ["somebody: hello", "alice: how are you?"]);
        assert_eq!((stats.received.messages, stats.received.consumed_messages, stats.ended), (2, 1, None));
        let (_, stats) = visit(&listener, &["x"; 20]).await.unwrap();
        assert_eq!((stats.received.messages, stats.received.refused_messages), (5, 1));
        assert_eq!(stats.ended, Some(Cause::Rate { direction: Direction::Received }));
    }
}
