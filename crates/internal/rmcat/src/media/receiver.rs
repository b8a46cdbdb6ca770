//! The other end: notes when packets come, and tells.

use std::sync::Arc;
use std::time::Duration;

use interceptor_congestion::Time;
use interceptor_core::packet::Ecn;

use super::summary::Summaries;
use crate::wire::{Arrival, Packet, Payload, Report};

/// The receiver's clock shows so much more than the sender's.
const CLOCK_OFFSET: Duration = Duration::from_secs(1000);

/// TWCC counts time in quarters of a millisecond.
const TWCC_TICK: i64 = 250;

/// Of the received rate, so much may be feedback.
const TWCC_SHARE: f64 = 0.05;

/// The size of a message that the share is reckoned with.
const TWCC_BYTES: f64 = 68.0;

/// Between what the gap between two messages of TWCC stays, in seconds.
const TWCC_GAP: (f64, f64) = (0.05, 0.25);

/// What the first gap is reckoned with, in bits per second: it gives 100 ms.
const TWCC_FIRST_RATE: f64 = 108_800.0;

/// After so long without packets the pause counts no more.
const IDLE: Duration = Duration::from_millis(250);

/// The gap between two messages of RFC 8888.
const CCFB_GAP: Duration = Duration::from_millis(25);

/// The receiver of one flow.
#[derive(Debug)]
pub(super) struct Receiver {
    flow: usize,
    l4s: bool,
    drift_ppm: i32,
    /// Told up to here, without it.
    told: u64,
    news: Vec<(u64, Arrival)>,
    bytes: u64,
    due: Option<Time>,
    /// When the last message left, but not long before the packets that it did not tell of.
    last: Time,
    /// Bits per second.
    rate: f64,
    summaries: Summaries,
}

impl Receiver {
    pub(super) fn new(flow: usize, l4s: bool, drift_ppm: i32) -> Self {
        Self {
            flow,
            l4s,
            drift_ppm,
            told: 0,
            news: Vec::new(),
            bytes: 0,
            due: None,
            last: Time::MIN,
            rate: TWCC_FIRST_RATE,
            summaries: Summaries::default(),
        }
    }

    /// When the next message leaves.
    pub(super) fn due(&self) -> Time {
        self.due.unwrap_or(Time::MAX).min(self.summaries.due())
    }

    pub(super) fn receive(&mut self, now: Time, index: u64, sent: Time, packet: &Packet) {
        self.summaries.receive(now, index, sent);
        if self.news.is_empty() {
            self.last = self.last.max(now - IDLE);
        }
        self.news.push((index, Arrival { at: self.clock(now), ecn: packet.ecn }));
        self.bytes += u64::from(packet.bytes);
        let next = if self.l4s { now + CCFB_GAP } else { now.max(self.last + self.gap()) };
        self.due.get_or_insert(next);
    }

    /// Puts messages that are due into `out`.
    pub(super) fn act(&mut self, now: Time, out: &mut Vec<Packet>) {
        if self.due.is_some_and(|due| due <= now) {
            out.push(self.tell(now));
        }
        if self.summaries.due() <= now {
            let payload = Payload::Summary(self.summaries.tell(now));
            out.push(self.message(28 + 32, payload));
        }
    }

    fn tell(&mut self, now: Time) -> Packet {
        let seconds = now.since(self.last).max(1) as f64 / 1e6;
        self.rate = 0.5 * self.rate + 0.5 * (self.bytes * 8) as f64 / seconds;
        self.due = None;
        self.last = now;
        self.bytes = 0;
        let end = self.news.iter().map(|(index, _)| index + 1).fold(self.told, u64::max);
        let mut packets = vec![None; (end - self.told) as usize];
        let clock = self.clock(now);
        for (index, arrival) in self.news.drain(..) {
            let place = index.checked_sub(self.told).and_then(|place| packets.get_mut(place as usize));
            if let Some(place) = place {
                *place = Some(Arrival { at: rounded(self.l4s, clock, arrival.at), ..arrival });
            }
        }
        let header = if self.l4s { 20 } else { 24 };
        let bytes = 28 + header + 2 * packets.len() as u32;
        let report = Report { first: self.told, packets };
        self.told = end;
        self.message(bytes, Payload::Feedback(Arc::new(report)))
    }

    fn message(&self, bytes: u32, payload: Payload) -> Packet {
        Packet { flow: self.flow, bytes, ecn: Ecn::NotEct, payload }
    }

    fn gap(&self) -> Duration {
        let (least, most) = TWCC_GAP;
        let gap = TWCC_BYTES * 8.0 / (TWCC_SHARE * self.rate).max(1.0);
        Duration::from_secs_f64(gap.clamp(least, most))
    }

    fn clock(&self, now: Time) -> Time {
        let drift = now.micros() * i64::from(self.drift_ppm) / 1_000_000;
        Time::from_micros(now.micros() + drift) + CLOCK_OFFSET
    }
}

/// An arrival as exactly as it can be told: by TWCC in ticks, by RFC 8888 in 1024ths of a second before the message.
fn rounded(l4s: bool, clock: Time, at: Time) -> Time {
    if !l4s {
        return Time::from_micros(at.micros().div_euclid(TWCC_TICK) * TWCC_TICK);
    }
    let offset = (clock.since(at) * 1024 + 500_000) / 1_000_000;
    Time::from_micros(clock.micros() - offset * 1_000_000 / 1024)
}
