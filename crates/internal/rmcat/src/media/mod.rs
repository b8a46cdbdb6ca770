//! A flow with a congestion controller: encoder, pacer, history and receiver around it.

mod history;
mod pacer;
mod receiver;
mod source;
mod summary;

use std::time::Duration;

use interceptor_congestion::{
    Controller, Decision, Feedback, FeedbackFormat, LossReport, PacketOutcome, Sent, Time,
};
use interceptor_core::packet::Ecn;
use rand_chacha::ChaCha8Rng;

use self::history::History;
use self::pacer::Pacer;
use self::receiver::Receiver;
use self::source::{Source, max_packet_bytes};
use crate::axis::at;
use crate::plan::MediaPlan;
use crate::wire::{Packet, Payload, Report, Summary};

/// With so much in the pacer an encoder skips a frame.
const SKIP_ABOVE: Duration = Duration::from_millis(400);

/// A controller that wants its timeout at once, again and again, does not stop time.
const TIMEOUT_GAP: Duration = Duration::from_millis(1);

/// Both ends of a media flow.
pub(crate) struct MediaFlow {
    flow: usize,
    start: Time,
    end: Time,
    l4s: bool,
    controller: Box<dyn Controller>,
    decision: Decision,
    source: Source,
    pacer: Pacer,
    history: History,
    receiver: Receiver,
    sent: u64,
    last_timeout: Time,
    outcomes: Vec<PacketOutcome>,
}

impl MediaFlow {
    pub(crate) fn new(
        flow: usize,
        plan: &MediaPlan,
        controller: Box<dyn Controller>,
        rng: ChaCha8Rng,
    ) -> Self {
        let start = at(plan.active.start);
        let mut flow = Self {
            flow,
            start,
            end: at(plan.active.end),
            l4s: plan.l4s,
            decision: controller.decision(),
            controller,
            source: Source::new(plan.source.clone(), start, rng),
            pacer: Pacer::new(start),
            history: History::default(),
            receiver: Receiver::new(flow, plan.l4s, plan.drift_ppm),
            sent: 0,
            last_timeout: Time::MIN,
            outcomes: Vec::new(),
        };
        flow.decide(start);
        flow
    }

    /// The target, in bits per second.
    pub(crate) fn target(&self) -> u64 {
        self.decision.target
    }

    /// When something is to be done.
    pub(crate) fn due(&self) -> Time {
        let sending = self.sending_due();
        let sending = if sending < self.end { sending } else { Time::MAX };
        sending.min(self.receiver.due())
    }

    /// Does what is due, and puts packets that leave into `out`.
    pub(crate) fn act(&mut self, now: Time, out: &mut Vec<Packet>) {
        self.receiver.act(now, out);
        if now >= self.end {
            return;
        }
        if self.timeout_due() <= now {
            self.last_timeout = now;
            self.controller.on_timeout(now);
            self.decide(now);
        }
        while self.source.due() <= now {
            let frame = self.source.frame(self.decision.target);
            if self.pacer.delay(self.decision.pacing) <= SKIP_ABOVE {
                frame.into_iter().flatten().for_each(|bytes| self.pacer.push(bytes));
            }
        }
        while self.pacer.due(&self.decision, self.history.in_flight()) <= now {
            out.push(self.send(now));
        }
    }

    /// A media packet has come to the receiver.
    pub(crate) fn receive_media(&mut self, now: Time, index: u64, sent: Time, packet: &Packet) {
        self.receiver.receive(now, index, sent, packet);
    }

    /// A feedback message has come to the sender.
    pub(crate) fn receive_feedback(&mut self, now: Time, report: &Report) {
        self.outcomes.clear();
        let rtt = self.history.resolve(now, report, &mut self.outcomes);
        let format = if self.l4s { FeedbackFormat::Ccfb } else { FeedbackFormat::Twcc };
        let in_flight = self.history.in_flight();
        self.controller.on_feedback(now, &Feedback { packets: &self.outcomes, in_flight, format, rtt });
        self.decide(now);
    }

    /// A receiver report has come to the sender.
    pub(crate) fn receive_summary(&mut self, now: Time, summary: &Summary) {
        let Summary { packets, lost, newest, held } = *summary;
        let rtt = Duration::from_micros(now.since(newest + held).unsigned_abs());
        self.controller.on_report(now, &LossReport { packets, lost, rtt: Some(rtt) });
        self.decide(now);
    }

    fn sending_due(&self) -> Time {
        let pacer = self.pacer.due(&self.decision, self.history.in_flight());
        pacer.min(self.source.due()).min(self.timeout_due())
    }

    fn timeout_due(&self) -> Time {
        let wanted = self.controller.next_timeout().unwrap_or(Time::MAX);
        wanted.max(self.start).max(self.last_timeout + TIMEOUT_GAP)
    }

    fn send(&mut self, now: Time) -> Packet {
        let padding = max_packet_bytes(self.decision.target);
        let departure = self.pacer.pop(now, &self.decision, padding);
        let sent =
            Sent { index: self.sent, bytes: departure.bytes, class: departure.class, probe: departure.probe };
        self.sent += 1;
        self.history.push(now, sent);
        self.controller.on_sent(now, &sent, self.history.in_flight());
        let ecn = if self.l4s { self.decision.ect } else { Ecn::NotEct };
        Packet {
            flow: self.flow,
            bytes: sent.bytes,
            ecn,
            payload: Payload::Media { index: sent.index, sent: now },
        }
    }

    /// Asks the controller what is to be done from now on.
    fn decide(&mut self, now: Time) {
        self.decision = self.controller.decision();
        while let Some(probe) = self.controller.poll_probe() {
            self.pacer.push_probe(now, probe);
        }
    }
}
