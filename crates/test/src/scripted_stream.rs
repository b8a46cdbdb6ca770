//! A stream and sink of messages that plays a script.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;

use crate::{Script, Turn};

/// A message, the end, or an error.
type Next<M, E> = Poll<Option<Result<M, E>>>;

/// What a call does. Those that may say [`Poll::Pending`] are asked again.
enum Call<M, E> {
    Recv(Box<dyn Fn() -> Next<M, E> + Send + Sync>),
    Send(Box<dyn Fn(M) -> Result<(), E> + Send + Sync>),
    Poll(Box<dyn Fn() -> Poll<Result<(), E>> + Send + Sync>),
}

/// A call and whether it is one of the sequence.
struct Scripted<M, E> {
    call: Call<M, E>,
    permanent: bool,
}

/// What is expected of a stream of messages `M`: the script of a [`ScriptedStream`], shared between the test and the stream.
///
/// `add_…` appends a call to one sequence over all kinds of calls, `set_…` makes a permanent one; the rules are those of [`Script`], under the names
/// `Recv`, `Ready`, `Send`, `Flush` and `Close`. What is not scripted at all goes well: nothing more comes, everything can be sent, flushed and closed.
/// A call out of order fails the script, as does one that was not made when the last of its owners goes.
///
/// After a pending call of the sequence the stream wakes its task, which is to ask again. A permanent one that is pending stays so, without a word:
/// a peer that has vanished.
///
/// ```
/// use interceptor_test::StreamScript;
/// use std::task::Poll;
///
/// let script: StreamScript<u32, String> = StreamScript::new();
/// script.add_recv(|| Poll::Ready(Some(Ok(1))));
/// script.add_send(|message| if message > 9 { Err(format!("{message} is too much")) } else { Ok(()) });
/// let stream = script.stream();
/// // … to be read and written by what is under test.
/// # use {futures_core::Stream as _, futures_sink::Sink as _};
/// # let (mut stream, mut cx) = (Box::pin(stream), std::task::Context::from_waker(std::task::Waker::noop()));
/// assert_eq!(stream.as_mut().poll_next(&mut cx), Poll::Ready(Some(Ok(1))));
/// assert_eq!(stream.as_mut().start_send(10), Err("10 is too much".to_owned()));
/// assert!(!script.has_more());
/// ```
pub struct StreamScript<M, E> {
    script: Arc<Script<Scripted<M, E>>>,
}

impl<M, E> StreamScript<M, E> {
    /// An empty script.
    #[must_use]
    pub fn new() -> Self {
        Self { script: Arc::default() }
    }

    /// A stream that plays it.
    pub fn stream(&self) -> ScriptedStream<M, E> {
        ScriptedStream { script: self.clone() }
    }

    /// The next message that comes, the end (`None`), or an error.
    pub fn add_recv(&self, call: impl Fn() -> Poll<Option<Result<M, E>>> + Send + Sync + 'static) {
        self.add("Recv", Call::Recv(Box::new(call)));
    }

    /// What comes whenever somebody asks.
    pub fn set_recv(&self, call: impl Fn() -> Poll<Option<Result<M, E>>> + Send + Sync + 'static) {
        self.set("Recv", Call::Recv(Box::new(call)));
    }

    /// What becomes of the next message that is sent.
    pub fn add_send(&self, call: impl Fn(M) -> Result<(), E> + Send + Sync + 'static) {
        self.add("Send", Call::Send(Box::new(call)));
    }

    /// What becomes of any message that is sent.
    pub fn set_send(&self, call: impl Fn(M) -> Result<(), E> + Send + Sync + 'static) {
        self.set("Send", Call::Send(Box::new(call)));
    }

    /// Whether a message can be sent, the next time that somebody asks.
    pub fn add_ready(&self, call: impl Fn() -> Poll<Result<(), E>> + Send + Sync + 'static) {
        self.add("Ready", Call::Poll(Box::new(call)));
    }

    /// Whether a message can be sent.
    pub fn set_ready(&self, call: impl Fn() -> Poll<Result<(), E>> + Send + Sync + 'static) {
        self.set("Ready", Call::Poll(Box::new(call)));
    }

    /// The next flush.
    pub fn add_flush(&self, call: impl Fn() -> Poll<Result<(), E>> + Send + Sync + 'static) {
        self.add("Flush", Call::Poll(Box::new(call)));
    }

    /// Any flush.
    pub fn set_flush(&self, call: impl Fn() -> Poll<Result<(), E>> + Send + Sync + 'static) {
        self.set("Flush", Call::Poll(Box::new(call)));
    }

    /// The next close.
    pub fn add_close(&self, call: impl Fn() -> Poll<Result<(), E>> + Send + Sync + 'static) {
        self.add("Close", Call::Poll(Box::new(call)));
    }

    /// Any close.
    pub fn set_close(&self, call: impl Fn() -> Poll<Result<(), E>> + Send + Sync + 'static) {
        self.set("Close", Call::Poll(Box::new(call)));
    }

    /// Whether calls of the sequence are left.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.script.has_more()
    }

    fn add(&self, name: &'static str, call: Call<M, E>) {
        self.script.add(name, Arc::new(Scripted { call, permanent: false }));
    }

    fn set(&self, name: &'static str, call: Call<M, E>) {
        self.script.set(name, Arc::new(Scripted { call, permanent: true }));
    }

    /// The call of that name whose turn it is; `None` if the script does not know it.
    fn turn(&self, name: &'static str) -> Option<Arc<Scripted<M, E>>> {
        match self.script.turn(name) {
            Turn::Call(scripted) => Some(scripted),
            Turn::OutOfOrder => self.script.fail(&format!("{name} is out of order")),
            Turn::Unscripted => None,
        }
    }

    fn poll(&self, name: &'static str, cx: &Context<'_>) -> Poll<Result<(), E>> {
        let Some(scripted) = self.turn(name) else { return Poll::Ready(Ok(())) };
        match &scripted.call {
            Call::Poll(call) => scripted.pending(call(), cx),
            Call::Recv(_) | Call::Send(_) => Poll::Ready(Ok(())),
        }
    }
}

impl<M, E> Scripted<M, E> {
    /// Who is pending for one call is asked again.
    fn pending<T>(&self, polled: Poll<T>, cx: &Context<'_>) -> Poll<T> {
        if polled.is_pending() && !self.permanent {
            cx.waker().wake_by_ref();
        }
        polled
    }
}

/// A [`Stream`] and [`Sink`] of messages whose every answer is scripted: see [`StreamScript`].
#[must_use]
pub struct ScriptedStream<M, E> {
    script: StreamScript<M, E>,
}

impl<M, E> Stream for ScriptedStream<M, E> {
    type Item = Result<M, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(scripted) = self.script.turn("Recv") else { return Poll::Ready(None) };
        match &scripted.call {
            Call::Recv(call) => scripted.pending(call(), cx),
            Call::Send(_) | Call::Poll(_) => Poll::Ready(None),
        }
    }
}

impl<M, E> Sink<M> for ScriptedStream<M, E> {
    type Error = E;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        self.script.poll("Ready", cx)
    }

    fn start_send(self: Pin<&mut Self>, message: M) -> Result<(), E> {
        let Some(scripted) = self.script.turn("Send") else { return Ok(()) };
        match &scripted.call {
            Call::Send(call) => call(message),
            Call::Recv(_) | Call::Poll(_) => Ok(()),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        self.script.poll("Flush", cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        self.script.poll("Close", cx)
    }
}

impl<M, E> Clone for StreamScript<M, E> {
    fn clone(&self) -> Self {
        Self { script: Arc::clone(&self.script) }
    }
}

impl<M, E> Default for StreamScript<M, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M, E> fmt::Debug for StreamScript<M, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.script.fmt(f)
    }
}

impl<M, E> fmt::Debug for ScriptedStream<M, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.script.fmt(f)
    }
}
