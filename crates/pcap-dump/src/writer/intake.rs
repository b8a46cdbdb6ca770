//! How the writer thread waits for work: without making the media path pay for waking it.

use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, never, select, tick};

use super::Message;

/// A thread that waits inside the channel must be woken by the sender, a system call on the media path. So the writer
/// first pauses, and waits inside only after a pause without a packet: media pays for at most one wake-up in this
/// time, and for none when packets flow faster. 1 ms is 100 packets at 100 000 a second, a fraction of the queue.
const PAUSE: Duration = Duration::from_millis(1);

/// Messages between two looks whether it is time to flush.
const STRETCH: u32 = 256;

/// The writer thread's end of the queue.
pub(super) struct Intake<'a> {
    receiver: &'a Receiver<Message>,
    /// Says in real time, on this thread of its own, when to flush.
    ticker: Receiver<Instant>,
    /// The last pause brought nothing.
    rested: bool,
    stretch: u32,
}

pub(super) enum Next {
    Message(Message),
    /// The flush interval has passed.
    Tick,
    /// The senders are gone and the queue is empty.
    End,
}

impl<'a> Intake<'a> {
    pub(super) fn new(receiver: &'a Receiver<Message>, interval: Duration) -> Self {
        Self { receiver, ticker: tick(interval), rested: false, stretch: 0 }
    }

    /// The next message, or a tick; without `ticking` only a message wakes the thread.
    pub(super) fn next(&mut self, ticking: bool) -> Next {
        loop {
            if self.stretch >= STRETCH {
                self.stretch = 0;
                if self.ticker.try_recv().is_ok() {
                    return Next::Tick;
                }
            }
            match self.receiver.try_recv() {
                Ok(message) => {
                    self.rested = false;
                    self.stretch += 1;
                    return Next::Message(message);
                }
                Err(TryRecvError::Disconnected) => return Next::End,
                Err(TryRecvError::Empty) if self.rested => return self.wait(ticking),
                Err(TryRecvError::Empty) => {
                    self.rested = true;
                    self.stretch = STRETCH;
                    thread::park_timeout(PAUSE);
                }
            }
        }
    }

    fn wait(&mut self, ticking: bool) -> Next {
        let silence = never();
        let ticker = if ticking { &self.ticker } else { &silence };
        select! {
            recv(self.receiver) -> message => match message {
                Ok(message) => {
                    self.rested = false;
                    Next::Message(message)
                }
                Err(_) => Next::End,
            },
            recv(ticker) -> _ => Next::Tick,
        }
    }
}
