//! How the writer thread waits for work: without making the media path pay for waking it.

use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use super::Message;

/// A thread that waits inside the channel must be woken by the sender, a system call on the media path. So the writer
/// first pauses, and waits inside only after a pause without a packet: media pays for at most one wake-up in this
/// time, and for none when packets flow faster. 1 ms is 100 packets at 100 000 a second, a fraction of the queue.
const PAUSE: Duration = Duration::from_millis(1);

/// Messages between two looks at the clock.
const STRETCH: u32 = 256;

/// The writer thread's end of the queue.
pub(super) struct Intake<'a> {
    receiver: &'a Receiver<Message>,
    /// The last pause brought nothing.
    rested: bool,
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
        Self { receiver, rested: false, stretch: 0 }
    }

    /// The next message, or a reason to look at the clock. Waits until `deadline` at the longest.
    pub(super) fn next(&mut self, deadline: Option<Instant>) -> Next {
        if self.stretch >= STRETCH {
            self.stretch = 0;
            return Next::Look;
        }
        match self.receiver.try_recv() {
            Ok(message) => {
                self.rested = false;
                self.stretch += 1;
                Next::Message(message)
            }
            Err(TryRecvError::Disconnected) => Next::End,
            Err(TryRecvError::Empty) => self.wait(deadline),
        }
    }

    fn wait(&mut self, deadline: Option<Instant>) -> Next {
        self.stretch = 0;
        if !self.rested {
            self.rested = true;
            thread::park_timeout(PAUSE);
            return Next::Look;
        }
        let received = match deadline {
            Some(deadline) => self.receiver.recv_deadline(deadline),
            None => self.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(message) => {
                self.rested = false;
                Next::Message(message)
            }
            Err(RecvTimeoutError::Timeout) => Next::Look,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }
}
