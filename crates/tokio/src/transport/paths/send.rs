//! The sending half: each datagram by its path.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use super::State;
use crate::transport::{SendQueue, TransportSender, is_passing};

/// Datagrams that wait for a path that takes nothing just now.
const MAX_WAITING: usize = 64;

/// The sending halves of [`Paths`](crate::Paths).
pub struct PathSenders {
    paths: Vec<PathSender>,
    /// Datagrams of the session's queue, from its front, that are with their paths, or will be discarded. Each stays in the session's
    /// queue until *one* of them has left, so that the session knows how many wait.
    taken: usize,
}

pub(super) struct PathSender {
    number: u8,
    sender: Box<dyn TransportSender>,
    queue: SendQueue,
    state: Arc<State>,
    /// It has just been asked, and takes nothing more.
    is_stuck: bool,
}

/// What has become of datagrams.
#[derive(Clone, Copy, Default)]
struct Done {
    sent: usize,
    discarded: usize,
}

impl PathSender {
    pub(super) fn new(number: u8, sender: Box<dyn TransportSender>, state: Arc<State>) -> Self {
        Self { number, sender, queue: SendQueue::new(), state, is_stuck: false }
    }

    /// Sends what it takes.
    fn flush(&mut self, cx: &mut Context<'_>, done: &mut Done) -> Option<io::Error> {
        if self.state.has_failed() {
            self.give_up(done);
            return None;
        }
        let before = self.queue.len();
        if before == 0 {
            return None;
        }
        let result = self.sender.poll_send(cx, &mut self.queue);
        let (discarded, _) = self.queue.take_discarded();
        let sent = before.saturating_sub(self.queue.len() + discarded);
        self.state.sent.fetch_add(sent as u64, Relaxed);
        done.sent += sent;
        done.discarded += discarded;
        match result {
            Poll::Ready(Err(error)) if is_passing(&error) => Some(error),
            Poll::Ready(Err(error)) => {
                tracing::debug!(path = self.number, %error, "a path failed");
                self.state.fail();
                self.give_up(done);
                Some(error)
            }
            _ => None,
        }
    }

    /// Has it room for one more? Asked the transport first, if need be: what that takes at once does not wait.
    fn has_room(&mut self, cx: &mut Context<'_>, done: &mut Done, passing: &mut Option<io::Error>) -> bool {
        if self.queue.len() >= MAX_WAITING && !self.is_stuck {
            let error = self.flush(cx, done);
            self.is_stuck = self.queue.len() >= MAX_WAITING;
            if error.is_some() {
                *passing = error;
            }
        }
        self.queue.len() < MAX_WAITING && !self.state.has_failed()
    }

    /// What waits for a path that has failed is discarded.
    fn give_up(&mut self, done: &mut Done) {
        done.discarded += self.queue.len();
        self.queue = SendQueue::new();
    }
}

impl PathSenders {
    pub(super) const fn new(paths: Vec<PathSender>) -> Self {
        Self { paths, taken: 0 }
    }

    /// Gives each datagram that is new to its path; gives the last error that passes.
    fn distribute(&mut self, cx: &mut Context<'_>, queue: &SendQueue, done: &mut Done) -> Option<io::Error> {
        let mut passing = None;
        for queued in queue.iter().skip(self.taken) {
            self.taken += 1;
            let mut path = self.paths.iter_mut().find(|path| path.number == queued.path);
            match path.take_if(|path| path.has_room(cx, done, &mut passing)) {
                Some(path) => path.queue.push_any(queued),
                None => done.discarded += 1,
            }
        }
        passing
    }
}

impl TransportSender for PathSenders {
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        let mut done = Done::default();
        self.paths.iter_mut().for_each(|path| path.is_stuck = false);
        let mut passing = self.distribute(cx, queue, &mut done);
        for path in &mut self.paths {
            if let Some(error) = path.flush(cx, &mut done) {
                passing = Some(error);
            }
        }
        self.taken = self.taken.saturating_sub(done.sent + done.discarded);
        queue.pop(done.sent);
        (0..done.discarded).for_each(|_| queue.discard());
        if self.paths.iter().all(|path| path.state.has_failed()) {
            return Poll::Ready(Err(passing
                .filter(|error| !is_passing(error))
                .unwrap_or_else(|| io::Error::other("all paths have failed"))));
        }
        match passing {
            // The session goes on with the others: what has failed is traced, and what waited for it counted.
            Some(error) if is_passing(&error) => Poll::Ready(Err(error)),
            _ if queue.is_empty() => Poll::Ready(Ok(())),
            _ => Poll::Pending,
        }
    }

    /// By the other paths.
    fn sends_past_waiting(&self) -> bool {
        true
    }

    /// Path 0 does.
    fn can_send_to(&self) -> bool {
        self.paths.first().is_some_and(|path| path.number == 0 && path.sender.can_send_to())
    }

    /// All of them, the failed ones too.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut closed = Poll::Ready(Ok(()));
        for path in &mut self.paths {
            match path.sender.poll_close(cx) {
                Poll::Pending => closed = Poll::Pending,
                Poll::Ready(Err(error)) if closed.is_ready() && !path.state.has_failed() => {
                    closed = Poll::Ready(Err(error));
                }
                Poll::Ready(_) => {}
            }
        }
        closed
    }
}

impl fmt::Debug for PathSenders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.paths.iter().map(|path| path.number)).finish()
    }
}
