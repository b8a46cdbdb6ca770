//! A flow over TCP: what media has to share a bottleneck with.

mod cubic;

use std::collections::VecDeque;
use std::time::Duration;

use interceptor_congestion::Time;
use interceptor_core::packet::Ecn;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use self::cubic::Cubic;
use crate::axis::at;
use crate::plan::{TcpLoad, TcpPlan};
use crate::wire::{Packet, Payload};

/// A segment on the wire, and what it carries.
const SEGMENT_BYTES: u32 = 1500;
const SEGMENT_PAYLOAD: u64 = 1448;

/// An acknowledgement on the wire.
const ACK_BYTES: u32 = 52;

/// A segment is lost when one this many later has come (RFC 9002 §6.1.1 has the same for QUIC as TCP's three duplicates).
const REORDERING: u64 = 3;

/// The retransmission timer is never shorter (RFC 6298 §2.4).
const MIN_RTO: Duration = Duration::from_secs(1);

/// Both ends of a TCP flow. Each segment has a number of its own, a repeat a new one, and each that comes is acknowledged at
/// once: the sender knows of each whether it came, as with selective acknowledgements.
#[derive(Debug)]
pub(crate) struct TcpFlow {
    flow: usize,
    end: Time,
    load: TcpLoad,
    rng: ChaCha8Rng,
    window: Cubic,
    outstanding: VecDeque<(u64, Time)>,
    next: u64,
    /// Segments of the file that have still to be sent, repeats among them.
    to_send: u64,
    /// Losses among the segments before it belong to an event that the window has answered already.
    recovery: u64,
    rtt: Option<f64>,
    /// When the next file begins.
    begins: Time,
    rto: Time,
}

impl TcpFlow {
    pub(crate) fn new(flow: usize, plan: &TcpPlan, rng: ChaCha8Rng) -> Self {
        let start = at(plan.active.start);
        let mut flow = Self {
            flow,
            end: at(plan.active.end),
            load: plan.load.clone(),
            rng,
            window: Cubic::new(),
            outstanding: VecDeque::new(),
            next: 0,
            to_send: 0,
            recovery: 0,
            rtt: None,
            begins: start,
            rto: Time::MAX,
        };
        if matches!(flow.load, TcpLoad::Files { .. }) {
            flow.begins = start + flow.pause();
        }
        flow
    }

    /// When something is to be done.
    pub(crate) fn due(&self) -> Time {
        let due = self.begins.min(self.rto);
        if due < self.end { due } else { Time::MAX }
    }

    /// Does what is due, and puts packets that leave into `out`.
    pub(crate) fn act(&mut self, now: Time, out: &mut Vec<Packet>) {
        if self.begins <= now {
            self.begin();
        }
        if self.rto <= now {
            self.to_send += self.outstanding.len() as u64;
            self.outstanding.clear();
            self.recovery = self.next;
            self.window.on_timeout();
        }
        self.send(now, out);
    }

    /// A segment has come to the receiver.
    pub(crate) fn receive_segment(&self, number: u64, out: &mut Vec<Packet>) {
        let payload = Payload::Ack { number };
        out.push(Packet { flow: self.flow, bytes: ACK_BYTES, ecn: Ecn::NotEct, payload });
    }

    /// An acknowledgement has come to the sender.
    pub(crate) fn receive_ack(&mut self, now: Time, number: u64, out: &mut Vec<Packet>) {
        let Some(place) = self.outstanding.iter().position(|(sent, _)| *sent == number) else { return };
        let Some((_, sent)) = self.outstanding.remove(place) else { return };
        let rtt = now.since(sent) as f64 / 1e6;
        let smoothed = self.rtt.map_or(rtt, |smoothed| smoothed + (rtt - smoothed) / 8.0);
        self.rtt = Some(smoothed);
        while let Some((lost, _)) = self.outstanding.pop_front_if(|(other, _)| *other + REORDERING <= number)
        {
            self.to_send += 1;
            if lost >= self.recovery {
                self.recovery = self.next;
                self.window.on_loss(now);
            }
        }
        if number >= self.recovery {
            self.window.on_ack(now, smoothed);
        }
        self.restart_timer(now);
        self.send(now, out);
        if self.to_send == 0 && self.outstanding.is_empty() && now < self.end {
            self.begins = now + self.pause();
        }
    }

    fn begin(&mut self) {
        self.begins = Time::MAX;
        self.window = Cubic::new();
        self.to_send = match &self.load {
            TcpLoad::Endless => u64::MAX / 2,
            TcpLoad::Files { bytes, .. } => self.rng.random_range(bytes.clone()).div_ceil(SEGMENT_PAYLOAD),
        };
    }

    fn send(&mut self, now: Time, out: &mut Vec<Packet>) {
        if now >= self.end {
            return;
        }
        let was_idle = self.outstanding.is_empty();
        while self.to_send > 0 && self.outstanding.len() < self.window.segments() {
            let payload = Payload::Segment { number: self.next };
            out.push(Packet { flow: self.flow, bytes: SEGMENT_BYTES, ecn: Ecn::NotEct, payload });
            self.outstanding.push_back((self.next, now));
            self.next += 1;
            self.to_send -= 1;
        }
        if was_idle {
            self.restart_timer(now);
        }
    }

    fn restart_timer(&mut self, now: Time) {
        let rto = self.rtt.map_or(MIN_RTO, |rtt| MIN_RTO.max(Duration::from_secs_f64(2.0 * rtt)));
        self.rto = if self.outstanding.is_empty() { Time::MAX } else { now + rto };
    }

    /// Exponentially drawn.
    fn pause(&mut self) -> Duration {
        let TcpLoad::Files { mean_pause, .. } = self.load else { return Duration::MAX };
        let chance: f64 = self.rng.random();
        Duration::from_secs_f64(-mean_pause * (1.0 - chance).ln())
    }
}
