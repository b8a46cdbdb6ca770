//! The queue before the rate limit: what waits, and when it is sent.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::capacity::{Capacity, Work, work_of};
use super::options::QueueDepth;

/// First in, first out; the head is being sent, the others wait.
#[derive(Debug)]
pub(super) struct Queue<T> {
    /// Times of a [`Capacity`] count from here.
    start: Instant,
    capacity: Option<Capacity>,
    items: VecDeque<Item<T>>,
    /// When the head's turn came.
    turn: Instant,
    /// Sums over `items`, the head as it was when it began.
    bytes: usize,
    work: Work,
}

#[derive(Debug)]
struct Item<T> {
    value: T,
    bytes: usize,
    offered: Instant,
    /// What was left to send of it at `begins`.
    work: Work,
    /// `None`: not with the capacity as it is.
    begins: Option<Instant>,
    /// When its last bit is sent, and the work that the last nanosecond has to spare.
    ends: Option<(Instant, Work)>,
}

impl<T> Queue<T> {
    pub(super) fn new(start: Instant, capacity: Option<Capacity>) -> Self {
        Self { start, capacity, items: VecDeque::new(), turn: start, bytes: 0, work: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Puts a packet of `bytes` at the end.
    pub(super) fn push(&mut self, value: T, bytes: usize, now: Instant) {
        let mut item = Item { value, bytes, offered: now, work: work_of(bytes), begins: None, ends: None };
        if self.items.is_empty() {
            self.turn = now;
        }
        let free = self.items.back().map_or(Some((now, 0)), |last| last.ends);
        self.schedule(&mut item, free);
        self.bytes += item.bytes;
        self.work += item.work;
        self.items.push_back(item);
    }

    /// Takes the head if it has been sent by `now`, with the instant at which that was and how long it waited for its turn.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Instant, Duration, T)> {
        let (ends, _) = self.items.front()?.ends?;
        if ends > now {
            return None;
        }
        let item = self.items.pop_front()?;
        self.bytes -= item.bytes;
        self.work -= item.work;
        let waited = self.turn.saturating_duration_since(item.offered);
        self.turn = ends;
        Some((ends, waited, item.value))
    }

    /// What will be sent, and when, as far as the capacity is known to send it.
    pub(super) fn departures(&self) -> impl Iterator<Item = (Instant, &T)> {
        self.items.iter().map_while(|item| item.ends.map(|(ends, _)| (ends, &item.value)))
    }

    /// Everything that is in the queue.
    pub(super) fn packets(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|item| &item.value)
    }

    /// Another capacity from `now` on. What is being sent goes on at the new rate. Call [`Queue::pop`] for
    /// `now` before.
    pub(super) fn set_capacity(&mut self, capacity: Option<Capacity>, now: Instant) {
        if let Some(head) = self.items.front_mut() {
            let sent = sent_of(self.capacity.as_ref(), self.start, head, now);
            head.work -= sent;
            self.work -= sent;
        }
        self.capacity = capacity;
        let mut items = std::mem::take(&mut self.items);
        let mut free = Some((now, 0));
        for item in &mut items {
            self.schedule(item, free);
            free = item.ends;
        }
        self.items = items;
    }

    /// Whether `bytes` more may enter a queue that is bounded by `limit`.
    pub(super) fn admits(&self, limit: QueueDepth, bytes: usize, now: Instant) -> bool {
        if self.items.is_empty() {
            return true;
        }
        match limit {
            QueueDepth::Bytes(limit) => self.waiting_bytes() + bytes <= limit,
            QueueDepth::Packets(limit) => self.items.len() <= limit,
            QueueDepth::Time(limit) => self.wait(now).is_some_and(|wait| wait <= limit),
        }
    }

    /// Whether more than `threshold` is in the queue.
    pub(super) fn exceeds(&self, threshold: QueueDepth, now: Instant) -> bool {
        match threshold {
            QueueDepth::Bytes(threshold) => self.waiting_bytes() > threshold,
            QueueDepth::Packets(threshold) => self.items.len().saturating_sub(1) > threshold,
            QueueDepth::Time(threshold) => self.wait(now).is_none_or(|wait| wait > threshold),
        }
    }

    /// Bytes behind the packet that is being sent.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.items.front().map_or(0, |head| self.bytes - head.bytes)
    }

    /// The time that a packet offered at `now` would wait at the rate of the moment, or if that is zero at
    /// the last one that was not. `None`: there was no such rate.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        let Some(capacity) = &self.capacity else { return Some(Duration::ZERO) };
        let Some(head) = self.items.front() else { return Some(Duration::ZERO) };
        let left = self.work - sent_of(Some(capacity), self.start, head, now);
        let rate = capacity.at_or_before(now.saturating_duration_since(self.start))?;
        Some(Duration::from_nanos(u64::try_from(left.div_ceil(u128::from(rate))).unwrap_or(u64::MAX)))
    }

    fn schedule(&self, item: &mut Item<T>, free: Option<(Instant, Work)>) {
        item.begins = free.map(|(at, _)| at);
        item.ends = free.and_then(|(at, spare)| {
            let Some(capacity) = &self.capacity else { return Some((at, 0)) };
            let work = item.work.saturating_sub(spare);
            let (ends, spare) = capacity.finish(at.saturating_duration_since(self.start), work)?;
            Some((self.start.checked_add(ends)?, spare))
        });
    }
}

/// How much of `item` has been sent by `now`.
fn sent_of<T>(capacity: Option<&Capacity>, start: Instant, item: &Item<T>, now: Instant) -> Work {
    let (Some(capacity), Some(begins)) = (capacity, item.begins) else { return 0 };
    let from = begins.saturating_duration_since(start);
    let to = now.saturating_duration_since(start);
    capacity.work_between(from, to).min(item.work)
}
