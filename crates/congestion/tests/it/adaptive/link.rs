//! One flow over one bottleneck, in virtual time: a source of frames that follows the target, a pacer, a drop-tail queue, feedback.

use std::collections::VecDeque;

use interceptor_congestion::{
    Adaptive, AdaptiveOptions, Controller, Feedback, FeedbackFormat, LossReport, Outcome, PacketClass,
    PacketOutcome, Sent, Time,
};
use interceptor_core::Probe;
use interceptor_core::packet::Ecn;

const TICK: i64 = 250;
const FRAME: i64 = 33_333;
const FEEDBACK: i64 = 50_000;
const PACKET: u32 = 1200;

/// What lies between sender and receiver.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// From when on, in seconds, how many bits per second.
    pub(super) capacity: Vec<(f64, f64)>,
    /// One way, in ms, from when on, in seconds.
    pub(super) delay: Vec<(f64, f64)>,
    pub(super) queue_ms: f64,
    /// The share of packets that are lost by chance.
    pub(super) loss: f64,
    /// When no feedback comes, in seconds.
    pub(super) no_feedback: (f64, f64),
    /// The receiver's clock less the sender's in ms, from when on, in seconds.
    pub(super) clock: Vec<(f64, f64)>,
    /// How much faster it runs, in parts of a million.
    pub(super) drift_ppm: f64,
    /// The most that the source sends, until when, in seconds.
    pub(super) source: (f64, f64),
    pub(super) format: FeedbackFormat,
    pub(super) seed: u64,
}

impl Path {
    pub(super) fn of(capacity: &[(f64, f64)]) -> Self {
        Self {
            capacity: capacity.to_vec(),
            delay: vec![(0.0, 50.0)],
            queue_ms: 300.0,
            loss: 0.0,
            no_feedback: (0.0, 0.0),
            clock: vec![(0.0, 0.0)],
            drift_ppm: 0.0,
            source: (f64::INFINITY, 0.0),
            format: FeedbackFormat::Twcc,
            seed: 1,
        }
    }
}

fn at(steps: &[(f64, f64)], now: i64) -> f64 {
    let passed = steps.iter().take_while(|step| step.0 * 1e6 <= now as f64);
    passed.last().or(steps.first()).unwrap().1
}

#[derive(Clone, Copy)]
struct Flying {
    sent: Sent,
    left: i64,
    came: Option<i64>,
}

/// What happened each quarter of a second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quarter {
    pub(super) delivered_bits: f64,
    pub(super) capacity_bits: f64,
}

/// A run of one flow.
pub(super) struct Run<C> {
    pub(super) controller: C,
    path: Path,
    now: i64,
    random: u64,
    // The sender.
    queue: VecDeque<u32>,
    next_frame: i64,
    next_release: i64,
    probe: Option<(Probe, i64, u16, u32)>,
    index: u64,
    flying: VecDeque<Flying>,
    // The bottleneck and the way back.
    busy_until: i64,
    next_feedback: i64,
    on_its_way: VecDeque<(i64, u64)>,
    // What came of it.
    pub(super) quarters: Vec<Quarter>,
    pub(super) queue_times: Vec<(i64, f64)>,
    pub(super) dropped: u32,
    pub(super) feedbacks: u32,
    outcomes: Vec<PacketOutcome>,
}

impl Run<Adaptive> {
    pub(super) fn adaptive(path: Path) -> Self {
        Self::new(path, Adaptive::new(AdaptiveOptions::default().with_max(10_000_000)).unwrap())
    }
}

impl<C: Controller> Run<C> {
    pub(super) fn new(path: Path, controller: C) -> Self {
        Self {
            controller,
            random: path.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            path,
            now: 0,
            queue: VecDeque::new(),
            next_frame: 0,
            next_release: 0,
            probe: None,
            index: 0,
            flying: VecDeque::new(),
            busy_until: 0,
            next_feedback: FEEDBACK,
            on_its_way: VecDeque::new(),
            quarters: Vec::new(),
            queue_times: Vec::new(),
            dropped: 0,
            feedbacks: 0,
            outcomes: Vec::with_capacity(4096),
        }
    }

    /// Runs until so many seconds.
    pub(super) fn until(&mut self, seconds: f64) -> &mut Self {
        while (self.now as f64) < seconds * 1e6 {
            self.tick();
            self.now += TICK;
        }
        self
    }

    pub(super) fn target(&self) -> f64 {
        self.controller.decision().target as f64
    }

    /// The share of the capacity that was delivered between these seconds.
    pub(super) fn utilisation(&self, from: f64, to: f64) -> f64 {
        let quarters = &self.quarters[(from * 4.0) as usize..((to * 4.0) as usize).min(self.quarters.len())];
        let sum = |of: fn(&Quarter) -> f64| quarters.iter().map(of).sum::<f64>();
        sum(|q| q.delivered_bits) / sum(|q| q.capacity_bits)
    }

    /// The queueing delay in ms that 95 of 100 packets had at most between these seconds.
    pub(super) fn q95(&self, from: f64, to: f64) -> f64 {
        let within = |at: i64| (from * 1e6..to * 1e6).contains(&(at as f64));
        let mut times: Vec<f64> = self.queue_times.iter().filter(|q| within(q.0)).map(|q| q.1).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() * 95 / 100]
    }

    fn chance(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as f64 / (1u64 << 53) as f64
    }

    fn tick(&mut self) {
        let now = Time::from_micros(self.now);
        if self.now % FEEDBACK * 5 == 0 {
            let quarter = self.now / (FEEDBACK * 5);
            if self.quarters.len() <= quarter as usize {
                self.quarters.push(Quarter::default());
            }
        }
        let capacity = at(&self.path.capacity, self.now);
        if let Some(quarter) = self.quarters.last_mut() {
            quarter.capacity_bits += capacity * TICK as f64 / 1e6;
        }
        self.make_frame();
        self.release();
        if self.now >= self.next_feedback {
            self.next_feedback += FEEDBACK;
            self.send_feedback();
        }
        while let Some(&(due, upto)) = self.on_its_way.front()
            && due <= self.now
        {
            self.on_its_way.pop_front();
            self.tell(now, upto);
        }
        if self.controller.next_timeout().is_some_and(|at| at <= now) {
            self.controller.on_timeout(now);
        }
    }

    fn make_frame(&mut self) {
        if self.now < self.next_frame {
            return;
        }
        self.next_frame += FRAME;
        let limit =
            if self.now as f64 / 1e6 < self.path.source.1 { self.path.source.0 } else { f64::INFINITY };
        let rate = self.target().min(limit);
        let size = if rate < 300e3 { 600 } else { PACKET };
        let noise = 0.85 + 0.3 * self.chance();
        let mut bytes = (rate * noise * FRAME as f64 / 8e6) as u32;
        // A source that skips frames when too much waits.
        let waiting: u32 = self.queue.iter().sum();
        if f64::from(waiting) * 8.0 > 0.4 * rate {
            return;
        }
        while bytes > 0 {
            self.queue.push_back(bytes.clamp(100, size));
            bytes = bytes.saturating_sub(size);
        }
    }

    fn release(&mut self) {
        let decision = self.controller.decision();
        if self.probe.is_none()
            && let Some(probe) = self.controller.poll_probe()
        {
            self.probe = Some((probe, self.now, 0, 0));
        }
        if let Some((probe, mut next, mut packets, mut bytes)) = self.probe {
            while next <= self.now {
                let size = self.queue.pop_front().unwrap_or(PACKET);
                self.send(size, Some(probe.id));
                (packets, bytes) = (packets + 1, bytes + size);
                next = self.now.max(next + (f64::from(size) * 8e6 / probe.rate as f64) as i64);
                if packets >= probe.min_packets && bytes >= probe.min_bytes {
                    self.probe = None;
                    self.next_release = next;
                    return;
                }
            }
            self.probe = Some((probe, next, packets, bytes));
            return;
        }
        let burst = decision.burst.as_micros() as i64;
        while self.next_release <= self.now
            && let Some(size) = self.queue.pop_front()
        {
            let start = self.next_release.max(self.now - burst);
            self.next_release = start + (f64::from(size) * 8e6 / decision.pacing as f64) as i64;
            self.send(size, None);
        }
    }

    fn send(&mut self, bytes: u32, probe: Option<u8>) {
        let capacity = at(&self.path.capacity, self.now);
        let delay = (at(&self.path.delay, self.now) * 1e3) as i64;
        let wait = (self.busy_until - self.now).max(0);
        let mut came = None;
        if wait as f64 > self.path.queue_ms * 1e3 {
            self.dropped += 1;
        } else {
            self.busy_until = self.now.max(self.busy_until) + (f64::from(bytes) * 8e6 / capacity) as i64;
            self.queue_times.push((self.now, wait as f64 / 1e3));
            came = Some(self.busy_until + delay);
        }
        if self.chance() < self.path.loss {
            came = None;
        }
        let sent = Sent { index: self.index, bytes, class: PacketClass::Video, probe };
        self.index += 1;
        self.flying.push_back(Flying { sent, left: self.now, came });
        let in_flight = self.in_flight();
        self.controller.on_sent(Time::from_micros(self.now), &sent, in_flight);
    }

    fn in_flight(&self) -> u32 {
        self.flying.iter().map(|packet| packet.sent.bytes).sum()
    }

    fn send_feedback(&mut self) {
        let (from, to) = self.path.no_feedback;
        let newest = self.flying.iter().rev().find(|packet| packet.came.is_some_and(|came| came <= self.now));
        if let Some(newest) = newest
            && !(from * 1e6..to * 1e6).contains(&(self.now as f64))
        {
            let delay = (at(&self.path.delay, self.now) * 1e3) as i64;
            self.on_its_way.push_back((self.now + delay, newest.sent.index));
        }
    }

    fn tell(&mut self, now: Time, upto: u64) {
        let mut outcomes = std::mem::take(&mut self.outcomes);
        outcomes.clear();
        while let Some(packet) = self.flying.front()
            && packet.sent.index <= upto
        {
            outcomes.push(self.outcome(packet));
            if let (Some(_), Some(quarter)) = (packet.came, self.quarters.last_mut()) {
                quarter.delivered_bits += f64::from(packet.sent.bytes) * 8.0;
            }
            self.flying.pop_front();
        }
        let in_flight = self.in_flight();
        let feedback = Feedback { packets: &outcomes, in_flight, format: self.path.format, rtt: None };
        self.controller.on_feedback(now, &feedback);
        self.feedbacks += 1;
        self.outcomes = outcomes;
    }

    fn outcome(&self, packet: &Flying) -> PacketOutcome {
        let clock = |came: i64| {
            let drift = came as f64 * self.path.drift_ppm / 1e6;
            came + (at(&self.path.clock, came) * 1e3 + drift) as i64
        };
        // The resolution of transport-wide feedback.
        let received = |came| Outcome::Received {
            at: Some(Time::from_micros(clock(came).div_euclid(250) * 250)),
            ecn: Ecn::NotEct,
        };
        PacketOutcome {
            index: packet.sent.index,
            sent: Time::from_micros(packet.left),
            bytes: packet.sent.bytes,
            class: packet.sent.class,
            probe: packet.sent.probe,
            was_lost: false,
            outcome: packet.came.map_or(Outcome::Lost, received),
        }
    }
}

/// Receiver reports each second instead of feedback, over a link of `capacity` that loses `loss`: the target after each second.
pub(super) fn reported(capacity: f64, loss: f64, seconds: i64) -> Vec<f64> {
    let mut controller = Adaptive::new(AdaptiveOptions::default().with_start(300_000)).unwrap();
    let each = |second: i64| {
        let target = controller.decision().target as f64;
        for packet in 0..50 {
            let now = Time::from_micros(second * 1_000_000 + packet * 20_000);
            let bytes = (target / 400.0) as u32;
            let sent = Sent { index: 0, bytes, class: PacketClass::Video, probe: None };
            controller.on_sent(now, &sent, bytes * 10);
            if controller.next_timeout().is_some_and(|at| at <= now) {
                controller.on_timeout(now);
            }
        }
        let over = (1.0 - capacity / target).max(0.0);
        let lost = (100.0 * (loss + (1.0 - loss) * over)).round() as u32;
        let rtt = Some(std::time::Duration::from_millis(if over > 0.0 { 500 } else { 200 }));
        controller
            .on_report(Time::from_micros((second + 1) * 1_000_000), &LossReport { packets: 100, lost, rtt });
        controller.decision().target as f64
    };
    (0..seconds).map(each).collect()
}
