//! Who sends: what waits, the sending half while nobody has it, and how it goes from hand to hand.

use std::sync::atomic::Ordering::Relaxed;

use super::sync::{AtomicUsize, Guard, Lock};

/// What sends, with the packets that it is sending.
pub(crate) trait Half {
    /// Packets that wait.
    type Queue: Default;

    /// What it has and has not sent.
    fn load(&self) -> Load;

    /// Takes what waits, if it has nothing left itself, or if what comes later may overtake that: otherwise the order stays.
    fn refill(&mut self, waiting: &mut Self::Queue);
}

/// Packets, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) packets: usize,
    pub(crate) bytes: usize,
}

/// The sending half and what waits for it. The states and their transitions stand in the module's documentation.
pub(crate) struct Handover<H: Half> {
    inner: Lock<Inner<H>>,
    /// Packets that wait or are with the sending half, wherever it is. Written under `inner`'s lock only, so that no
    /// ordering is needed among the writes; looked at without it by [`is_full`](Self::is_full).
    queued: AtomicUsize,
    /// Their bytes, in the same way.
    queued_bytes: AtomicUsize,
    /// Writers that wait for room. Written under `inner`'s lock only; looked at without it by
    /// [`has_waiting`](Self::has_waiting).
    waiting: AtomicUsize,
    /// With so many packets or bytes queued writers wait.
    limit: Load,
    /// So many may be queued, whoever made them; the bytes of one packet may go over.
    most: Load,
}

struct Inner<H: Half> {
    queue: H::Queue,
    place: Place<H>,
}

/// Where the sending half is.
enum Place<H> {
    /// Here, for whoever has something to send.
    Ready(H),
    /// Here, but the transport took nothing more: only [`Handover::unblock`] lets anybody try again.
    Blocked(H),
    /// Here, but the transport has failed: nobody tries again.
    Failed(H),
    /// With somebody who sends.
    Leased {
        /// What they took along.
        taken: Load,
        /// The transport became worth another attempt since.
        retry: bool,
    },
    /// Nowhere: it has been given up.
    Closed,
}

/// How an attempt to send ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The transport may take more.
    Sent,
    /// The transport takes nothing more, and has been told whom to wake when it does.
    Blocked,
    /// It does not take some of what it was given, and has been told whom to wake for that; what comes later it may take.
    Partly,
    /// The transport has failed for good.
    Failed,
}

/// What is left to do for somebody who has sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flushed {
    /// There may be more to send, and nobody else knows.
    pub(crate) more: bool,
    /// Packets that were dropped, because everything had been given up meanwhile.
    pub(crate) unsent: usize,
}

impl Load {
    /// Is there as much, of packets or of bytes?
    #[inline]
    const fn reaches(self, limit: Self) -> bool {
        self.packets >= limit.packets || self.bytes >= limit.bytes
    }

    #[inline]
    const fn less(self, other: Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(other.packets),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

impl<H: Half> Handover<H> {
    pub(crate) fn new(half: H, limit: Load, reserve: Load) -> Self {
        Self {
            inner: Lock::new(Inner { queue: H::Queue::default(), place: Place::Ready(half) }),
            queued: AtomicUsize::new(0),
            queued_bytes: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            limit,
            most: Load {
                packets: limit.packets.saturating_add(reserve.packets),
                bytes: limit.bytes.saturating_add(reserve.bytes),
            },
        }
    }

    /// Must writers wait?
    ///
    /// Asked under the lock that everybody holds who queues packets, so that none are missed. Packets that have just left
    /// may still count: `try_write` is refused once too often then, and who waits has counted itself with
    /// [`wait`](Self::wait) before it asked, so that either this sees the room or whoever made it sees who waits.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        // Relaxed, both: see above; no other memory is read on the strength of it.
        self.load().reaches(self.limit)
    }

    /// How much may be queued until writers must wait.
    pub(crate) fn room(&self) -> Load {
        self.limit.less(self.load())
    }

    /// Packets that have been queued and not been sent.
    pub(crate) fn queued(&self) -> usize {
        self.load().packets
    }

    #[inline]
    fn load(&self) -> Load {
        Load { packets: self.queued.load(Relaxed), bytes: self.queued_bytes.load(Relaxed) }
    }

    /// Under the lock.
    #[inline]
    fn set_load(&self, load: Load) {
        self.queued.store(load.packets, Relaxed);
        self.queued_bytes.store(load.bytes, Relaxed);
    }

    /// Does anybody wait for room? Who comes later should not overtake them.
    #[inline]
    pub(crate) fn has_waiting(&self) -> bool {
        // Relaxed: it is about fairness only, and may come a moment late.
        self.waiting.load(Relaxed) > 0
    }

    /// Counts somebody who waits for room, until it is dropped.
    pub(crate) fn wait(&self) -> Waiting<'_, H> {
        self.count_waiting(1);
        Waiting(self)
    }

    fn count_waiting(&self, change: isize) {
        let _inner = self.inner.lock();
        // Relaxed: written under the lock only.
        self.waiting.store(self.waiting.load(Relaxed).saturating_add_signed(change), Relaxed);
    }

    /// To queue packets, one behind the other.
    #[inline]
    pub(crate) fn queue(&self) -> Queueing<'_, H> {
        Queueing { handover: self, inner: self.inner.lock() }
    }

    /// Sends what is queued, up to `rounds` batches of it, unless somebody does so already: they will send it all. Calls
    /// `room` when there is room for somebody who waits.
    #[inline]
    pub(crate) fn flush(
        &self,
        rounds: usize,
        mut send: impl FnMut(&mut H) -> Outcome,
        room: impl Fn(),
    ) -> Flushed {
        let mut flushed = Flushed::default();
        for _ in 0..rounds {
            let Some(mut lease) = self.lease() else { return Flushed { more: false, ..flushed } };
            let Some(half) = lease.half.as_mut() else { return flushed };
            let outcome = send(half);
            let ended = lease.end(outcome);
            if ended.room {
                room();
            }
            flushed = Flushed { more: ended.more, unsent: flushed.unsent + ended.unsent };
            if !flushed.more {
                return flushed;
            }
        }
        flushed
    }

    /// The sending half with everything that waits. `None`: it is not to be had, or there is nothing to send.
    #[inline]
    fn lease(&self) -> Option<Lease<'_, H>> {
        let mut inner = self.inner.lock();
        // Relaxed: written under the lock only.
        if self.queued.load(Relaxed) == 0 {
            return None;
        }
        let Inner { queue, place } = &mut *inner;
        match std::mem::replace(place, Place::Leased { taken: Load::default(), retry: false }) {
            Place::Ready(mut half) => {
                half.refill(queue);
                let taken = half.load();
                *place = Place::Leased { taken, retry: false };
                Some(Lease { handover: self, half: Some(half) })
            }
            other => {
                *place = other;
                None
            }
        }
    }

    /// Puts the sending half back.
    #[inline]
    fn put_back(&self, half: H, outcome: Outcome) -> Ended {
        let mut inner = self.inner.lock();
        let Place::Leased { taken, retry } = inner.place else {
            // Closed meanwhile. Dropping a transport may run anybody's code: not under the lock.
            drop(inner);
            return Ended { unsent: half.load().packets, ..Ended::default() };
        };
        // Relaxed, both: written under the lock only.
        let kept = half.load();
        let left = self.load().less(taken.less(kept));
        self.set_load(left);
        inner.place = match outcome {
            Outcome::Failed => Place::Failed(half),
            Outcome::Blocked if !retry => Place::Blocked(half),
            Outcome::Blocked | Outcome::Partly | Outcome::Sent => Place::Ready(half),
        };
        // What it has kept needs no other attempt until the transport wakes; what was queued meanwhile does.
        let tried = if outcome == Outcome::Partly && !retry { kept.packets } else { 0 };
        Ended {
            more: left.packets > tried && matches!(inner.place, Place::Ready(_)),
            room: !left.reaches(self.limit) && self.waiting.load(Relaxed) > 0,
            unsent: 0,
        }
    }

    /// The transport is worth another attempt.
    pub(crate) fn unblock(&self) {
        let mut inner = self.inner.lock();
        inner.place = match std::mem::replace(&mut inner.place, Place::Closed) {
            Place::Blocked(half) => Place::Ready(half),
            // Whoever sends may have been told "not now" a moment ago, and would block everything after this.
            Place::Leased { taken, .. } => Place::Leased { taken, retry: true },
            other => other,
        };
    }

    /// Has everything been sent that will ever be, and does nobody send?
    pub(crate) fn is_done(&self) -> bool {
        let inner = self.inner.lock();
        match inner.place {
            // Relaxed: written under the lock only.
            Place::Ready(_) | Place::Blocked(_) => self.queued.load(Relaxed) == 0,
            Place::Leased { .. } => false,
            Place::Failed(_) | Place::Closed => true,
        }
    }

    /// Gives up what is queued; returns how many packets that were, and the sending half. Somebody who has it drops it, and
    /// what they could not send with it.
    pub(crate) fn close(&self) -> (usize, Option<H>) {
        let mut inner = self.inner.lock();
        inner.queue = H::Queue::default();
        // Relaxed, both: written under the lock only.
        let queued = self.queued();
        self.set_load(Load::default());
        match std::mem::replace(&mut inner.place, Place::Closed) {
            Place::Ready(half) | Place::Blocked(half) | Place::Failed(half) => (queued, Some(half)),
            Place::Leased { taken, .. } => (queued.saturating_sub(taken.packets), None),
            Place::Closed => (queued, None),
        }
    }
}

/// Somebody queues packets: nobody else does meanwhile, and nobody begins or ends to send.
pub(crate) struct Queueing<'a, H: Half> {
    handover: &'a Handover<H>,
    inner: Guard<'a, Inner<H>>,
}

impl<H: Half> Queueing<'_, H> {
    /// Queues one packet of so many bytes, which `put` adds to the queue; `false`: there is no room at all.
    #[inline]
    pub(crate) fn push(&mut self, bytes: usize, put: impl FnOnce(&mut H::Queue)) -> bool {
        // Relaxed, both: written under the lock only.
        let load = self.handover.load();
        if load.reaches(self.handover.most) || matches!(self.inner.place, Place::Closed) {
            return false;
        }
        put(&mut self.inner.queue);
        self.handover.set_load(Load { packets: load.packets + 1, bytes: load.bytes + bytes });
        true
    }
}

/// Somebody who waits for room.
pub(crate) struct Waiting<'a, H: Half>(&'a Handover<H>);

impl<H: Half> Drop for Waiting<'_, H> {
    fn drop(&mut self) {
        self.0.count_waiting(-1);
    }
}

/// The sending half in somebody's hands.
struct Lease<'a, H: Half> {
    handover: &'a Handover<H>,
    /// Until it is put back.
    half: Option<H>,
}

/// What follows from putting the sending half back.
#[derive(Clone, Copy, Default)]
struct Ended {
    more: bool,
    /// There is room for somebody who waits.
    room: bool,
    unsent: usize,
}

impl<H: Half> Lease<'_, H> {
    #[inline]
    fn end(mut self, outcome: Outcome) -> Ended {
        self.half.take().map_or_else(Ended::default, |half| self.handover.put_back(half, outcome))
    }
}

impl<H: Half> Drop for Lease<'_, H> {
    /// The transport panicked: the next one tries again.
    fn drop(&mut self) {
        if let Some(half) = self.half.take() {
            self.handover.put_back(half, Outcome::Sent);
        }
    }
}
