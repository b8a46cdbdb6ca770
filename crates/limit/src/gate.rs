//! One set of bounds at work: a meter, a policy, and the queue before them.

use std::collections::VecDeque;
use std::time::Instant;

use interceptor_token_bucket::Denied;

use crate::excursions::Excursions;
use crate::meter::Meter;
use crate::{Bounds, Excess, Policy, Rates};

/// Bounds at work. `T` is what waits before them. Times are nanoseconds since the connection's start.
#[derive(Debug)]
pub(crate) struct Gate<T> {
    meter: Meter,
    policy: Policy,
    stopped: bool,
    queue: VecDeque<Held<T>>,
    queued_bytes: usize,
    /// When the first of the queue may pass.
    due: Option<u64>,
    excursions: Excursions,
}

/// Something that waits.
#[derive(Debug)]
struct Held<T> {
    bytes: u64,
    item: T,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It passes and has been paid for.
    Pass,
    /// It passes with a mark and has not been paid for.
    Mark,
    /// There is room for it to wait.
    Hold,
    /// It ends here.
    Drop(Reason),
}

/// Why a packet ends here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Over the rates.
    Rate,
    /// Larger than the burst.
    Oversize,
    /// No room to wait.
    Queue,
    /// Everything ends here since it was over the rates once.
    Stopped,
}

/// The first of the queue.
#[derive(Debug)]
pub(crate) enum Next<T> {
    /// It passes and has been paid for; so many bytes.
    Pass(T, u64),
    /// It will never fit: the rates have become smaller since.
    Oversize(T, u64),
    /// Nobody waits, or the first one still has to.
    Later,
}

impl<T> Gate<T> {
    pub(crate) fn new(bounds: Bounds, rates: Rates, start: Instant, now: u64) -> Self {
        Self {
            meter: Meter::new(rates, start, now),
            policy: bounds.policy,
            stopped: false,
            queue: VecDeque::new(),
            queued_bytes: 0,
            due: None,
            excursions: Excursions::default(),
        }
    }

    /// Nothing waits and nothing is stopped: a packet that [`take`](Self::take)s its tokens passes.
    #[inline(always)]
    pub(crate) fn is_open(&self) -> bool {
        !self.stopped && self.queue.is_empty()
    }

    /// Takes a packet of so many bytes, or nothing. Only while it [is open](Self::is_open).
    #[inline(always)]
    pub(crate) fn take(&mut self, bytes: u64, now: u64) -> bool {
        self.meter.take(bytes, now).is_ok()
    }

    /// What becomes of a packet of so many bytes; and what the owner is to be told of it.
    pub(crate) fn ask(&mut self, bytes: u64, now: u64) -> (Answer, Option<Excess>) {
        if self.stopped {
            return (Answer::Drop(Reason::Stopped), None);
        }
        if !self.queue.is_empty() {
            return self.ask_to_wait(bytes, now);
        }
        match self.meter.take(bytes, now) {
            Ok(()) => (Answer::Pass, None),
            Err(denied) => self.refuse(denied, bytes, now),
        }
    }

    fn refuse(&mut self, denied: Denied<u64>, bytes: u64, now: u64) -> (Answer, Option<Excess>) {
        let news = self.excursions.over_rate(now);
        match (self.policy, denied) {
            (Policy::Mark, _) => (Answer::Mark, news),
            (Policy::Stop, _) => {
                self.stopped = true;
                (Answer::Drop(Reason::Stopped), Some(Excess::Stopped))
            }
            (_, Denied::Never) => (Answer::Drop(Reason::Oversize), news),
            (Policy::Drop, Denied::Until(_)) => (Answer::Drop(Reason::Rate), news),
            (Policy::Wait { .. }, Denied::Until(at)) => {
                self.due = Some(at);
                let (answer, full) = self.ask_to_wait(bytes, now);
                (answer, full.or(news))
            }
        }
    }

    fn ask_to_wait(&mut self, bytes: u64, now: u64) -> (Answer, Option<Excess>) {
        // It is behind those that are over the rates.
        let news = self.excursions.over_rate(now);
        let Policy::Wait { packets: most, bytes: most_bytes } = self.policy else {
            return (Answer::Drop(Reason::Rate), news);
        };
        if self.meter.is_oversize(bytes) {
            return (Answer::Drop(Reason::Oversize), news);
        }
        if self.queue.len() < most && self.queued_bytes + bytes as usize <= most_bytes {
            return (Answer::Hold, news);
        }
        (Answer::Drop(Reason::Queue), self.excursions.over_queue(now))
    }

    /// There is no room for one that was told to wait.
    pub(crate) fn overflow(&mut self, now: u64) -> Option<Excess> {
        self.excursions.over_queue(now)
    }

    /// One that was told to wait does so. Is it the first?
    pub(crate) fn hold(&mut self, item: T, bytes: u64) -> bool {
        self.queue.push_back(Held { bytes, item });
        self.queued_bytes += bytes as usize;
        self.queue.len() == 1
    }

    /// Takes the first of the queue if it may pass now.
    pub(crate) fn next(&mut self, now: u64) -> Next<T> {
        self.due = None;
        let Some(first) = self.queue.front() else { return Next::Later };
        let taken = self.meter.take(first.bytes, now);
        if let Err(Denied::Until(at)) = taken {
            self.due = Some(at);
            return Next::Later;
        }
        let Some(Held { bytes, item }) = self.queue.pop_front() else { return Next::Later };
        self.queued_bytes -= bytes as usize;
        if taken.is_ok() { Next::Pass(item, bytes) } else { Next::Oversize(item, bytes) }
    }

    /// When the first of the queue may pass.
    pub(crate) const fn due(&self) -> Option<u64> {
        self.due
    }

    /// Looks at the first of the queue again at `now`, if there is one. Is there?
    pub(crate) fn hurry(&mut self, now: u64) -> bool {
        self.due = (!self.queue.is_empty()).then_some(now);
        self.due.is_some()
    }

    /// A packet that was taken did not pass.
    pub(crate) fn give_back(&mut self, bytes: u64) {
        self.meter.give_back(bytes);
    }

    /// Goes on at other rates.
    pub(crate) fn set_rate(&mut self, rates: Rates, start: Instant, now: u64) {
        self.meter.set(rates, start, now);
    }

    /// Takes all that wait and are `gone`, in order, with their bytes.
    pub(crate) fn take_waiting(&mut self, mut gone: impl FnMut(&T) -> bool) -> Vec<(T, u64)> {
        if !self.queue.iter().any(|held| gone(&held.item)) {
            return Vec::new();
        }
        let mut taken = Vec::new();
        // In place: the queue keeps its size.
        for _ in 0..self.queue.len() {
            let Some(held) = self.queue.pop_front() else { break };
            if gone(&held.item) {
                self.queued_bytes -= held.bytes as usize;
                taken.push((held.item, held.bytes));
            } else {
                self.queue.push_back(held);
            }
        }
        taken
    }
}
