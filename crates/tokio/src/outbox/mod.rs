//! Packets on their way from the chain to the transport.
//!
//! They wait in the chain's order while one of the writers, or the session's task, sends. Whoever sends takes the sending
//! half out, so that no lock is held during a system call and no packet overtakes another. Where the half is says what may
//! happen next:
//!
//! | state | a packet is queued | somebody wants to send | the transport wakes (`unblock`) | the sender puts it back | `close` |
//! |---|---|---|---|---|---|
//! | `Ready` | kept | → `Leased`, with all that waits | stays | | → `Closed`, half returned |
//! | `Leased` | kept; the sender finds it | refused: the sender sends it along | notes `retry` | all sent → `Ready`; taken no more → `Blocked`; failed → `Failed` | → `Closed`; the sender drops the half |
//! | `Leased`, of several paths one of which takes no more | kept; the sender finds it | refused | notes `retry` | → `Ready`, and tries again if anything came meanwhile | as `Leased` |
//! | `Leased`, `retry` | kept; the sender finds it | refused | stays | all sent or taken no more → `Ready`, and tries again; failed → `Failed` | as `Leased` |
//! | `Blocked` | kept | refused: only the session's task tries again | → `Ready` | | → `Closed`, half returned |
//! | `Failed` | kept until closed | refused | stays | | → `Closed`, half returned |
//! | `Closed` | dropped, counted | refused | stays | the half is dropped, what it had is counted | stays |
//!
//! Who puts the half back looks at what was queued meanwhile under the same lock, so nothing is left behind: there is more
//! to send, or somebody else sends, or the transport will wake the session's task. `model.rs` has every interleaving of
//! it checked.

mod handover;
#[cfg(test)]
mod model;
mod sync;

use std::net::SocketAddr;

use interceptor_core::{Chain, Outgoing};
use interceptor_packet::{PacketInfo, RtpPacket};

pub(crate) use handover::{Flushed, Load, Outcome};
use handover::{Half, Handover, Queueing};

use crate::transport::{SendQueue, TransportSender};

/// Packets that wait for the transport, and the transport's sending half.
pub(crate) struct Outbox {
    handover: Handover<Box<SendHalf>>,
}

/// A writer that waits for room.
pub(crate) type Waiting<'a> = handover::Waiting<'a, Box<SendHalf>>;

/// The transport's sending half with what it is sending.
pub(crate) struct SendHalf {
    pub(crate) sender: Box<dyn TransportSender>,
    pub(crate) queue: SendQueue,
}

impl Half for Box<SendHalf> {
    type Queue = SendQueue;

    #[inline]
    fn load(&self) -> Load {
        Load { packets: self.queue.len(), bytes: self.queue.len_bytes() }
    }

    #[inline]
    fn refill(&mut self, waiting: &mut SendQueue) {
        if self.queue.is_empty() {
            std::mem::swap(&mut self.queue, waiting);
        } else if self.sender.sends_past_waiting() {
            self.queue.append(waiting);
        }
    }
}

/// How far beyond its limit interceptors may fill the outbox: as much again, and at least the answer to one NACK of
/// a burst.
const MIN_RESERVE: usize = 64;

impl Outbox {
    /// With so many packets or bytes queued writers wait.
    pub(crate) fn new(sender: Box<dyn TransportSender>, packets: usize, bytes: usize) -> Self {
        let half = Box::new(SendHalf { sender, queue: SendQueue::new() });
        let reserve = Load { packets: packets.max(MIN_RESERVE), bytes };
        Self { handover: Handover::new(half, Load { packets, bytes }, reserve) }
    }

    /// Must writers wait? To be asked with the session's state locked.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.handover.is_full()
    }

    /// How much may be queued until writers must wait.
    pub(crate) fn room(&self) -> Load {
        self.handover.room()
    }

    /// Packets that have been queued and not been sent.
    pub(crate) fn queued(&self) -> usize {
        self.handover.queued()
    }

    /// Does any writer wait for room?
    #[inline]
    pub(crate) fn has_waiting(&self) -> bool {
        self.handover.has_waiting()
    }

    /// Counts a writer that waits for room, until it is dropped.
    pub(crate) fn wait(&self) -> Waiting<'_> {
        self.handover.wait()
    }

    /// Queues all that the chain has put out; returns how many packets that were, and how many of them had to be dropped.
    #[inline]
    pub(crate) fn take_from(&self, chain: &mut Chain) -> (usize, usize) {
        let Some(first) = chain.poll_wire() else { return (0, 0) };
        let mut queueing = self.handover.queue();
        let (mut made, mut dropped) = (1, usize::from(!push(&mut queueing, &first)));
        while let Some(packet) = chain.poll_wire() {
            made += 1;
            dropped += usize::from(!push(&mut queueing, &packet));
        }
        (made, dropped)
    }

    /// Queues one packet; `false`: it had to be dropped.
    #[inline]
    pub(crate) fn push_rtp(&self, packet: &RtpPacket) -> bool {
        push_parts(&mut self.handover.queue(), &packet.as_slices(), packet.info())
    }

    /// Queues a datagram that is no packet, for somebody else than the peer if it says so; `false`: it had to be dropped.
    pub(crate) fn push_raw(&self, datagram: &[u8], to: Option<SocketAddr>) -> bool {
        let mut queueing = self.handover.queue();
        match to {
            Some(to) => queueing.push(datagram.len(), |queue| queue.push_to(datagram, to)),
            None => queueing.push(datagram.len(), |queue| queue.push(&[datagram], None)),
        }
    }

    /// Sends what is queued, up to `rounds` batches, unless somebody does so already. Calls `room` when there is room for
    /// a writer that waits.
    #[inline]
    pub(crate) fn flush(
        &self,
        rounds: usize,
        mut send: impl FnMut(&mut SendHalf) -> Outcome,
        room: impl Fn(),
    ) -> Flushed {
        self.handover.flush(rounds, |half| send(half), room)
    }

    /// The transport is worth another attempt.
    pub(crate) fn unblock(&self) {
        self.handover.unblock();
    }

    /// Has everything been sent that will ever be?
    pub(crate) fn is_done(&self) -> bool {
        self.handover.is_done()
    }

    /// Gives up what is queued; returns how many packets that were, and the sending half unless somebody has it.
    pub(crate) fn close(&self) -> (usize, Option<Box<SendHalf>>) {
        self.handover.close()
    }
}

fn push(queueing: &mut Queueing<'_, Box<SendHalf>>, packet: &Outgoing) -> bool {
    match packet {
        Outgoing::Rtp(packet) => push_parts(queueing, &packet.as_slices(), packet.info()),
        Outgoing::Rtcp(packet) => push_parts(queueing, &[packet.as_bytes()], packet.info()),
    }
}

#[inline]
fn push_parts(queueing: &mut Queueing<'_, Box<SendHalf>>, parts: &[&[u8]], info: &PacketInfo) -> bool {
    let bytes = parts.iter().map(|part| part.len()).sum();
    queueing.push(bytes, |queue| queue.push_over(parts, info.ecn, info.path))
}
