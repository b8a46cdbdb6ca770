//! The bounded queue between the media path and the writer thread.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
    level: Arc<Level>,
    max_bytes: usize,
    overflow: Overflow,
}

/// How full the queue is, as both ends know it.
#[derive(Debug, Default)]
struct Level {
    /// RTP and RTCP bytes in the queue.
    bytes: AtomicUsize,
    /// The writer has ended: nobody takes bytes off any more.
    gone: AtomicBool,
}

impl Level {
    fn take_off(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Held by the writer thread; tells when that has ended, however it has.
pub(super) struct Working(Arc<Level>);

impl Working {
    pub(super) fn take_off(&self, bytes: usize) {
        self.0.take_off(bytes);
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.gone.store(true, Ordering::Relaxed);
    }
}

/// Why a packet is not in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    WriterGone,
}

impl Queue {
    /// The queue, and the writer's end of it.
    pub(super) fn new(options: &PcapDumpOptions) -> (Self, Receiver<Message>, Working) {
        let (sender, receiver) = bounded(options.queue_packets);
        let level = Arc::<Level>::default();
        let working = Working(Arc::clone(&level));
        let queue =
            Self { sender: Some(sender), level, max_bytes: options.queue_bytes, overflow: options.overflow };
        (queue, receiver, working)
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
            self.level.take_off(bytes);
        }
        sent
    }

    /// Counts `bytes` in. One packet fits always, however large.
    #[inline]
    fn hold(&self, bytes: usize) -> Result<(), Refused> {
        loop {
            let before = self.level.bytes.fetch_add(bytes, Ordering::Relaxed);
            if before == 0 || before.saturating_add(bytes) <= self.max_bytes {
                return Ok(());
            }
            self.level.take_off(bytes);
            if self.level.gone.load(Ordering::Relaxed) {
                return Err(Refused::WriterGone);
            }
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
        f.debug_struct("Queue").field("level", &self.level).finish_non_exhaustive()
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

#[cfg(test)]
mod tests {
    use interceptor_packet::RtpPacket;

    use super::*;
    use crate::handle::Capture;
    use crate::writer::Tap;
    use crate::{Direction, Endpoints};

    fn packet(len: usize) -> Captured {
        let capture = Capture::begin("call-1".into(), &Arc::default());
        let tap = Tap { key: 0, capture, endpoints: Endpoints::default(), life: Arc::default() };
        let packet = RtpPacket::builder().payload(vec![0; len - 12]).build().unwrap();
        Captured {
            tap: Arc::new(tap),
            timestamp: Duration::ZERO,
            packet: Packet::Rtp(packet),
            direction: Direction::Outgoing,
            missed: 0,
        }
    }

    #[test]
    fn counts_bytes_on_and_off() {
        let options = PcapDumpOptions::default().with_queue_bytes(65_536);
        let (queue, receiver, working) = Queue::new(&options);
        assert_eq!(queue.push(packet(65_000)), Ok(()));
        assert_eq!(queue.push(packet(537)), Err(Refused::Full));
        assert_eq!(queue.push(packet(536)), Ok(()), "to the last byte");
        assert_eq!(receiver.len(), 2);
        working.take_off(65_536);
        assert_eq!(queue.push(packet(70_000)), Ok(()), "one packet fits always");
        assert_eq!(queue.push(packet(12)), Err(Refused::Full));
    }

    #[test]
    fn nobody_waits_for_a_writer_that_has_ended() {
        for overflow in [Overflow::Drop, Overflow::Block] {
            let options = PcapDumpOptions::default().with_queue_bytes(65_536).with_overflow(overflow);
            let (queue, receiver, working) = Queue::new(&options);
            assert_eq!(queue.push(packet(65_000)), Ok(()));
            drop(working);
            assert_eq!(
                queue.push(packet(1000)),
                Err(Refused::WriterGone),
                "though bytes are still counted in"
            );
            drop(receiver);
            assert_eq!(queue.push(packet(12)), Err(Refused::WriterGone));
        }
    }
}
