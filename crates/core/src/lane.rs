//! Packets that leave a chain on one side: those that hooks have emitted, and behind their walk those to be polled.

use std::collections::VecDeque;

use crate::place::NodeId;

/// Stands for a packet that an interceptor kept.
const CONSUMED: NodeId = NodeId::NOBODY;

/// One side's packets. They are large, so one is written once, walks where it stands, and moves when it is polled.
pub(crate) struct Lane<T> {
    ready: VecDeque<T>,
    emitted: Batch<T>,
    /// The memory of a batch that is done.
    spare: Batch<T>,
}

/// Packets that have their walk before them, and which interceptor emitted each.
pub(crate) struct Batch<T> {
    packets: VecDeque<T>,
    from: Vec<NodeId>,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self { ready: VecDeque::new(), emitted: Batch::default(), spare: Batch::default() }
    }
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self { packets: VecDeque::new(), from: Vec::new() }
    }
}

impl<T> Lane<T> {
    /// The next packet to be polled.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.ready.pop_front()
    }

    /// Adds a packet behind its walk. Gives how many of the oldest that pushes out, as nobody polls.
    #[inline(always)]
    pub(crate) fn push(&mut self, packet: T, limit: usize) -> u64 {
        self.ready.push_back(packet);
        if self.ready.len() > limit { self.trim(limit) } else { 0 }
    }

    /// Adds a packet that has its walk before it.
    #[inline(always)]
    pub(crate) fn emit(&mut self, from: NodeId, packet: T) {
        self.emit_with(from, || packet, |_| {});
    }

    /// Adds a packet that has its walk before it, made where it stands and then filled in.
    #[inline(always)]
    pub(crate) fn emit_with(&mut self, from: NodeId, make: impl FnOnce() -> T, fill: impl FnOnce(&mut T)) {
        self.emitted.forget_unfinished();
        // Unlike `push_back`, this makes room before it makes the packet, and so needs no copy of it.
        self.emitted.packets.extend(std::iter::once_with(make));
        if let Some(packet) = self.emitted.packets.back_mut() {
            fill(packet);
        }
        self.emitted.from.push(from);
    }

    /// Has anything been emitted that has not walked yet?
    #[inline]
    pub(crate) const fn has_emitted(&self) -> bool {
        !self.emitted.from.is_empty()
    }

    /// Takes what has been emitted, for it to walk.
    pub(crate) fn take_emitted(&mut self) -> Batch<T> {
        self.emitted.forget_unfinished();
        std::mem::replace(&mut self.emitted, std::mem::take(&mut self.spare))
    }

    /// Adds a batch behind its walk, but for what was consumed. Gives how many of the oldest that pushes out.
    pub(crate) fn finish(&mut self, mut batch: Batch<T>, limit: usize) -> u64 {
        if batch.from.contains(&CONSUMED) {
            let mut from = batch.from.iter();
            batch.packets.retain(|_| from.next() != Some(&CONSUMED));
        }
        batch.from.clear();
        if self.ready.is_empty() {
            std::mem::swap(&mut self.ready, &mut batch.packets);
        } else {
            self.ready.append(&mut batch.packets);
        }
        self.spare = batch;
        if self.ready.len() > limit { self.trim(limit) } else { 0 }
    }

    #[cold]
    fn trim(&mut self, limit: usize) -> u64 {
        let over = self.ready.len().saturating_sub(limit);
        self.ready.drain(..over);
        over as u64
    }
}

impl<T> Batch<T> {
    /// What was being filled in when a hook panicked was not emitted.
    #[inline(always)]
    fn forget_unfinished(&mut self) {
        if self.packets.len() > self.from.len() {
            self.packets.truncate(self.from.len());
        }
    }

    /// Lets each packet walk from the interceptor that emitted it. `walk` says whether the packet goes on.
    #[inline]
    pub(crate) fn walk(&mut self, mut walk: impl FnMut(NodeId, &mut T) -> bool) {
        for (packet, from) in self.packets.iter_mut().zip(&mut self.from) {
            if !walk(*from, packet) {
                *from = CONSUMED;
            }
        }
    }
}
