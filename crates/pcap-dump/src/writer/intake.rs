//! How the writer thread waits for work: without making the media path pay for waking it.

use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use super::Message;

/// A pause while packets flow. A thread that waits inside the channel must be woken by the sender, a system call a
/// packet; one that pauses is not. 1 ms is 100 packets at 100 000 a second, a fraction of the queue.
const PAUSE: Duration = Duration::from_millis(1);

/// Pauses without a packet before waiting inside the channel, where an idle thread costs nothing.
const PATIENCE: u32 = 100;

/// Messages between two looks at the clock.
const STRETCH: u32 = 256;

/// The writer thread's end of the queue.
pub(super) struct Intake<'a> {
    receiver: &'a Receiver<Message>,
    quiet: u32,
    stretch: u32,
}

pub(super) enum Next {
    Message(Message),
    /// Nothing came, or much did: see whether a deadline has passed.
    Look,
    /// The senders are gone and the queue is empty.
    End,
}

impl<'a> Intake<'a> {
    pub(super) const fn new(receiver: &'a Receiver<Message>) -> Self {
        Self { receiver, quiet: 0, stretch: 0 }
    }

    /// The next message, or a reason to look at the clock. Waits until `deadline` at the longest.
    pub(super) fn next(&mut self, deadline: Option<Instant>) -> Next {
        if self.stretch >= STRETCH {
            self.stretch = 0;
            return Next::Look;
        }
        match self.receiver.try_recv() {
            Ok(message) => {
                self.quiet = 0;
                self.stretch += 1;
                Next::Message(message)
            }
            Err(TryRecvError::Disconnected) => Next::End,
            Err(TryRecvError::Empty) => self.wait(deadline),
        }
    }

    fn wait(&mut self, deadline: Option<Instant>) -> Next {
        self.stretch = 0;
        if self.quiet < PATIENCE {
            self.quiet += 1;
            thread::park_timeout(PAUSE);
            return Next::Look;
        }
        let received = match deadline {
            Some(deadline) => self.receiver.recv_deadline(deadline),
            None => self.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(message) => {
                self.quiet = 0;
                Next::Message(message)
            }
            Err(RecvTimeoutError::Timeout) => Next::Look,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }
}
