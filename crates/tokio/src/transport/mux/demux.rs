//! From the socket to the sessions: the mux's task.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::Bytes;
use interceptor_token_bucket::{Rate, TokenBucket};

use super::hub::{Hub, Port};
use crate::counters::add;
use crate::inbox::Wakers;
use crate::shared::now;
use crate::transport::datagrams::Received;
use crate::transport::errors::is_passing;
use crate::transport::latch::Verdict;

/// Datagrams after which sessions get their turn, so that one that is quick loses none to its queue's bound.
const CHUNK: usize = 64;

/// An empty batch keeps room for this many.
const KEEP: usize = 128;

/// Senders woken at a time when the socket takes something again: more would find it full.
const UNBLOCKED: usize = 32;

/// Passing errors in a row, with nothing received in between, that cannot pass.
const MAX_ERRORS: u32 = 100;

/// Names the session that a datagram is for; `None`: none that is there.
pub(super) type Name = Box<dyn FnMut(&Bytes, SocketAddr) -> Option<u64> + Send>;

/// A mux's task.
pub(super) struct Demux {
    hub: Arc<Hub>,
    name: Name,
    /// Questions about addresses that nobody has, and about requests of those that a session has.
    unknown: TokenBucket,
    known: TokenBucket,
    /// Empty between batches: kept for their buffers.
    batch: Vec<Received>,
    wakers: Wakers,
    errors: u32,
}

/// What the callback has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Session(u64),
    Nobody,
    /// There were too many questions.
    NotAsked,
}

impl Demux {
    /// With so many questions a second of either kind.
    pub(super) fn new(hub: Arc<Hub>, name: Name, rate: Rate) -> Self {
        let now = now();
        let (unknown, known) = (TokenBucket::new(rate, now), TokenBucket::new(rate, now));
        Self { hub, name, unknown, known, batch: Vec::new(), wakers: Wakers::new(), errors: 0 }
    }

    /// Until nobody is left, or the socket fails.
    pub(super) async fn run(mut self) {
        let hub = Arc::clone(&self.hub);
        let mut woken = pin!(hub.notify.notified());
        let ended = poll_fn(|cx| {
            while woken.as_mut().poll(cx).is_ready() {
                woken.set(hub.notify.notified());
            }
            self.poll(cx)
        });
        if let Err(error) = ended.await {
            tracing::debug!(%error, "the socket of a mux failed");
            hub.fail(error);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let hub = Arc::clone(&self.hub);
        if hub.stopped.load(Relaxed) {
            return Poll::Ready(Ok(()));
        }
        let mut more = false;
        if hub.has_blocked() && hub.socket.poll_send_ready(cx)?.is_ready() {
            hub.unblock(UNBLOCKED);
            more = hub.has_blocked();
        }
        let mut taken = 0;
        while taken < CHUNK {
            let batch = &mut self.batch;
            let received = hub.socket.poll_recv(cx, |message, copier| {
                let (from, ecn) = (Some(message.from), Some(message.ecn));
                let datagrams = message.datagrams().map(|datagram| copier.copy(datagram));
                batch.extend(datagrams.map(|bytes| Received { from, ecn, ..Received::new(bytes) }));
            });
            match received {
                Poll::Ready(Ok(())) => self.errors = 0,
                Poll::Ready(Err(error)) if is_passing(&error) && self.errors < MAX_ERRORS => {
                    self.errors += 1;
                    add(&hub.counts.receive_errors, 1);
                    tracing::trace!(%error, "receiving failed for now");
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if more => break,
                Poll::Pending => return Poll::Pending,
            }
            taken += self.batch.len();
            self.deliver(&hub);
        }
        // There may be more, but whoever was woken comes first.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Gives a batch to the sessions, and wakes each once.
    fn deliver(&mut self, hub: &Hub) {
        let now = now();
        add(&hub.counts.received, self.batch.len());
        let mut batch = std::mem::take(&mut self.batch);
        let mut table = hub.table.lock();
        for received in batch.drain(..) {
            let Some(from) = received.from else { continue };
            let known = match table.owner(from.into()) {
                Some((_, port)) if !may_move(&received.bytes) => {
                    put(hub, port, received, now, &mut self.wakers);
                    continue;
                }
                owner => owner.is_some(),
            };
            drop(table);
            let named = self.ask(hub, &received.bytes, from, known, now);
            table = hub.table.lock();
            if let Some(port) = hub.settle(&mut table, from, named) {
                put(hub, &port, received, now, &mut self.wakers);
            } else if named == Answer::NotAsked {
                add(&hub.counts.unknown_limited, 1);
            } else {
                add(&hub.counts.unknown, 1);
            }
        }
        drop(table);
        self.wakers.drain(..).for_each(Waker::wake);
        batch.shrink_to(KEEP);
        self.batch = batch;
    }

    fn ask(&mut self, hub: &Hub, bytes: &Bytes, from: SocketAddr, known: bool, now: Instant) -> Answer {
        let questions = if known { &mut self.known } else { &mut self.unknown };
        if questions.take(1, now).is_err() {
            return Answer::NotAsked;
        }
        // Nobody else's datagrams are lost by what one makes the callback do.
        catch_unwind(AssertUnwindSafe(|| (self.name)(bytes, from))).map_or_else(
            |_| {
                add(&hub.counts.callback_panics, 1);
                Answer::Nobody
            },
            |named| named.map_or(Answer::Nobody, Answer::Session),
        )
    }
}

impl Drop for Demux {
    /// The runtime is gone, or the task panicked: sessions must not wait for ever.
    fn drop(&mut self) {
        self.hub.fail(io::ErrorKind::UnexpectedEof.into());
    }
}

/// Does an address that has a session have to ask for it again? By a STUN binding request a peer may come back from its old port
/// for another session; all else goes on.
#[inline]
fn may_move(datagram: &[u8]) -> bool {
    matches!(datagram, [0, 1, ..])
}

/// Puts a datagram into the queue of its session, if it may come in.
#[inline]
fn put(hub: &Hub, port: &Port, mut received: Received, now: Instant, wakers: &mut Wakers) {
    let Some(from) = received.from else { return };
    match port.latch.hear_member(from, &received.bytes, now) {
        Verdict::Taken | Verdict::TakenAfter(..) => {}
        Verdict::Stranger => received.stranger = true,
        Verdict::Rejected | Verdict::Kept(_) => {
            port.rejected.fetch_add(1, Relaxed);
            return add(&hub.counts.rejected, 1);
        }
    }
    let overrun = port.inbox.push(received, wakers);
    if overrun > 0 {
        port.overrun.fetch_add(overrun, Relaxed);
        add(&hub.counts.overrun, overrun);
    }
}
