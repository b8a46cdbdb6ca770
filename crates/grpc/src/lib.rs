//! A tower layer for gRPC that counts, limits, paces, watches and ends running streams.
//!
//! A stream of gRPC may run for days, and a server's usual means see only its beginning: tonic's and tower's timeouts and concurrency limits end when
//! the head of the response is there, rate limits count requests, interceptors see metadata. This layer stands around the bodies, for every service
//! built on `http` (tonic, axum, connectrpc), server and client alike: it finds the messages in the frames, counts them, holds them back when they come
//! too quickly, and ends a call that does more than it may, with a status that the other end gets.
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use interceptor_grpc::{StreamLayer, StreamLimits};
//! use tower::{Service, ServiceBuilder, service_fn};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let layer = StreamLayer::new(StreamLimits::control().with_max_messages(2))?;
//!     let calls = layer.calls().clone();
//!
//!     // With tonic: `Server::builder().layer(layer).add_service(…)`. Here a handler that answers three messages of one byte, as they are on the wire:
//!     // a flag, the length, the byte.
//!     let messages = Bytes::from_static(b"\0\0\0\0\x01a\0\0\0\0\x01b\0\0\0\0\x01c");
//!     let mut service = ServiceBuilder::new().layer(layer).service(service_fn(move |_: Request<_>| {
//!         let answer = Response::new(Full::new(messages.clone()));
//!         async move { Ok::<_, Infallible>(answer) }
//!     }));
//!
//!     let request = Request::builder().uri("/test.Count/Up").body(Full::new(Bytes::new()))?;
//!     let response = service.call(request).await?;
//!
//!     let [call] = &calls.snapshot()[..] else { panic!("one call runs") };
//!     let body = response.into_body().collect().await?;
//!     let trailers = body.trailers().cloned().unwrap_or_default();
//!     assert_eq!(trailers["grpc-status"], "8"); // RESOURCE_EXHAUSTED
//!     assert_eq!(trailers["grpc-message"], "more%20than%202%20messages%20sent");
//!     assert_eq!(body.to_bytes().len(), 12, "two messages came");
//!
//!     let stats = call.stats();
//!     assert_eq!((stats.sent.messages, stats.sent.refused_messages), (2, 1));
//!     assert!(calls.is_empty());
//!     Ok(())
//! }
//! ```
//!
//! # How a call ends
//!
//! | what happens | the client gets | counted as | the handler |
//! |---|---|---|---|
//! | it ends by itself, or its handler fails | what the handler sent | that code | |
//! | messages, bytes or the size of a message, received | RESOURCE_EXHAUSTED | the same | its next message is that error; its answer is cut off even if it ignores that |
//! | the same, sent | what was allowed, then RESOURCE_EXHAUSTED | the same | its stream is dropped |
//! | `max_duration`, `max_idle` | DEADLINE_EXCEEDED | the same | dropped |
//! | `max_held_bytes`, a pace's `max_wait` | RESOURCE_EXHAUSTED | the same | dropped, or its next message is that error |
//! | too quickly, [`Excess::Wait`] | nothing: it is slowed down, as HTTP/2's window stays closed | | it waits for the message, or for its own |
//! | too quickly, [`Excess::Fail`]; a message larger than the rate's burst | RESOURCE_EXHAUSTED | the same | as for the limits above |
//! | too quickly, [`Excess::Drop`] | nothing: the message is cut out | | |
//! | the policy says no | its status | that code | never runs |
//! | too many streams, of the peer or of all | RESOURCE_EXHAUSTED | the same | never runs |
//! | [`CallHandle::cancel`] | that status | that code | dropped, or that error (ABORTED for CANCELLED) |
//! | the client resets the stream, a connection breaks, the server is dropped | | CANCELLED | dropped |
//! | the response has ended, and somebody still reads the request | | | its next message is ABORTED |
//!
//! The first cause stays, and it is enforced in three places, since each alone has a way around it: the handler's future, the request's body, the
//! response's body. What was allowed before it goes out, whole; of a message that was refused not a byte. A request never fails with CANCELLED: tonic takes
//! that for its clean end.
//!
//! # Messages
//!
//! Frames of HTTP/2 know no messages: one may hold a hundred, or a byte of one. The layer reads the five bytes before each message, and passes frames on as
//! they are, or in two pieces, without copying; where they are cut makes no difference to what is counted or when it goes. A message counts when its last
//! byte has passed. Its bytes are its length as on the wire, compressed if it is, without the prefix. A unary call is one message each way.
//!
//! # Limits
//!
//! [`StreamLayer::new`] has those of all calls, [`StreamLayer::with_method`] those of a method, and [`StreamLayer::with_policy`] decides for each call by its
//! head: metadata, peer, what other layers have found out. All of it is checked before the handler runs.
//!
//! | limit | default | |
//! |---|---|---|
//! | [`StreamLimits`]: messages, bytes, sizes, times, rates | none, but 4 MiB held back each way | presets: [`StreamLimits::control`], [`StreamLimits::bulk`] |
//! | [`StreamLayer::with_streams_per_peer`] | none | by address, or by [`StreamLayer::with_key`] |
//! | [`StreamLayer::with_max_streams`] | none | all peers together |
//!
//! **Behind a proxy all peers have its address.** Give [`StreamLayer::with_key`] what your authentication has found out, or the header in which a proxy
//! *that you run* writes the address; not a header that a client could write. Peers that have neither key nor address are counted as one. A host has a
//! whole /64 of IPv6, so that is what counts as one.
//!
//! **Have `max_idle`.** A client that vanishes without a word, or drops a response while its own messages go on, tells nobody; its call runs until something
//! notices. Both presets have it. Waiting in a pace is not idle, and any byte of a message is a sign of life: who sends one now and then is for `max_duration`.
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | a length of 4 GiB, and nothing after it | nothing is set aside for it; `max_message_bytes` refuses it at once, `max_idle` ends it | `refused_messages` | `a_message_that_is_never_sent_is_idle` |
//! | frames cut anywhere, a byte each | the same as in one piece | `messages` | `split_frames_pace_exactly` |
//! | a message that is cut off by the end | passed on as it is, for its reader to find | `refused_messages` | `a_torn_message_stays_torn` |
//! | a flood | it waits, in one frame, and HTTP/2 holds back the rest | `messages` | `who_sends_too_much_has_to_wait` |
//! | streams opened by the hundred | refused from `max_streams` on, by peer and in all; the tables hold what runs | `len` | `streams_by_the_hundred_are_refused` |
//! | a client that reads nothing | its window is closed, and no status can reach it: the call ends when it reads, or with its connection | `sent` | `a_client_that_reads_nothing_is_told_when_it_reads` |
//!
//! A path that nobody serves is a call like all others, and `unknown` to `Metrics`. Against a client that reads nothing the transport has means: `max_connection_age` and keepalive of tonic's server. Its place among its peer's streams stays taken.
//!
//! # Who watches
//!
//! An [`Observer`] is told of the beginning, of each message, and of the end, once for each call on whichever path. What it keeps for a call is dropped
//! when the call is over: counters that were looked up once, a permit, a buffer of a pool. A handler finds its [`CallHandle`] in the extensions of its
//! request; [`Calls`] is the list of those that run. A watcher of memory or load needs no ticker for each call: it cancels by the handle when it is time.
//!
//! # Health, and the end of a server
//!
//! Health checks are calls as well: give `/grpc.health.v1.Health/Watch` limits of its own by `with_method`, without `max_idle`, or its watchers are ended as
//! idle. To go, tell the health service, stop accepting, then [`Calls::cancel_all`] with UNAVAILABLE, which well-behaved clients take for "elsewhere".
//!
//! # A client
//!
//! [`StreamLayer::client`] is the same around a `tonic::transport::Channel`: `ServiceBuilder::new().layer(layer).service(channel)`. What it sends is sent,
//! what it gets received. A call that it ends, or whose response is dropped, is reset with CANCEL, so that the server hears of it even while the client's own
//! messages go on. To try again is for whoever called: messages that have been sent do not come back.
//!
//! # Memory, timers, cost
//!
//! A call has two shared allocations, one timer at most for its times and one each way once it waits. A message allocates nothing, but for the five bytes of a
//! prefix that came in pieces; what waits is the rest of one frame each way. One clock reading a frame, tokio's, and none without rates and times. Tables hold
//! what runs and nothing else. Times are those of tokio's timer: to the millisecond, late rather than early.
//!
//! # What it is not
//!
//! - **go-grpc-middleware**'s rate limit asks once, when a stream begins; here each message counts, since a stream is where the load is. Its interceptors
//!   wrap `SendMsg` and `RecvMsg`; messages as types are `interceptor-stream`'s, around what a handler reads and answers.
//! - **tonic**'s `timeout` and `concurrency_limit_per_connection`, **tower**'s layers of these names, end at the head of the response. `max_concurrent_streams`
//!   makes clients queue without a word; the limits here answer. Use both.
//! - No authentication, no retries, no limit of requests a second: layers for these exist, and go around this one. grpc-web goes outside of it as well
//!   (`GrpcWebLayer` first), since its frames are others.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `server` | yes | the peer's address from tonic's `TcpConnectInfo`; a wrapped service keeps its name |
//! | `client` | yes | the reset of a client's streams with CANCEL |
//! | `prometheus` | no | `Metrics`: an observer with the names and labels of go-grpc-prometheus; unknown methods are `unknown` |
//! | `tracing` | no | `StreamLayer::with_tracing`: a span `grpc.call` around each call, an event at its end, a warning at the first large message |

mod body;
mod call;
pub mod frames;
mod future;
mod layer;
mod observer;
mod peers;
mod policy;
#[cfg(feature = "prometheus")]
mod prometheus;
mod service;
mod settings;
mod span;
mod status;
mod timer;

pub use body::{RequestBody, ResponseBody};
pub use call::{CallHandle, CallHead, CallInfo, Calls, MethodKind};
pub use future::CallFuture;
pub use interceptor_stream::{
    Cause, Direction, Excess, LimitsError, Pace, Rate, RateError, StreamLimits, StreamStats, Traffic,
};
pub use layer::{ClientStreamLayer, StreamLayer};
pub use observer::{Message, Observer};
pub use peers::PeerKey;
pub use policy::{CallLimits, CallPolicy};
#[cfg(feature = "prometheus")]
pub use prometheus::{Counting, Metrics};
pub use service::{ClientStreamService, StreamService};
/// The codes of statuses, from tonic.
pub use tonic::{Code, Status};
