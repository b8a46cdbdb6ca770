//! The bounded queue between the media path and the writer thread.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::{Captured, Message, Packet};
use crate::{Overflow, PcapDumpOptions};

/// How long [`Overflow::Block`] waits before it looks again whether bytes have become free.
const WAIT: Duration = Duration::from_micros(200);

/// The media path's end. All slots are made at once: pushing allocates nothing and takes no lock.
pub(crate) struct Queue {
    /// `None` when the writer is to end.
    sender: Option<Sender<Message>>,
    /// RTP and RTCP bytes in the queue.
    held: Arc<AtomicUsize>,
    max_bytes: usize,
    overflow: Overflow,
}

/// Why a packet is not in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    WriterGone,
}

impl Queue {
    pub(crate) fn new(options: &PcapDumpOptions) -> (Self, Receiver<Message>) {
        let (sender, receiver) = bounded(options.queue_packets);
        let held = Arc::new(AtomicUsize::new(0));
        let queue =
            Self { sender: Some(sender), held, max_bytes: options.queue_bytes, overflow: options.overflow };
        (queue, receiver)
    }

    /// The count of bytes that the writer takes off again.
    pub(crate) fn held(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.held)
    }

    /// Puts a packet into the queue; without room it is refused, or waits, as the options say.
    #[inline]
    pub(crate) fn push(&self, captured: Captured) -> Result<(), Refused> {
        let Some(sender) = &self.sender else { return Err(Refused::WriterGone) };
        let bytes = captured.packet.wire_len();
        self.hold(bytes)?;
        let sent = match self.overflow {
            Overflow::Drop => sender.try_send(Message::Packet(captured)).map_err(|error| match error {
                TrySendError::Full(_) => Refused::Full,
                TrySendError::Disconnected(_) => Refused::WriterGone,
            }),
            Overflow::Block => sender.send(Message::Packet(captured)).map_err(|_| Refused::WriterGone),
        };
        if sent.is_err() {
            self.held.fetch_sub(bytes, Ordering::Relaxed);
        }
        sent
    }

    /// Counts `bytes` in. One packet fits always, however large.
    #[inline]
    fn hold(&self, bytes: usize) -> Result<(), Refused> {
        loop {
            let before = self.held.fetch_add(bytes, Ordering::Relaxed);
            if before == 0 || before.saturating_add(bytes) <= self.max_bytes {
                return Ok(());
            }
            self.held.fetch_sub(bytes, Ordering::Relaxed);
            if self.overflow == Overflow::Drop {
                return Err(Refused::Full);
            }
            thread::park_timeout(WAIT);
        }
    }

    /// Puts a message in if there is room at once.
    pub(crate) fn try_send(&self, message: Message) -> bool {
        self.sender.as_ref().is_some_and(|sender| sender.try_send(message).is_ok())
    }

    /// Puts a message in as soon as there is room, for at most `timeout`.
    pub(crate) fn send_within(&self, message: Message, timeout: Duration) -> bool {
        self.sender.as_ref().is_some_and(|sender| sender.send_timeout(message, timeout).is_ok())
    }

    /// Lets the writer end when it has taken what is in the queue.
    pub(crate) fn disconnect(&mut self) {
        self.sender = None;
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("bytes", &self.held).finish_non_exhaustive()
    }
}

impl Packet {
    #[inline]
    pub(crate) fn wire_len(&self) -> usize {
        match self {
            Self::Rtp(packet) => packet.total_len(),
            Self::Rtcp(packet) => packet.len(),
        }
    }
}
