//! The hand-over under every interleaving of a few threads: its source once more, over loom's locks and atomics.
//!
//! A thread that waits for what nobody tells it is a deadlock, which loom reports.

use std::sync::atomic::Ordering::Relaxed;

use loom::sync::{Arc, Notify};
use loom::thread;

use handover::{Half, Handover, Load, Outcome};

#[expect(dead_code, reason = "a test uses what it is about")]
#[expect(clippy::duplicate_mod, reason = "the same source over other locks and atomics is the point")]
#[path = "handover.rs"]
mod handover;

/// What the hand-over needs, of loom.
mod sync {
    pub(super) use loom::sync::MutexGuard as Guard;
    pub(super) use loom::sync::atomic::AtomicUsize;

    pub(super) struct Lock<T>(loom::sync::Mutex<T>);

    impl<T> Lock<T> {
        pub(super) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(super) fn lock(&self) -> Guard<'_, T> {
            self.0.lock().unwrap()
        }
    }
}

use sync::{AtomicUsize, Lock};

/// The transport, which takes so many packets and then wakes the session's task when there is room again.
struct Wire {
    inner: Lock<WireInner>,
}

#[derive(Default)]
struct WireInner {
    room: usize,
    sent: Vec<u32>,
    /// Somebody has been told "not now".
    wants_wake: bool,
}

/// The transport's sending half; dropped once.
struct Sender {
    queue: Vec<u32>,
    wire: Arc<Wire>,
    drops: Arc<AtomicUsize>,
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Relaxed);
    }
}

impl Half for Sender {
    type Queue = Vec<u32>;

    fn load(&self) -> Load {
        Load { packets: self.queue.len(), bytes: self.queue.len() }
    }

    fn refill(&mut self, waiting: &mut Vec<u32>) {
        if self.queue.is_empty() {
            std::mem::swap(&mut self.queue, waiting);
        }
    }
}

impl Sender {
    fn send(&mut self) -> Outcome {
        let mut wire = self.wire.inner.lock();
        let count = self.queue.len().min(wire.room);
        wire.room -= count;
        wire.sent.extend(self.queue.drain(..count));
        wire.wants_wake = !self.queue.is_empty();
        if wire.wants_wake { Outcome::Blocked } else { Outcome::Sent }
    }
}

/// Wakes the session's task, or ends it.
struct Driver {
    notify: Notify,
    woken: Lock<bool>,
    over: Lock<bool>,
}

impl Driver {
    fn wake(&self) {
        *self.woken.lock() = true;
        self.notify.notify();
    }

    fn end(&self) {
        *self.over.lock() = true;
        self.notify.notify();
    }
}

/// A session as far as sending goes.
#[derive(Clone)]
struct Model {
    handover: Arc<Handover<Sender>>,
    wire: Arc<Wire>,
    drops: Arc<AtomicUsize>,
    /// The lock that everybody holds who queues.
    state: Arc<Lock<()>>,
    driver: Arc<Driver>,
    /// Wakes a writer that waits.
    room: Arc<Notify>,
}

impl Model {
    fn new(limit: usize, room: usize) -> Self {
        let wire = Arc::new(Wire { inner: Lock::new(WireInner { room, ..WireInner::default() }) });
        let drops = Arc::new(AtomicUsize::new(0));
        let sender = Sender { queue: Vec::new(), wire: Arc::clone(&wire), drops: Arc::clone(&drops) };
        Self {
            handover: Arc::new(Handover::new(sender, whole(limit), whole(64))),
            wire,
            drops,
            state: Arc::new(Lock::new(())),
            driver: Arc::new(Driver {
                notify: Notify::new(),
                woken: Lock::new(false),
                over: Lock::new(false),
            }),
            room: Arc::new(Notify::new()),
        }
    }

    /// As `Shared::flush`.
    fn flush(&self) {
        if self.flush_rounds() {
            self.driver.wake();
        }
    }

    /// One round only, so that the session's task is needed as well.
    fn flush_rounds(&self) -> bool {
        self.handover.flush(1, Sender::send, || self.room.notify()).more
    }

    /// As `LocalStream::try_write`.
    fn try_write(&self, packet: u32) -> bool {
        let written = {
            let _state = self.state.lock();
            !self.handover.is_full() && self.handover.queue().push(1, |queue| queue.push(packet))
        };
        self.flush();
        written
    }

    /// As `LocalStream::write`.
    fn write(&self, packet: u32) {
        let _waiting = self.handover.wait();
        while !self.try_write(packet) {
            self.room.wait();
        }
    }

    /// The session's task: does something only when it is woken, so that it makes good for nobody who forgot that.
    fn drive(&self) {
        loop {
            // In this order: who ends it has woken it before if at all.
            let over = *self.driver.over.lock();
            if std::mem::take(&mut *self.driver.woken.lock()) {
                self.handover.unblock();
                self.flush();
            } else if over {
                return;
            } else {
                self.driver.notify.wait();
            }
        }
    }

    /// Runs `writer` beside `owner` and the session's task; returns what has been sent.
    fn run(&self, owner: impl FnOnce(&Self), writer: impl FnOnce(&Self) + 'static) -> Vec<u32> {
        let (writing, driving) = (self.clone(), self.clone());
        let writing = thread::spawn(move || writer(&writing));
        let driving = thread::spawn(move || driving.drive());
        owner(self);
        writing.join().unwrap();
        self.driver.end();
        driving.join().unwrap();
        self.wire.inner.lock().sent.clone()
    }

    /// The transport takes so many more.
    fn open(&self, room: usize) {
        let wake = {
            let mut wire = self.wire.inner.lock();
            wire.room += room;
            std::mem::take(&mut wire.wants_wake)
        };
        if wake {
            self.driver.wake();
        }
    }
}

/// Packets of one byte.
const fn whole(packets: usize) -> Load {
    Load { packets, bytes: packets }
}

/// Few preemptions find nearly all faults, in seconds rather than hours.
fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

#[test]
fn whoever_sends_sends_for_all_and_nothing_stays_behind() {
    check(3, || {
        let model = Model::new(8, 8);
        let write = |from: u32| {
            move |model: &Model| (from..from + 2).for_each(|packet| assert!(model.try_write(packet)))
        };
        let sent = model.run(write(10), write(20));
        let of =
            |from: u32| sent.iter().filter(|packet| **packet / 10 == from / 10).copied().collect::<Vec<_>>();
        assert_eq!((sent.len(), of(10), of(20)), (4, vec![10, 11], vec![20, 21]), "{sent:?}");
        assert!(model.handover.is_done());
    });
}

#[test]
fn a_transport_that_is_ready_again_while_somebody_hears_it_is_not_is_tried_again() {
    check(3, || {
        let model = Model::new(8, 0);
        let sent = model.run(|model| model.open(8), |model| assert!(model.try_write(1)));
        assert_eq!(sent, [1]);
    });
}

#[test]
fn a_writer_that_waits_hears_of_room() {
    check(2, || {
        let model = Model::new(1, 0);
        assert!(model.try_write(1));
        assert!(!model.try_write(9), "there is room for one");
        let sent = model.run(|model| model.open(8), |model| model.write(2));
        assert_eq!(sent, [1, 2]);
    });
}

#[test]
fn what_is_given_up_is_counted_once_and_the_half_is_dropped_once() {
    check(3, || {
        let model = Model::new(8, 1);
        let writer = model.clone();
        let writing = thread::spawn(move || {
            let (mut refused, mut unsent) = (0, 0);
            for packet in 0..2 {
                let pushed = writer.handover.queue().push(1, |queue| queue.push(packet));
                refused += usize::from(!pushed);
                unsent += writer.handover.flush(4, Sender::send, || {}).unsent;
            }
            refused + unsent
        });
        let (unsent, half) = model.handover.close();
        drop(half);
        let lost = unsent + writing.join().unwrap();
        assert_eq!(model.wire.inner.lock().sent.len() + lost, 2);
        assert_eq!(model.drops.load(Relaxed), 1);
        assert!(model.handover.is_done());
    });
}

#[test]
fn two_that_close_get_the_half_once() {
    check(3, || {
        let model = Model::new(8, 8);
        assert!(model.handover.queue().push(1, |queue| queue.push(1)));
        let other = model.clone();
        let closing = thread::spawn(move || {
            let (unsent, half) = other.handover.close();
            (unsent, half.is_some())
        });
        let (unsent, half) = model.handover.close();
        let (others, other_half) = closing.join().unwrap();
        assert_eq!((unsent + others, half.is_some() ^ other_half), (1, true));
    });
}
