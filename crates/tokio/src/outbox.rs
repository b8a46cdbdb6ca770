//! Packets on their way from the chain to the transport.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use interceptor_core::{Chain, Outgoing};
use interceptor_packet::{Ecn, RtpPacket};

use crate::lock::Lock;
use crate::transport::{SendQueue, TransportSender};

/// Where packets wait in the chain's order while one of the writers, or the session's task, sends. Whoever sends takes
/// the sending half out, so that no lock is held during a system call and no packet overtakes another.
pub(crate) struct Outbox {
    inner: Lock<Inner>,
    /// Packets in `inner`, and with whoever sends. Changed under `inner`'s lock only.
    queued: AtomicUsize,
    /// With this many, writers wait.
    limit: usize,
}

struct Inner {
    /// What came while somebody was sending.
    waiting: SendQueue,
    /// `None` while somebody sends.
    half: Option<Box<SendHalf>>,
    /// The transport does not take anything; only the session's task tries again, when it is woken.
    blocked: bool,
    /// The transport became worth another attempt while somebody was making one.
    retry: bool,
    closed: bool,
}

/// The transport's sending half with what it is sending.
pub(crate) struct SendHalf {
    pub(crate) sender: Box<dyn TransportSender>,
    pub(crate) queue: SendQueue,
}

/// How far beyond its limit interceptors may fill the outbox: as much again, and at least the answer to one NACK of
/// a burst.
const MIN_RESERVE: usize = 64;

impl Outbox {
    pub(crate) fn new(sender: Box<dyn TransportSender>, limit: usize) -> Self {
        let half = Some(Box::new(SendHalf { sender, queue: SendQueue::new() }));
        let inner = Inner { waiting: SendQueue::new(), half, blocked: false, retry: false, closed: false };
        Self { inner: Lock::new(inner), queued: AtomicUsize::new(0), limit }
    }

    /// Must writers wait?
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.queued.load(SeqCst) >= self.limit
    }

    /// Is there nothing to send?
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queued.load(SeqCst) == 0
    }

    /// Queues all that the chain has put out; returns how many packets had to be dropped.
    #[inline]
    pub(crate) fn take_from(&self, chain: &mut Chain) -> usize {
        let Some(first) = chain.poll_wire() else { return 0 };
        let mut inner = self.inner.lock();
        let mut dropped = usize::from(!self.push(&mut inner, &first));
        while let Some(packet) = chain.poll_wire() {
            dropped += usize::from(!self.push(&mut inner, &packet));
        }
        dropped
    }

    fn push(&self, inner: &mut Inner, packet: &Outgoing) -> bool {
        match packet {
            Outgoing::Rtp(packet) => self.push_parts(inner, &packet.as_slices(), packet.info().ecn),
            Outgoing::Rtcp(packet) => self.push_parts(inner, &[packet.as_bytes()], packet.info().ecn),
        }
    }

    /// Queues one packet; `false`: it had to be dropped.
    #[inline]
    pub(crate) fn push_rtp(&self, packet: &RtpPacket) -> bool {
        self.push_parts(&mut self.inner.lock(), &packet.as_slices(), packet.info().ecn)
    }

    #[inline]
    fn push_parts(&self, inner: &mut Inner, parts: &[&[u8]], ecn: Option<Ecn>) -> bool {
        let (queued, most) = (self.queued.load(Relaxed), self.limit + self.limit.max(MIN_RESERVE));
        if inner.closed || queued >= most {
            return false;
        }
        inner.waiting.push(parts, ecn);
        self.queued.store(queued + 1, Relaxed);
        true
    }

    /// Queues a datagram that is no packet.
    pub(crate) fn push_raw(&self, datagram: &[u8]) {
        self.push_parts(&mut self.inner.lock(), &[datagram], None);
    }

    /// The sending half, with everything that waits, for whoever wants to send: `None` if somebody sends already, the
    /// transport is blocked, or there is nothing to send.
    #[inline]
    pub(crate) fn lease(&self) -> Option<Lease<'_>> {
        let mut inner = self.inner.lock();
        if inner.blocked || (inner.waiting.is_empty() && self.queued.load(Relaxed) == 0) {
            return None;
        }
        let mut half = inner.half.take()?;
        inner.retry = false;
        if half.queue.is_empty() {
            std::mem::swap(&mut inner.waiting, &mut half.queue);
        }
        let before = half.queue.len();
        Some(Lease { outbox: self, half: Some(half), before, blocked: false })
    }

    /// The transport is worth another attempt.
    pub(crate) fn unblock(&self) {
        let mut inner = self.inner.lock();
        inner.blocked = false;
        // Whoever sends may have been told "not now" a moment ago, and would block the outbox after this.
        inner.retry = inner.half.is_none();
    }

    /// Is everything sent and nobody sending?
    pub(crate) fn is_drained(&self) -> bool {
        let inner = self.inner.lock();
        self.queued.load(Relaxed) == 0 && (inner.half.is_some() || inner.closed)
    }

    /// Gives up what is queued; returns how many packets that were, and the sending half unless somebody has it (who
    /// will drop it).
    pub(crate) fn close(&self) -> (usize, Option<Box<SendHalf>>) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        inner.waiting = SendQueue::new();
        let half = inner.half.take();
        (self.queued.swap(0, Relaxed), half)
    }
}

/// The sending half, out of the outbox until this is dropped.
pub(crate) struct Lease<'a> {
    outbox: &'a Outbox,
    half: Option<Box<SendHalf>>,
    before: usize,
    /// Set if the transport takes nothing more.
    pub(crate) blocked: bool,
}

impl Deref for Lease<'_> {
    type Target = Option<Box<SendHalf>>;

    fn deref(&self) -> &Self::Target {
        &self.half
    }
}

impl DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.half
    }
}

impl Drop for Lease<'_> {
    /// Also when the transport panicked: the next writer tries again.
    fn drop(&mut self) {
        let Some(half) = self.half.take() else { return };
        let mut inner = self.outbox.inner.lock();
        if inner.closed {
            drop(inner);
            drop(half);
            return;
        }
        // Ordered before the look at who waits: a writer counts itself, then looks at `queued`.
        self.outbox.queued.fetch_sub(self.before.saturating_sub(half.queue.len()), SeqCst);
        inner.blocked = self.blocked && !inner.retry;
        inner.half = Some(half);
    }
}
