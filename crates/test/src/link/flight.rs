//! What has been sent and has not arrived yet.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::delay::Hold;

/// Orders arrivals: by instant, then by when they were put in.
type Key = (Instant, u64);

/// Packets under way.
#[derive(Debug)]
pub(super) struct Flight<T> {
    arrivals: BTreeMap<Key, Arrival<T>>,
    held: Vec<Held>,
    next_order: u64,
    /// The latest arrival of a packet that was not held back: the floor for in-order delivery.
    latest: Option<Instant>,
}

/// A packet that arrives.
#[derive(Clone, Debug)]
pub(super) struct Arrival<T> {
    pub(super) index: u64,
    pub(super) copy: bool,
    pub(super) queued: Duration,
    pub(super) message: T,
}

/// A packet that waits to be overtaken.
#[derive(Debug)]
struct Held {
    key: Key,
    /// Packets still to overtake it.
    remaining: u32,
    /// The latest arrival of those that have.
    release: Instant,
}

/// How one packet travels, drawn when it is offered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Travel {
    pub(super) lost: bool,
    pub(super) time: Duration,
    pub(super) may_overtake: bool,
    pub(super) hold: Option<Hold>,
    pub(super) copy_after: Option<Duration>,
}

impl<T: Clone> Flight<T> {
    pub(super) fn new() -> Self {
        Self { arrivals: BTreeMap::new(), held: Vec::new(), next_order: 0, latest: None }
    }

    pub(super) fn len(&self) -> usize {
        self.arrivals.len()
    }

    /// Sends a packet on its way.
    pub(super) fn depart(&mut self, packet: Arrival<T>, travel: Travel, sent: Instant) {
        let arrives = travel.arrives(sent, self.latest);
        let copy = travel.copy_after.map(|after| (after, packet.clone()));
        let arrived = match travel.hold {
            None => {
                self.latest = self.latest.max(Some(arrives));
                self.insert(arrives, packet);
                self.release(arrives);
                arrives
            }
            Some(Hold::Time(time)) => {
                self.insert(arrives + time, packet);
                arrives + time
            }
            Some(Hold::Packets { count: 0, .. }) => {
                self.insert(arrives, packet);
                arrives
            }
            Some(Hold::Packets { count, at_most }) => {
                let key = self.insert(arrives + at_most, packet);
                self.held.push(Held { key, remaining: count, release: arrives });
                arrives + at_most
            }
        };
        if let Some((after, copy)) = copy {
            self.insert(arrived + after, Arrival { copy: true, ..copy });
        }
    }

    /// The next packet that arrives by `now`, with the instant of its arrival.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Instant, Arrival<T>)> {
        let entry = self.arrivals.first_entry()?;
        let (arrives, _) = *entry.key();
        (arrives <= now).then(|| (arrives, entry.remove()))
    }

    /// When the next packet arrives of those under way and of those that depart as `to_come` says.
    pub(super) fn next_arrival(&self, to_come: impl Iterator<Item = (Instant, Travel)>) -> Option<Instant> {
        let mut next = self.arrivals.first_key_value().map(|((arrives, _), _)| *arrives);
        let mut latest = self.latest;
        for (sent, travel) in to_come.filter(|(_, travel)| !travel.lost) {
            if next.is_some_and(|next| next <= sent) {
                break;
            }
            let arrives = travel.arrives(sent, latest);
            let arrives = match travel.hold {
                None => {
                    latest = latest.max(Some(arrives));
                    arrives
                }
                Some(Hold::Time(time)) => arrives + time,
                Some(Hold::Packets { count: 0, .. }) => arrives,
                // It may come earlier, but then with a packet that is looked at here too.
                Some(Hold::Packets { at_most, .. }) => arrives + at_most,
            };
            next = Some(next.map_or(arrives, |next| next.min(arrives)));
        }
        next
    }

    fn insert(&mut self, arrives: Instant, arrival: Arrival<T>) -> Key {
        let key = (arrives, self.next_order);
        self.next_order += 1;
        self.arrivals.insert(key, arrival);
        key
    }

    /// Counts a packet that arrives at `arrives` for those held back, and lets go of those that it is the
    /// last for.
    fn release(&mut self, arrives: Instant) {
        let mut held = std::mem::take(&mut self.held);
        held.retain_mut(|held| {
            held.remaining -= 1;
            held.release = held.release.max(arrives);
            if held.remaining > 0 {
                return true;
            }
            // Its bound may have let it go before, or still lie before the one that would release it.
            if held.release < held.key.0
                && let Some(arrival) = self.arrivals.remove(&held.key)
            {
                self.insert(held.release, arrival);
            }
            false
        });
        self.held = held;
    }
}

impl Travel {
    /// When a packet sent at `sent` would arrive if it were not held back; `latest` is the arrival of the one
    /// before.
    fn arrives(self, sent: Instant, latest: Option<Instant>) -> Instant {
        let arrives = sent + self.time;
        if self.may_overtake { arrives } else { latest.map_or(arrives, |latest| arrives.max(latest)) }
    }
}
