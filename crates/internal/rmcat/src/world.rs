//! A run: flows and links, taken from one event to the next.

use std::time::{Duration, Instant};

use anyhow::Result;
use interceptor_congestion::{RateLimits, Time};
use interceptor_test::{Link, LinkOptions, Loss, QueueDepth};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::axis::{Axis, at};
use crate::contender::{Contender, Setup};
use crate::media::MediaFlow;
use crate::plan::{Bottleneck, Plan, Tail};
use crate::record::{FlowRecord, Record};
use crate::tcp::TcpFlow;
use crate::wire::{Packet, Payload};

/// Runs `plan` with controllers of `contender`. The same seed gives the same run.
///
/// # Errors
/// A plan that no link can be made of.
pub fn run(plan: &Plan, contender: &dyn Contender, seed: u64) -> Result<Record> {
    let mut world = World::new(plan, contender, seed)?;
    let mut record = Record::new(plan.clone());
    world.run(at(plan.duration), &mut record);
    for (lane, flow) in world.lanes.iter().zip(&mut record.flows) {
        flow.under_way = lane.under_way;
    }
    Ok(record)
}

struct World {
    axis: Axis,
    /// Forward and backward.
    ways: [Way; 2],
    lanes: Vec<Lane>,
    /// What flows send at the moment.
    out: Vec<Packet>,
}

/// A link, and when something comes out of it next.
struct Way {
    link: Link<Packet>,
    due: Time,
}

/// A flow and its own part of the path.
struct Lane {
    flow: Flow,
    /// Which way its data goes.
    data_way: usize,
    data: Way,
    feedback: Way,
    due: Time,
    /// Data packets between sender and receiver.
    under_way: u64,
}

enum Flow {
    Media(Box<MediaFlow>),
    Tcp(Box<TcpFlow>),
}

impl World {
    fn new(plan: &Plan, contender: &dyn Contender, seed: u64) -> Result<Self> {
        let axis = Axis::new();
        let bottleneck = |way: &Bottleneck, number| Way::new(axis, seeded(seed, number), bottleneck(way));
        let ways = [bottleneck(&plan.forward, 0)?, bottleneck(&plan.backward, 1)?];
        let mut lanes = Vec::new();
        for media in &plan.media {
            let limits = RateLimits { min: plan.min, max: plan.max };
            let controller = contender.controller(&Setup { start: plan.start, limits, l4s: media.l4s })?;
            let number = lanes.len() as u64;
            let flow = MediaFlow::new(lanes.len(), media, controller, generator(seed, number));
            let way = usize::from(media.backward);
            lanes.push(Lane::new(axis, Flow::Media(Box::new(flow)), way, &media.tail, seed, number)?);
        }
        for tcp in &plan.tcp {
            let number = lanes.len() as u64;
            let flow = TcpFlow::new(lanes.len(), tcp, generator(seed, number));
            lanes.push(Lane::new(axis, Flow::Tcp(Box::new(flow)), 0, &tcp.tail, seed, number)?);
        }
        Ok(Self { axis, ways, lanes, out: Vec::new() })
    }

    fn run(&mut self, end: Time, record: &mut Record) {
        let mut span_ends = Record::next_span(Time::default());
        loop {
            let ways = self.ways.iter().map(|way| way.due);
            let lanes = self.lanes.iter().map(|lane| lane.due.min(lane.data.due).min(lane.feedback.due));
            let now = ways.chain(lanes).fold(span_ends, Time::min);
            if now > end {
                return;
            }
            if now == span_ends {
                for (lane, flow) in self.lanes.iter().zip(&mut record.flows) {
                    flow.note_target(now, lane.flow.target());
                }
                span_ends = Record::next_span(now);
            }
            self.leave_bottlenecks(now, record);
            for (lane, flow) in self.lanes.iter_mut().zip(&mut record.flows) {
                lane.act(self.axis, now, flow, &mut self.out);
            }
            self.enter_bottlenecks(now, record);
        }
    }

    /// What a bottleneck has sent goes on its flow's own way.
    fn leave_bottlenecks(&mut self, now: Time, record: &mut Record) {
        let Self { axis, ways, lanes, .. } = self;
        for way in ways.iter_mut().filter(|way| way.due <= now) {
            while let Some(delivery) = way.link.pop_delivery(axis.instant(now)) {
                let packet = delivery.message;
                let (Some(lane), Some(flow)) =
                    (lanes.get_mut(packet.flow), record.flows.get_mut(packet.flow))
                else {
                    continue;
                };
                if !packet.payload.is_data() {
                    lane.feedback.push(*axis, delivery.at, packet);
                    continue;
                }
                let waited = delivery.queued.as_secs_f64() * 1e3;
                flow.waits.push((now.micros() as f64 / 1e6, waited));
                lane.data.push(*axis, delivery.at, packet);
            }
            way.refresh(*axis);
        }
    }

    /// What flows have sent comes to a bottleneck.
    fn enter_bottlenecks(&mut self, now: Time, record: &mut Record) {
        let Self { axis, ways, lanes, out } = self;
        for packet in out.drain(..) {
            let (Some(lane), Some(flow)) = (lanes.get_mut(packet.flow), record.flows.get_mut(packet.flow))
            else {
                continue;
            };
            let is_data = packet.payload.is_data();
            let way = if is_data { lane.data_way } else { 1 - lane.data_way };
            let Some(way) = ways.get_mut(way) else { continue };
            let bytes = packet.bytes;
            let before = way.link.counters();
            way.push(*axis, axis.instant(now), packet);
            let after = way.link.counters();
            if let Some(span) = flow.span(now).filter(|_| is_data) {
                span.sent += 1;
                span.sent_bytes += bytes;
                span.dropped += (after.queue_dropped - before.queue_dropped) as u32;
                span.lost += (after.lost - before.lost) as u32;
            }
            let gone = after.queue_dropped + after.lost > before.queue_dropped + before.lost;
            lane.under_way += u64::from(is_data && !gone);
        }
    }
}

impl Way {
    fn new(axis: Axis, seed: u64, options: LinkOptions) -> Result<Self> {
        Ok(Self { link: Link::new(axis.start(), seed, options)?, due: Time::MAX })
    }

    fn push(&mut self, axis: Axis, at: Instant, packet: Packet) {
        self.link.push(at, packet);
        self.refresh(axis);
    }

    fn refresh(&mut self, axis: Axis) {
        self.due = self.link.next_delivery().map_or(Time::MAX, |at| axis.time(at));
    }
}

impl Lane {
    fn new(axis: Axis, flow: Flow, data_way: usize, tail: &Tail, seed: u64, number: u64) -> Result<Self> {
        let (data, feedback) = tails(tail);
        let due = flow.due();
        Ok(Self {
            flow,
            data_way,
            data: Way::new(axis, seeded(seed, 2 * number + 2), data)?,
            feedback: Way::new(axis, seeded(seed, 2 * number + 3), feedback)?,
            due,
            under_way: 0,
        })
    }

    fn act(&mut self, axis: Axis, now: Time, record: &mut FlowRecord, out: &mut Vec<Packet>) {
        if self.data.due > now && self.feedback.due > now && self.due > now {
            return;
        }
        while let Some(packet) = self.data.pop(axis, now) {
            self.under_way -= 1;
            if let Some(span) = record.span(now) {
                span.received += 1;
                span.received_bytes += packet.bytes;
            }
            self.flow.receive(now, &packet, out);
        }
        while let Some(packet) = self.feedback.pop(axis, now) {
            self.flow.receive(now, &packet, out);
        }
        if self.flow.due() <= now {
            self.flow.act(now, out);
        }
        self.due = self.flow.due();
    }
}

impl Way {
    fn pop(&mut self, axis: Axis, now: Time) -> Option<Packet> {
        if self.due > now {
            return None;
        }
        let packet = self.link.pop(axis.instant(now)).map(|(_, packet)| packet);
        self.refresh(axis);
        packet
    }
}

impl Flow {
    fn due(&self) -> Time {
        match self {
            Self::Media(media) => media.due(),
            Self::Tcp(tcp) => tcp.due(),
        }
    }

    fn act(&mut self, now: Time, out: &mut Vec<Packet>) {
        match self {
            Self::Media(media) => media.act(now, out),
            Self::Tcp(tcp) => tcp.act(now, out),
        }
    }

    fn target(&self) -> u64 {
        match self {
            Self::Media(media) => media.target(),
            Self::Tcp(_) => 0,
        }
    }

    fn receive(&mut self, now: Time, packet: &Packet, out: &mut Vec<Packet>) {
        match (self, &packet.payload) {
            (Self::Media(media), Payload::Media { index, sent }) => {
                media.receive_media(now, *index, *sent, packet);
            }
            (Self::Media(media), Payload::Feedback(report)) => media.receive_feedback(now, report),
            (Self::Media(media), Payload::Summary(summary)) => media.receive_summary(now, summary),
            (Self::Tcp(tcp), Payload::Segment { number }) => tcp.receive_segment(*number, out),
            (Self::Tcp(tcp), Payload::Ack { number }) => tcp.receive_ack(now, *number, out),
            _ => {}
        }
    }
}

/// The link that all flows share.
fn bottleneck(way: &Bottleneck) -> LinkOptions {
    let options = LinkOptions::default()
        .with_capacity(way.capacity.as_ref().map(crate::schedule::Schedule::capacity))
        .with_queue_limit(QueueDepth::Time(way.queue))
        .with_mark_ramp(way.marks);
    if way.loss > 0.0 { options.with_loss(Loss::random(way.loss)) } else { options }
}

/// The links that a flow has for itself, of its data and of its feedback.
fn tails(tail: &Tail) -> (LinkOptions, LinkOptions) {
    let plain = LinkOptions::default().with_delay(tail.delay);
    let mut data = plain.clone().with_jitter(tail.jitter).with_stalls(tail.stalls);
    if let Some((second, delay)) = tail.delay_step {
        data = data.with_delay_step(Duration::from_secs_f64(second), delay);
    }
    let mut feedback = plain;
    if tail.feedback_loss > 0.0 {
        feedback = feedback.with_loss(Loss::random(tail.feedback_loss));
    }
    if let Some(outage) = &tail.feedback_outage {
        let span = Duration::from_secs_f64(outage.start)..Duration::from_secs_f64(outage.end);
        feedback = feedback.with_loss(Loss::outage(span));
    }
    (data, feedback)
}

/// Each link has its own chances.
fn seeded(seed: u64, link: u64) -> u64 {
    seed.wrapping_mul(1000).wrapping_add(link)
}

/// And so has each flow.
fn generator(seed: u64, flow: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1000 + flow);
    rng
}
