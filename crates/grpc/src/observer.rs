//! Who watches calls, and what is kept for a call as long as it runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use interceptor_stream::{Direction, StreamStats};
use tonic::Code;

use crate::{CallHandle, CallInfo};

/// A message that has passed, its last byte too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Which way it went.
    pub direction: Direction,
    /// Its length on the wire, without the prefix of five bytes: compressed, if it was.
    pub bytes: u64,
    /// How long it was held back by a [`Pace`](crate::Pace).
    pub waited: Duration,
    /// More than [`warn_message_bytes`](crate::StreamLimits::warn_message_bytes).
    pub large: bool,
}

/// Watches calls: metrics, logs, and resources that a call has as long as it runs.
///
/// What [`started`](Self::started) gives is the call's own: counters that are looked up once and not for each message, or a resource that is
/// given back when it is dropped, which happens when the call is over, on every path.
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicUsize, Ordering}};
/// use interceptor_grpc::{CallHandle, CallInfo, Code, Observer, StreamStats};
///
/// /// Counts the calls that run.
/// #[derive(Clone, Default)]
/// struct Running(Arc<AtomicUsize>);
///
/// struct One(Arc<AtomicUsize>);
///
/// impl Drop for One {
///     fn drop(&mut self) {
///         self.0.fetch_sub(1, Ordering::Relaxed);
///     }
/// }
///
/// impl Observer for Running {
///     type PerCall = One;
///
///     fn started(&self, _: &CallInfo, _: &CallHandle) -> One {
///         self.0.fetch_add(1, Ordering::Relaxed);
///         One(self.0.clone())
///     }
///
///     fn handled(&self, _: &One, info: &CallInfo, stats: &StreamStats, code: Code) {
///         println!("{} ended with {code:?} after {} messages", info.method(), stats.messages());
///     }
/// }
/// ```
pub trait Observer: Send + Sync + 'static {
    /// What is kept for a call; `()` if nothing is.
    type PerCall: Send + Sync + 'static;

    /// A call begins, also one that is refused at once.
    fn started(&self, info: &CallInfo, call: &CallHandle) -> Self::PerCall;

    /// A message has passed. Each direction has its order; both may call at the same time.
    fn message(&self, _call: &Self::PerCall, _info: &CallInfo, _message: &Message) {}

    /// The call is over: once for each that was started, whichever way it ended. Without a status of the server, or of a limit, the code is
    /// [`Code::Cancelled`], or [`Code::Unknown`] if the handler has panicked. A panic in here stops in here: the others are told as well.
    fn handled(&self, _call: &Self::PerCall, _info: &CallInfo, _stats: &StreamStats, _code: Code) {}
}

impl<O: Observer> Observer for Arc<O> {
    type PerCall = O::PerCall;

    fn started(&self, info: &CallInfo, call: &CallHandle) -> Self::PerCall {
        (**self).started(info, call)
    }

    fn message(&self, call: &Self::PerCall, info: &CallInfo, message: &Message) {
        (**self).message(call, info, message);
    }

    fn handled(&self, call: &Self::PerCall, info: &CallInfo, stats: &StreamStats, code: Code) {
        (**self).handled(call, info, stats, code);
    }
}

/// An observer of any type.
pub(crate) trait Watcher: Send + Sync {
    fn start(&self, info: &CallInfo, call: &CallHandle) -> Box<dyn Watch>;
}

/// An observer of any type, with what it keeps for a call.
pub(crate) trait Watch: Send + Sync {
    fn message(&self, info: &CallInfo, message: &Message);
    fn handled(&self, info: &CallInfo, stats: &StreamStats, code: Code);
}

impl fmt::Debug for dyn Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// Makes a [`Watcher`] of an [`Observer`].
pub(crate) struct Erased<O>(pub(crate) Arc<O>);

struct Watching<O: Observer> {
    observer: Arc<O>,
    call: O::PerCall,
}

impl<O: Observer> Watcher for Erased<O> {
    fn start(&self, info: &CallInfo, call: &CallHandle) -> Box<dyn Watch> {
        Box::new(Watching { call: self.0.started(info, call), observer: Arc::clone(&self.0) })
    }
}

impl<O: Observer> Watch for Watching<O> {
    fn message(&self, info: &CallInfo, message: &Message) {
        self.observer.message(&self.call, info, message);
    }

    fn handled(&self, info: &CallInfo, stats: &StreamStats, code: Code) {
        self.observer.handled(&self.call, info, stats, code);
    }
}
