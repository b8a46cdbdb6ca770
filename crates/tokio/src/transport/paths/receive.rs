//! The receiving half: each path in its turn.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use super::State;
use crate::transport::{Datagrams, TransportReceiver, is_passing};

/// Passing errors of one path in a row, with nothing sent or received over it in between, that cannot pass. Fewer than a session takes, so
/// that one path does not end it.
const MAX_ERRORS: u32 = 10;

/// The receiving halves of [`Paths`](crate::Paths).
pub struct PathReceivers {
    paths: Vec<PathReceiver>,
    /// The one whose turn it is.
    turn: usize,
}

pub(super) struct PathReceiver {
    number: u8,
    receiver: Box<dyn TransportReceiver>,
    state: Arc<State>,
    errors: u32,
    /// Datagrams that had been sent when the last error came.
    sent: u64,
}

impl PathReceiver {
    pub(super) fn new(number: u8, receiver: Box<dyn TransportReceiver>, state: Arc<State>) -> Self {
        Self { number, receiver, state, errors: 0, sent: 0 }
    }

    /// `Ready(Err)`: an error that passes. `Pending` after one that does not, since nothing comes any more.
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        let Poll::Ready(result) = self.receiver.poll_recv(cx, datagrams) else { return Poll::Pending };
        match result {
            Ok(()) => self.errors = 0,
            Err(error) if is_passing(&error) && self.may_pass() => return Poll::Ready(Err(error)),
            Err(error) => {
                tracing::debug!(path = self.number, %error, "a path failed");
                self.state.fail();
                if datagrams.is_empty() {
                    return Poll::Ready(Err(error));
                }
            }
        }
        datagrams.set_path(self.number);
        Poll::Ready(Ok(()))
    }

    /// Counts a passing error; `false`: there have been too many for nothing.
    fn may_pass(&mut self) -> bool {
        let sent = self.state.sent.load(Relaxed);
        if sent != std::mem::replace(&mut self.sent, sent) {
            self.errors = 0;
        }
        self.errors += 1;
        self.errors <= MAX_ERRORS
    }
}

impl PathReceivers {
    pub(super) const fn new(paths: Vec<PathReceiver>) -> Self {
        Self { paths, turn: 0 }
    }
}

impl TransportReceiver for PathReceivers {
    /// One path at a time, so that all that is in `datagrams` came over it; another one next time, so that each has its turn.
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        let mut failure = None;
        for _ in 0..self.paths.len() {
            let at = self.turn % self.paths.len();
            self.turn = at + 1;
            let Some(path) = self.paths.get_mut(at).filter(|path| !path.state.has_failed()) else { continue };
            match path.poll_recv(cx, datagrams) {
                Poll::Ready(Err(error)) if path.state.has_failed() => failure = Some(error),
                Poll::Ready(result) => return Poll::Ready(result),
                Poll::Pending => {}
            }
        }
        if self.paths.iter().any(|path| !path.state.has_failed()) {
            return Poll::Pending;
        }
        // The last one's own error, unless it was its sender that failed.
        Poll::Ready(Err(failure.unwrap_or_else(|| io::Error::other("all paths have failed"))))
    }
}

impl fmt::Debug for PathReceivers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.paths.iter().map(|path| path.number)).finish()
    }
}
