//! The controller at the end of a simulated link.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use interceptor_core::packet::Ecn;
use interceptor_test::{Capacity, Clock, Jitter, Link, LinkOptions, Loss, Message, QueueDepth};

use super::super::{Scream, ScreamOptions};
use super::{BYTES, at};
use crate::{Controller as _, Feedback, FeedbackFormat, Outcome, PacketClass, PacketOutcome, Sent, Time};

#[derive(Clone, Copy)]
struct Datagram {
    index: usize,
    ecn: Ecn,
}

impl Message for Datagram {
    fn len_bytes(&self) -> usize {
        BYTES as usize
    }

    fn mark_congestion(&mut self) -> bool {
        let marks = self.ecn == Ecn::Ect1;
        if marks {
            self.ecn = Ecn::Ce;
        }
        marks
    }
}

/// What became of a packet, as the sender will be told.
#[derive(Clone, Copy)]
struct Packet {
    sent: i64,
    arrived: Option<(Time, Ecn)>,
    told: bool,
}

/// A sender that always has as much as the target asks for, and feedback each 50 ms.
struct World {
    clock: Clock,
    controller: Scream,
    link: Link<Datagram>,
    packets: Vec<Packet>,
    arrived: Vec<usize>,
    /// When a message comes, and the packets that it tells of.
    messages: VecDeque<(i64, Vec<usize>)>,
    told: Vec<PacketOutcome>,
    in_flight: u32,
    next: f64,
    last_sent: i64,
    millis: i64,
    format: FeedbackFormat,
    /// Is the message of this millisecond lost?
    deaf: fn(i64) -> bool,
    /// Bytes that came, and the longest queue, in each second.
    received: Vec<u64>,
    queues: Vec<Duration>,
    targets: Vec<u64>,
}

const DELAY: i64 = 50;

impl World {
    fn new(link: LinkOptions) -> Self {
        let clock = Clock::new();
        let options = ScreamOptions::default().with_max(4_000_000);
        let queue = QueueDepth::Time(Duration::from_millis(300));
        let link = link.with_queue_limit(queue).with_delay(Duration::from_millis(DELAY as u64));
        Self {
            link: Link::new(clock.now(), 1, link).expect("right options"),
            controller: Scream::new(options).expect("right options"),
            clock,
            packets: Vec::new(),
            arrived: Vec::new(),
            messages: VecDeque::new(),
            told: Vec::new(),
            in_flight: 0,
            next: 0.0,
            last_sent: 0,
            millis: 0,
            format: FeedbackFormat::Twcc,
            deaf: |_| false,
            received: Vec::new(),
            queues: Vec::new(),
            targets: Vec::new(),
        }
    }

    fn run(&mut self, seconds: i64) -> &mut Self {
        for _ in 0..seconds * 1000 {
            let now = self.clock.advance(Duration::from_millis(1));
            self.millis += 1;
            if self.millis % 1000 == 1 {
                self.received.push(0);
                self.queues.push(Duration::ZERO);
            }
            self.arrive(now);
            self.hear();
            while self.controller.next_timeout().is_some_and(|due| due <= at(self.millis)) {
                self.controller.on_timeout(at(self.millis));
            }
            self.send(now);
            if self.millis % 1000 == 0 {
                self.targets.push(self.controller.decision().target);
            }
        }
        self
    }

    fn arrive(&mut self, now: Instant) {
        while let Some(delivery) = self.link.pop_delivery(now) {
            let datagram = delivery.message;
            let since = i64::try_from(self.clock.elapsed().as_micros()).expect("a short run");
            let early = i64::try_from((now - delivery.at).as_micros()).expect("a short run");
            let arrived = Time::from_micros(since - early);
            if let Some(packet) = self.packets.get_mut(datagram.index) {
                packet.arrived = Some((arrived, datagram.ecn));
            }
            self.arrived.push(datagram.index);
            if let (Some(bytes), Some(queue)) = (self.received.last_mut(), self.queues.last_mut()) {
                *bytes += u64::from(BYTES);
                *queue = delivery.queued.max(*queue);
            }
        }
        if self.millis % 50 == 0 && !self.arrived.is_empty() {
            let told = std::mem::take(&mut self.arrived);
            if !(self.deaf)(self.millis) {
                self.messages.push_back((self.millis + DELAY, told));
            }
        }
    }

    /// What is older than the oldest that a message tells of was told of in one that was lost.
    fn hear(&mut self) {
        while self.messages.front().is_some_and(|(at, _)| *at <= self.millis) {
            let Some((_, told)) = self.messages.pop_front() else { return };
            let (oldest, newest) = (told.iter().min(), told.iter().max());
            let (Some(oldest), Some(newest)) = (oldest, newest) else { return };
            self.told.clear();
            let first = self.packets.iter().rposition(|packet| packet.told).map_or(0, |last| last + 1);
            for index in first..=*newest {
                let Some(packet) = self.packets.get_mut(index) else { continue };
                packet.told = true;
                self.in_flight -= BYTES;
                let outcome = match packet.arrived {
                    Some((at, ecn)) if index >= *oldest => Outcome::Received { at: Some(at), ecn },
                    Some(_) => Outcome::Unknown,
                    None => Outcome::Lost,
                };
                self.told.push(PacketOutcome {
                    index: index as u64,
                    sent: at(packet.sent),
                    bytes: BYTES,
                    class: PacketClass::Video,
                    probe: None,
                    was_lost: false,
                    outcome,
                });
            }
            let told =
                Feedback { packets: &self.told, in_flight: self.in_flight, format: self.format, rtt: None };
            self.controller.on_feedback(at(self.millis), &told);
        }
    }

    /// Paced, within the window, and one each 500 ms beyond it.
    fn send(&mut self, now: Instant) {
        let decision = self.controller.decision();
        let burst = decision.burst.as_secs_f64() * 1e3;
        self.next = self.next.max(self.millis as f64 - burst);
        while self.next <= self.millis as f64 {
            let full = decision.window.is_some_and(|window| self.in_flight + BYTES > window);
            if full && self.millis - self.last_sent < 500 {
                return;
            }
            self.next += f64::from(BYTES) * 8e3 / decision.target as f64;
            self.in_flight += BYTES;
            self.last_sent = self.millis;
            let index = self.packets.len();
            self.packets.push(Packet { sent: self.millis, arrived: None, told: false });
            self.link.push(now, Datagram { index, ecn: decision.ect });
            let sent = Sent { index: index as u64, bytes: BYTES, class: PacketClass::Video, probe: None };
            self.controller.on_sent(at(self.millis), &sent, self.in_flight);
        }
    }

    /// The part of `bits_per_second` that came in these seconds.
    fn used(&self, seconds: std::ops::Range<usize>, bits_per_second: u64) -> f64 {
        let count = seconds.len() as u64;
        let bytes: u64 = self.received.get(seconds).expect("long enough").iter().sum();
        (8 * bytes) as f64 / (count * bits_per_second) as f64
    }
}

fn two_megabits() -> LinkOptions {
    LinkOptions::default().with_capacity(Capacity::constant(2_000_000))
}

#[test]
fn fills_a_link() {
    let mut world = World::new(two_megabits());
    let used = world.run(40).used(10..40, 2_000_000);
    assert!(used > 0.85, "{used}");
    let drops = world.link.counters().queue_dropped;
    assert_eq!(drops, 0);
}

#[test]
fn jitter_does_not_end_growth() {
    let jitter = Jitter::normal(Duration::from_millis(5), Duration::from_millis(15));
    let used = World::new(two_megabits().with_jitter(jitter)).run(40).used(10..40, 2_000_000);
    assert!(used > 0.75, "{used}");
}

#[test]
fn random_loss_of_two_percent_does_not_halve_the_rate() {
    let used = World::new(two_megabits().with_loss(Loss::random(0.02))).run(60).used(20..60, 2_000_000);
    assert!(used > 0.7, "{used}");
}

#[test]
fn three_tenths_of_all_feedback_may_be_lost() {
    let mut world = World::new(two_megabits());
    world.deaf = |millis| matches!(millis / 50 * 7 % 10, 0..3);
    let used = world.run(40).used(10..40, 2_000_000);
    assert!(used > 0.8, "{used}");
}

#[test]
fn five_seconds_without_feedback_are_got_over() {
    let mut world = World::new(two_megabits());
    world.deaf = |millis| (20_000..25_000).contains(&millis);
    world.run(40);
    let target = |second: usize| *world.targets.get(second - 1).expect("long enough") as f64;
    assert!(target(25) < 0.5 * target(20), "{} {}", target(20), target(25));
    assert!(target(26) > 0.7 * target(20), "{} {}", target(20), target(26));
    let kept_alive = world.used(22..25, 2_000_000);
    assert!(kept_alive > 0.0, "a full window lets a packet through now and then");
}

#[test]
fn a_window_that_nobody_empties_does_not_lock() {
    let mut world = World::new(two_megabits());
    world.deaf = |millis| (20_000..50_000).contains(&millis);
    let used = world.run(80).used(60..80, 2_000_000);
    assert!(used > 0.8, "{used}");
}

#[test]
fn marks_keep_the_queue_short() {
    let mark = QueueDepth::Time(Duration::from_millis(3));
    let mut world = World::new(two_megabits().with_mark_above(mark));
    world.format = FeedbackFormat::Ccfb;
    let used = world.run(40).used(10..40, 2_000_000);
    assert!(used > 0.8, "{used}");
    let mut queues = world.queues.split_off(10);
    queues.sort_unstable();
    assert!(queues.get(15).is_some_and(|queue| *queue < Duration::from_millis(20)), "{queues:?}");
}

#[test]
fn a_path_that_becomes_longer_is_no_queue_for_ever() {
    let mut world = World::new(two_megabits());
    world.run(20);
    let options = world.link.options().clone().with_delay(Duration::from_millis(120));
    world.link.reconfigure(world.clock.now(), options).expect("right options");
    let used = world.run(25).used(30..45, 2_000_000);
    assert!(used > 0.7, "{used}");
}
