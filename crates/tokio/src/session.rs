//! The handle of a session.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use interceptor_core::{Chain, Layout, Registry, StreamInfo};
use tokio::task::JoinHandle;

use crate::accept::IncomingStream;
use crate::builder::SessionBuilder;
use crate::counters::SessionCounters;
use crate::error::{BindError, SessionError};
use crate::local_stream::LocalStream;
use crate::remote_stream::RemoteStream;
use crate::rtcp::{Events, RawReceiver, RtcpReceiver, RtcpSender};
use crate::shared::Shared;
use crate::state::State;

/// One connection: a chain of interceptors over a transport, driven by a task of its own.
///
/// Cheap to clone. The session lives until [`close`](Self::close) is called, its transport fails, or the last `Session`
/// is dropped; streams and readers do not keep it alive, so that no forgotten reading task can.
#[derive(Clone)]
pub struct Session {
    handle: Arc<Handle>,
}

/// What all clones of a session share; ends it when it goes.
struct Handle {
    shared: Arc<Shared>,
    /// Locked while joining: whoever calls `close` waits for the task to be gone.
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.end(SessionError::Closed);
    }
}

impl Session {
    /// Starts to build a session with the interceptors of `registry`; `id` names it in logs, statistics and captures.
    pub fn builder(registry: &Registry, id: impl Into<Arc<str>>) -> SessionBuilder<'_> {
        SessionBuilder::new(registry, id.into())
    }

    pub(crate) fn new(shared: Arc<Shared>, task: JoinHandle<()>) -> Self {
        Self { handle: Arc::new(Handle { shared, task: tokio::sync::Mutex::new(Some(task)) }) }
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
    }

    /// What the session was called when it was built.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        &self.shared().id
    }

    /// Starts a stream that this end sends.
    ///
    /// # Errors
    /// The chain refuses it (SSRC in use, too many streams, an interceptor's veto), or the session has ended.
    pub fn bind_local_stream(&self, info: StreamInfo) -> Result<LocalStream, BindError> {
        let shared = self.shared();
        if let Some(error) = shared.ended() {
            return Err(error.clone().into());
        }
        shared.enter(|state, now, _| state.chain.bind_local(info.clone(), now))?;
        Ok(LocalStream::new(Arc::clone(shared), Arc::new(info)))
    }

    /// Starts a stream that the peer sends. Packets of it that came already and were kept for
    /// [`accept`](Self::accept) are the first to be read.
    ///
    /// # Errors
    /// As [`bind_local_stream`](Self::bind_local_stream).
    pub fn bind_remote_stream(&self, info: StreamInfo) -> Result<RemoteStream, BindError> {
        self.shared().bind_remote(info)
    }

    /// The next SSRC that comes in and belongs to no stream.
    ///
    /// Cancel-safe: nothing is taken out until the future is ready.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn accept(&self) -> Result<IncomingStream, SessionError> {
        self.shared().accept().await
    }

    /// Sends and reads RTCP. Reading is optional: interceptors see every compound in any case. The first reader also
    /// gets what came before it was made.
    #[must_use]
    pub fn rtcp(&self) -> (RtcpSender, RtcpReceiver) {
        (RtcpSender::new(Arc::clone(self.shared())), RtcpReceiver::new(Arc::clone(self.shared())))
    }

    /// What interceptors find out and raise. The first reader also gets what came before it was made.
    #[must_use]
    pub fn events(&self) -> Events {
        Events::new(Arc::clone(self.shared()))
    }

    /// Datagrams that are neither RTP nor RTCP. The first reader also gets what came before it was made.
    #[must_use]
    pub fn raw(&self) -> RawReceiver {
        RawReceiver::new(Arc::clone(self.shared()))
    }

    /// Sends a datagram of another protocol (STUN, DTLS) past the chain, in order with its packets. Waits while the
    /// transport is behind.
    ///
    /// Cancel-safe: until the future is ready nothing has happened to the datagram.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn send_raw(&self, datagram: Bytes) -> Result<(), SessionError> {
        self.shared().write_raw(&datagram).await
    }

    /// Runs `run` on the chain, at the given instant: to insert or remove interceptors, read one's state, ask for
    /// streams. Packets that the chain puts out meanwhile are sent and delivered afterwards.
    ///
    /// No packet passes while `run` runs: be quick, do not wait, and do not use (or drop) anything of this session
    /// in it, which would wait for itself for ever.
    pub fn with_chain<R>(&self, run: impl FnOnce(&mut Chain, Instant) -> R) -> R {
        // Caught so that what the chain has put out until then goes on its way before anything later.
        let run = |state: &mut State, now| catch_unwind(AssertUnwindSafe(|| run(&mut state.chain, now)));
        self.shared().enter(|state, now, _| run(state, now)).unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// The chain's interceptors from the wire up, as a table to print.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.shared().state.lock().chain.layout()
    }

    /// What has been counted so far.
    #[must_use]
    pub fn counters(&self) -> SessionCounters {
        let chain = self.shared().state.lock().chain.counters().clone();
        self.shared().counts.snapshot(chain)
    }

    /// The SSRC that this end's feedback carries.
    #[must_use]
    pub fn sender_ssrc(&self) -> u32 {
        self.shared().state.lock().chain.config().sender_ssrc
    }

    /// Why the session takes nothing any more; `None` while it does.
    #[must_use]
    pub fn ended(&self) -> Option<SessionError> {
        self.shared().ended().cloned()
    }

    /// Waits until the session has ended, for whatever reason, and its task and transport are gone.
    ///
    /// Cancel-safe.
    ///
    /// # Errors
    /// As [`close`](Self::close).
    pub async fn closed(&self) -> Result<(), SessionError> {
        let mut task = self.handle.task.lock().await;
        if let Some(running) = task.as_mut() {
            // A panic of the task shows as `SessionError::TaskEnded`.
            let _ = running.await;
            *task = None;
        }
        self.shared().close_result()
    }

    /// Closes the session: interceptors send their last (a BYE), what is queued leaves, the transport is closed, and the
    /// task is gone when this returns. From the first call on nothing more is taken; readers get what is queued for
    /// them, then [`SessionError::Closed`]. Takes at most twice
    /// [`close_timeout`](crate::SessionOptions::close_timeout).
    ///
    /// Idempotent, and cancel-safe: once called, the session closes even if the future is dropped.
    ///
    /// # Errors
    /// The transport had failed before, or interceptors failed to close. The session is closed all the same, and every
    /// call returns the same.
    pub async fn close(&self) -> Result<(), SessionError> {
        self.shared().end(SessionError::Closed);
        self.closed().await
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", self.id())
            .field("ended", &self.shared().ended())
            .finish_non_exhaustive()
    }
}
