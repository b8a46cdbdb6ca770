//! Interceptors around a stream of messages: limits, pacing, counts and hooks on any Stream or Sink.
//!
//! A connection that carries messages has a peer at its other end, who may send too many, too large or too quickly, stop reading, or vanish. Put
//! [`StreamLimits`] around its stream and it is counted, paced and ended; put [`MessageInterceptor`]s around it and each does its small piece of work on
//! every message: count, change, drop, log, measure.
//!
//! ```
//! use std::convert::Infallible;
//! use futures_util::{StreamExt, stream};
//! use interceptor_stream::{BoxError, Cause, Flow, Intercept, MessageContext, MessageInterceptor, StreamLimits};
//!
//! /// Takes comments out, and trims the rest.
//! struct Clean;
//!
//! impl<E> MessageInterceptor<String, E> for Clean {
//!     fn received(&mut self, line: &mut String, _: &MessageContext) -> Result<Flow, BoxError> {
//!         if line.starts_with('#') {
//!             return Ok(Flow::Consumed);
//!         }
//!         *line = line.trim().to_owned();
//!         Ok(Flow::Forward)
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() {
//!     let peer = ["  one", "# two", "three", "much too long"].map(|line| Ok::<_, Infallible>(line.to_owned()));
//!     let mut lines = Intercept::new(StreamLimits::control().with_max_message_bytes(10))
//!         .unwrap()
//!         .with_size(|line: &String| line.len() as u64)
//!         .with(Clean)
//!         .stream(stream::iter(peer));
//!
//!     assert_eq!(lines.next().await.unwrap().unwrap(), "one");
//!     assert_eq!(lines.next().await.unwrap().unwrap(), "three");
//!     let error = lines.next().await.unwrap().unwrap_err();
//!     assert_eq!(error.to_string(), "a message of 13 bytes received, more than 10");
//!     assert!(lines.next().await.is_none());
//!
//!     let stats = lines.handle().stats();
//!     assert_eq!((stats.received.messages, stats.received.bytes), (2, 10));
//!     assert_eq!((stats.received.consumed_messages, stats.received.refused_messages), (1, 1));
//!     assert!(matches!(stats.ended, Some(Cause::MessageBytes { bytes: 13, .. })));
//! }
//! ```
//!
//! # What is wrapped
//!
//! | you have | use | counts as |
//! |---|---|---|
//! | a `Stream` of `Result<M, E>` from the peer | [`Intercept::stream`] | received |
//! | a `Sink` for `M` to the peer | [`Intercept::sink`] | sent |
//! | both in one | [`Intercept::duplex`] | both |
//! | a `Stream` that others pull what is sent from, such as the answer of a gRPC handler | [`Intercept::sent_stream`] | sent |
//! | two objects that are one stream, perhaps with two types of messages | one of these, then [`Intercepted::counterpart`] | both, with one meter |
//! | a stream whose items are no `Result`, or whose errors are not its end | the same after `map(Ok)`: the items, or results, are the messages | |
//! | frames or bytes, or no runtime | [`Metered`]: the decisions alone, without the feature `tokio` | |
//!
//! # What is called when
//!
//! Interceptors are put together by [`Intercept::with`]: the first one is nearest to the application, the last one to the peer. Two of them are one again,
//! as a pair, a `Vec`, an `Option` or a `Box`; what the compiler knows costs nothing by itself.
//!
//! | what happens | in this order |
//! |---|---|
//! | a message comes | limits and pace · `received`, from the last to the first · counted · `passed`, the same way · to the application |
//! | a message is to be sent | `sent`, from the first to the last · limits and pace, with the size that it has now · to the peer · counted · `passed`, from the last to the first |
//! | a hook says [`Flow::Consumed`] | counted as consumed; no further hook sees it, and the stream goes on |
//! | a hook fails | the message is refused, and the stream ends with [`StreamError::Interceptor`] |
//! | the stream itself fails | `error`, from the last to the first, then `ended`; the application gets what they make of it |
//! | a limit, or [`StreamHandle::cancel`] | the same, in whichever direction sees it first; who waits in the other one is woken, and gets the same error: no end of this kind looks like a clean one |
//! | everything was read, and what was to be sent was closed | `ended` with [`Ending::Finished`] |
//! | the stream is dropped before | `ended` with [`Ending::Dropped`]; what waited is counted as refused |
//!
//! `ended` is called once, on every path; [`Keep`] drops a permit, a buffer or a place in a table at that moment. After any error the stream is over: it is
//! not asked for more. **A stream that was consumed cannot be tried again**; to retry is for whoever opened it, with a new one.
//!
//! # Limits
//!
//! Everything in [`StreamLimits`] is off by default but for [`max_held_bytes`](StreamLimits::max_held_bytes); [`StreamLimits::control`] and
//! [`StreamLimits::bulk`] are values to begin with. Bytes are what the size function says: with none, every message has 0.
//!
//! | option | default | `control` | `bulk` |
//! |---|---|---|---|
//! | `max_messages`, `max_bytes`, each way | none | none | none |
//! | `max_message_bytes` | none | 256 KiB | 4 MiB |
//! | `warn_message_bytes` | none | 64 KiB | 1 MiB |
//! | `max_duration` | none | none | none |
//! | `max_idle` | none | 5 min | 1 min |
//! | `max_held_bytes`, each way | 4 MiB | 1 MiB | 8 MiB |
//! | `received`, `sent`, `both`: a [`Pace`] | no rate | no rate | no rate |
//!
//! A message above its pace waits ([`Excess::Wait`]), is dropped, or ends the stream. One that waits is kept inside, exactly one each way: nothing behind it is
//! read, and the sink takes no further one, so that the flow control of what is wrapped sees a slow reader. It is not lost when the future that waits for
//! it is dropped, and flushing or closing the sink lets it pass. `both` is one bucket that the directions share; who has waited for longer comes first, so
//! that a peer who floods one cannot silence the other. Times are those of tokio's timer: to the millisecond, late rather than early; and limits of time
//! are looked at whenever the stream is polled, so a stream that nobody reads or writes does not end by itself.
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | a message that is too large, one too many, or bytes too many | refused, the stream ends with the cause | `refused_messages` | `refuses_what_is_too_large_or_too_much_and_ends` |
//! | messages too quickly, with [`Excess::Wait`] | they wait; the peer's flow control does the rest | `waited` | `slows_a_flood_down` |
//! | messages too quickly, with [`Excess::Drop`] | dropped; other tasks get their turn after 64 of them | `dropped_messages` | `drops_a_flood_and_lets_others_have_their_turn` |
//! | large messages that would wait | the stream ends when they are more than `max_held_bytes` | `refused_bytes` | `holds_back_no_more_bytes_than_it_may` |
//! | nothing, for ever | the stream ends after `max_idle` | `ended` | `ends_a_peer_that_says_nothing_any_more` |
//! | nothing is read, for ever | the same | `duration` | `ends_a_peer_that_reads_nothing_any_more` |
//! | a large message that is allowed | counted as large | `large_messages` | `counts_large_messages` |
//!
//! # Memory and cost
//!
//! A wrapped stream has one shared allocation and at most one timer each way, made when something first waits; a message allocates nothing. At most one
//! message each way waits inside, of at most `max_held_bytes`. Counts are atomics with one writer each; nothing is locked for a message, unless `both` has
//! a rate. One clock reading a message, tokio's, which stands still in tests with `start_paused`.
//!
//! # Counters
//!
//! [`StreamHandle::stats`] is a [`StreamStats`] at any time, from any thread, also after the end. Each way: messages that came are those that passed, were
//! consumed, dropped or refused; nothing is lost without one of these.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `tokio` | yes | the wrapper and its timers. Without it the crate is [`Metered`] and what belongs to it, and names no runtime |

#[cfg(feature = "tokio")]
mod clock;
#[cfg(feature = "tokio")]
mod compose;
#[cfg(feature = "tokio")]
mod error;
#[cfg(feature = "tokio")]
mod handle;
#[cfg(feature = "tokio")]
mod intercept;
#[cfg(feature = "tokio")]
mod intercepted;
#[cfg(feature = "tokio")]
mod interceptor;
#[cfg(feature = "tokio")]
mod keep;
mod meter;
#[cfg(feature = "tokio")]
mod size;
#[cfg(feature = "tokio")]
mod timer;

#[cfg(feature = "tokio")]
pub use error::{Reason, StreamError};
#[cfg(feature = "tokio")]
pub use handle::StreamHandle;
#[cfg(feature = "tokio")]
pub use intercept::Intercept;
#[cfg(feature = "tokio")]
pub use intercepted::Intercepted;
#[cfg(feature = "tokio")]
pub use interceptor::{BoxError, Ending, Flow, MessageContext, MessageInterceptor};
pub use interceptor_token_bucket::{Rate, RateError};
#[cfg(feature = "tokio")]
pub use keep::Keep;
pub use meter::{
    Cause, Direction, Excess, Lane, LimitsError, Meter, Metered, Pace, StreamLimits, StreamStats, Traffic,
    Verdict,
};
#[cfg(feature = "tokio")]
pub use size::{MessageSize, NoSize};
