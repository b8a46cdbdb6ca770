//! A simulated one-way network path: deterministic for a seed, driven by instants.

mod capacity;
mod chance;
mod check;
mod counters;
mod delay;
mod delivery;
mod flight;
mod loss;
mod mark;
mod message;
mod options;
mod queue;
mod stall;

use interceptor_core::OptionsError;
use std::fmt;
use std::time::{Duration, Instant};

pub use self::capacity::Capacity;
pub use self::counters::LinkCounters;
pub use self::delay::{Duplicate, Hold, Jitter, Reorder};
pub use self::delivery::Delivery;
pub use self::loss::Loss;
pub use self::mark::MarkRamp;
pub use self::message::Message;
pub use self::options::{LinkOptions, QueueDepth};
pub use self::stall::Stalls;

use self::chance::Chance;
use self::flight::{Arrival, Flight, Travel};
use self::loss::LossProcess;
use self::queue::Queue;

/// A one-way path for messages of type `T`.
///
/// Packets go in with [`push`](Link::push) and come out with [`pop`](Link::pop) when their time has come;
/// nothing happens by itself. Everything that a link does by chance is drawn when the packet is offered, and
/// each impairment has its own generator made from the seed: the same packets at the same instants with the
/// same seed fare the same, however often the link is polled, and more jitter does not change which packets
/// are lost.
///
/// Instants must not go back; an earlier one than the link has seen counts as that.
///
/// ```
/// use bytes::Bytes;
/// use interceptor_test::{Clock, Link, LinkOptions, Loss};
/// use std::time::Duration;
///
/// let clock = Clock::new();
/// let options = LinkOptions::default().with_delay(Duration::from_millis(30)).with_loss(Loss::packets([1]));
/// let mut link = Link::new(clock.now(), 7, options)?;
/// for number in 0..3_u8 {
///     link.push(clock.now(), Bytes::from(vec![number]));
/// }
///
/// assert_eq!(link.pop(clock.now()), None);
/// let arrival = link.next_delivery().expect("two packets are under way");
/// assert_eq!(arrival, clock.at(Duration::from_millis(30)));
/// assert_eq!(link.pop(arrival), Some((arrival, Bytes::from(vec![0]))));
/// assert_eq!(link.pop(arrival), Some((arrival, Bytes::from(vec![2]))));
/// assert_eq!(link.counters().lost, 1);
/// # Ok::<(), interceptor_core::OptionsError>(())
/// ```
pub struct Link<T> {
    start: Instant,
    now: Instant,
    options: LinkOptions,
    loss: Vec<LossProcess>,
    drop_if: Option<Predicate<T>>,
    chance: Chance,
    queue: Queue<Packet<T>>,
    flight: Flight<T>,
    counters: LinkCounters,
    newest_delivered: Option<u64>,
}

type Predicate<T> = Box<dyn FnMut(u64, &T) -> bool + Send>;

/// A packet in the queue.
#[derive(Debug)]
struct Packet<T> {
    index: u64,
    message: T,
    travel: Travel,
}

impl<T: Message> Link<T> {
    /// A link that begins at `start`, from which on its capacity steps and outages count.
    ///
    /// # Errors
    /// If an option lies outside its range.
    pub fn new(start: Instant, seed: u64, options: LinkOptions) -> Result<Self, OptionsError> {
        options.validate()?;
        Ok(Self {
            start,
            now: start,
            loss: options.loss.iter().map(LossProcess::new).collect(),
            drop_if: None,
            chance: Chance::new(seed, start),
            queue: Queue::new(start, options.capacity.clone()),
            flight: Flight::new(),
            counters: LinkCounters::default(),
            newest_delivered: None,
            options,
        })
    }

    /// Offers a packet to the link at `now`. Returns its index, the number of packets offered before it.
    pub fn push(&mut self, now: Instant, mut message: T) -> u64 {
        self.advance(now);
        let index = self.counters.offered;
        let len = message.len_bytes();
        self.counters.offered += 1;
        self.counters.offered_bytes += len as u64;

        let bytes = len + self.options.overhead_bytes;
        if self.options.queue_limit.is_some_and(|limit| !self.queue.admits(limit, bytes, self.now)) {
            self.counters.queue_dropped += 1;
            return index;
        }
        if self.marks() {
            self.counters.marked += u64::from(message.mark_congestion());
        }
        let travel = self.draw_travel(index, &message);
        self.counters.lost += u64::from(travel.lost);
        self.queue.push(Packet { index, message, travel }, bytes, self.now);
        self.advance(now);
        index
    }

    /// Takes the next packet that has arrived by `now`, with the instant at which it did.
    pub fn pop(&mut self, now: Instant) -> Option<(Instant, T)> {
        self.pop_delivery(now).map(|delivery| (delivery.at, delivery.message))
    }

    /// [`pop`](Self::pop), with what the link knows of the packet besides: how long it waited.
    pub fn pop_delivery(&mut self, now: Instant) -> Option<Delivery<T>> {
        self.advance(now);
        let (at, arrival) = self.flight.pop(self.now)?;
        self.counters.delivered += 1;
        self.counters.delivered_bytes += arrival.message.len_bytes() as u64;
        if !arrival.copy {
            let overtaken = self.newest_delivered.is_some_and(|newest| newest > arrival.index);
            self.counters.reordered += u64::from(overtaken);
            self.newest_delivered = self.newest_delivered.max(Some(arrival.index));
        }
        Some(Delivery { message: arrival.message, at, queued: arrival.queued })
    }

    /// The instant at which the next packet arrives, if nothing more is offered or changed. `None`: none
    /// will.
    #[must_use]
    pub fn next_delivery(&self) -> Option<Instant> {
        let to_come = self.queue.departures().map(|(sent, packet)| (sent, packet.travel));
        self.flight.next_arrival(to_come)
    }

    /// Loses every packet for which `predicate` returns true, besides those that the options lose. It is
    /// asked for each packet that the queue takes, with the packet's index, and replaces the predicate before
    /// it.
    pub fn drop_if(&mut self, predicate: impl FnMut(u64, &T) -> bool + Send + 'static) {
        self.drop_if = Some(Box::new(predicate));
    }

    /// Removes the predicate set with [`Link::drop_if`].
    pub fn clear_drop_if(&mut self) {
        self.drop_if = None;
    }

    /// The options that are in force.
    #[must_use]
    pub fn options(&self) -> &LinkOptions {
        &self.options
    }

    /// Changes the options from `now` on. A new capacity holds for all that is queued, everything else for
    /// packets offered from now on. Loss models that stay as they are keep their state.
    ///
    /// # Errors
    /// If an option lies outside its range; the link stays as it was.
    pub fn reconfigure(&mut self, now: Instant, options: LinkOptions) -> Result<(), OptionsError> {
        options.validate()?;
        self.advance(now);
        if options.loss != self.options.loss {
            self.loss = options.loss.iter().map(LossProcess::new).collect();
        }
        if options.capacity != self.options.capacity {
            self.queue.set_capacity(options.capacity.clone(), self.now);
        }
        self.options = options;
        self.advance(now);
        Ok(())
    }

    /// What the link did so far.
    #[must_use]
    pub fn counters(&self) -> LinkCounters {
        self.counters
    }

    /// Packets that are queued or under way, copies included and lost ones not.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.flight.len() + self.queue.packets().filter(|packet| !packet.travel.lost).count()
    }

    /// Bytes that wait in the queue at `now`, overhead included and without the packet that is being sent.
    pub fn queued_bytes(&mut self, now: Instant) -> usize {
        self.advance(now);
        self.queue.waiting_bytes()
    }

    /// How long a packet offered at `now` would wait in the queue at the rate of the moment, or while that is
    /// zero at the last rate that was not. `None`: there was no such rate and packets wait.
    pub fn queue_delay(&mut self, now: Instant) -> Option<Duration> {
        self.advance(now);
        self.queue.wait(self.now)
    }

    /// Sends what the queue has sent by `now` on its way.
    fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
        while let Some((sent, queued, packet)) = self.queue.pop(self.now) {
            let Packet { index, message, travel } = packet;
            if travel.lost {
                continue;
            }
            self.counters.duplicated += u64::from(travel.copy_after.is_some());
            self.flight.depart(Arrival { index, copy: false, queued, message }, travel, sent);
        }
    }

    /// Whether a packet offered now finds so much in the queue that it is to be marked.
    fn marks(&mut self) -> bool {
        let above = self.options.mark_above.is_some_and(|depth| self.queue.exceeds(depth, self.now));
        let ramp = self
            .options
            .mark_ramp
            .is_some_and(|ramp| ramp.marks(self.queue.wait(self.now), self.queue.len(), self.chance.mark()));
        above || ramp
    }

    /// Draws what happens to a packet.
    fn draw_travel(&mut self, index: u64, message: &T) -> Travel {
        let since_start = self.now - self.start;
        let mut lost = self.drop_if.as_mut().is_some_and(|drop_if| drop_if(index, message));
        for process in &mut self.loss {
            lost |= process.takes(index, since_start, self.chance.loss());
        }
        self.chance.travel(&self.options, lost, self.now, since_start)
    }
}

impl<T> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("now", &self.now.saturating_duration_since(self.start))
            .field("options", &self.options)
            .field("queued", &self.queue.len())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
