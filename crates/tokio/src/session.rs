//! The handle of a session.

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use interceptor_core::{Chain, Fact, KeyframeNeeded, Layout, StreamInfo};
use tokio::task::JoinHandle;

use crate::accept::IncomingStream;
use crate::cork::Cork;
use crate::counters::SessionCounters;
use crate::error::{BindError, SessionError};
use crate::local_stream::LocalStream;
use crate::raw::RawReceiver;
use crate::reader::{Events, RtcpReceiver};
use crate::remote_stream::RemoteStream;
use crate::rtcp_sender::RtcpSender;
use crate::shared::Shared;

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
        LocalStream::bind(self.shared(), info)
    }

    /// Starts a stream that the peer sends. Packets of it that came already and were kept for
    /// [`accept`](Self::accept) are the first to be read.
    ///
    /// # Errors
    /// As [`bind_local_stream`](Self::bind_local_stream).
    pub fn bind_remote_stream(&self, info: StreamInfo) -> Result<RemoteStream, BindError> {
        RemoteStream::bind(self.shared(), info)
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

    /// Holds back what is written until it is dropped: packets of several streams leave together then, those of one length in
    /// one system call where the transport can. Also what interceptors send is held back, so never hold it across an await. What is
    /// written beyond the [`send_queue`](crate::SessionOptions::send_queue) finds no room meanwhile.
    pub fn cork(&self) -> Cork<'_> {
        Cork::new(self.shared())
    }

    /// Sends and reads RTCP. Reading is optional: interceptors see every compound in any case. The first reader also
    /// gets what came before it was made.
    #[must_use]
    pub fn rtcp(&self) -> (RtcpSender, RtcpReceiver) {
        let receiver = RtcpReceiver::new(Arc::clone(self.shared()), |exits| &exits.rtcp);
        (RtcpSender::new(Arc::clone(self.shared())), receiver)
    }

    /// What interceptors find out and raise. The first reader also gets what came before it was made.
    #[must_use]
    pub fn events(&self) -> Events {
        Events::new(Arc::clone(self.shared()), |exits| &exits.events)
    }

    /// Datagrams that are neither RTP nor RTCP. The first reader also gets what came before it was made.
    #[must_use]
    pub fn raw(&self) -> RawReceiver {
        RawReceiver::new(self.shared())
    }

    /// Sends a datagram of another protocol (STUN, DTLS) past the chain, in order with its packets. Waits while the
    /// transport is behind.
    ///
    /// Cancel-safe: until the future is ready nothing has happened to the datagram.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn send_raw(&self, datagram: Bytes) -> Result<(), SessionError> {
        let mut writer = self.shared().writer();
        writer.room().await?.write_raw(&datagram, None);
        Ok(())
    }

    /// [`send_raw`](Self::send_raw), to this address and not to the peer, whom there need not be yet: an answer to STUN goes where
    /// the request [came from](crate::RawDatagram::from).
    ///
    /// Cancel-safe: until the future is ready nothing has happened to the datagram.
    ///
    /// # Errors
    /// [`SessionError::OnlyToPeer`], or the session has ended.
    pub async fn send_raw_to(&self, datagram: Bytes, to: SocketAddr) -> Result<(), SessionError> {
        if !self.shared().can_send_to {
            return Err(SessionError::OnlyToPeer);
        }
        let mut writer = self.shared().writer();
        writer.room().await?.write_raw(&datagram, Some(to));
        Ok(())
    }

    /// Runs `run` on the chain, at the given instant: to insert or remove interceptors, read one's state, ask for
    /// streams. Packets that the chain puts out meanwhile are sent and delivered afterwards.
    ///
    /// A stream that `run` unbinds has ended for its handle: a [`RemoteStream`] gives what is queued, then
    /// [`SessionError::Unbound`]; its SSRC may be bound anew, and dropping the old handle does not touch that. A stream that
    /// `run` unbinds and binds again goes on under its handle.
    ///
    /// No packet passes while `run` runs: be quick, do not wait, and do not use (or drop) anything of this session
    /// in it, which would wait for itself for ever.
    pub fn with_chain<R>(&self, run: impl FnOnce(&mut Chain, Instant) -> R) -> R {
        let mut entered = self.shared().enter();
        let now = entered.now;
        // Caught so that what the chain has put out until then goes on its way before anything later.
        let result = catch_unwind(AssertUnwindSafe(|| run(&mut entered.state.chain, now)));
        entered.let_go();
        drop(entered);
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Tells the chain's interceptors what the application has found out; those whose business it is act on it, and what they
    /// send leaves at once.
    pub fn publish(&self, fact: impl Into<Fact>) {
        let mut entered = self.shared().enter();
        let now = entered.now;
        entered.state.chain.publish(fact, now);
    }

    /// Asks the peer for a key frame of a remote stream, named by its media SSRC: the decoder cannot go on without one.
    pub fn request_keyframe(&self, ssrc: u32) {
        self.publish(KeyframeNeeded { ssrc });
    }

    /// The chain's interceptors from the wire up, as a table to print.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.shared().state.lock().chain.layout()
    }

    /// What has been counted so far.
    #[must_use]
    pub fn counters(&self) -> SessionCounters {
        let (shared, exits) = (self.shared(), &self.shared().exits);
        // Under the lock that all hold who move packets: what has left one place has come to the next.
        let state = shared.state.lock();
        exits.counts.snapshot(state.chain.counters().clone(), (state.waiting(), exits.outbox.queued()))
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
    /// [`close_timeout`](crate::SessionOptions::close_timeout), and no time once the transport has failed: what is queued
    /// then is counted in [`unsent_at_close`](crate::SessionCounters::unsent_at_close).
    ///
    /// Idempotent, and cancel-safe: once called, the session closes even if the future is dropped.
    ///
    /// # Errors
    /// The transport failed, before or while closing; the session's task panicked; or interceptors failed to close. The
    /// session is closed all the same, and every call returns the same.
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
