//! S7: what a feedback message costs, and a packet that is numbered and remembered.

use std::time::Instant;

use bytes::Bytes;
use rtc_interceptor::{
    CongestionControlBuilder, Gcc, Interceptor, Packet, Registry, Slot, TaggedPacket, TwccSenderBuilder,
};

use super::DEFAULT;
use super::driver::{drain_application, drain_wire, fire};
use super::set_up::{reported_stream, sent, tagged};
use crate::contender::{Case, Contender};
use crate::feedback::{FEEDBACKS, FeedbackTraffic, PACKETS_A_FEEDBACK, REPORTED};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::timed(("S7", "feedback", 1), DEFAULT, || {
            Ok(Told { chain: controlled(), traffic: FeedbackTraffic::new()?, prepared: Vec::new() })
        })
        .with_stretch(FEEDBACKS),
        Case::timed(("S7", "packet", 1), DEFAULT, || {
            let (prepared, messages) = (Vec::new(), Vec::new());
            Ok(Reported { chain: controlled(), traffic: FeedbackTraffic::new()?, prepared, messages })
        })
        .with_stretch(REPORTED),
    ]
}

/// Its estimator with its history.
fn controlled() -> impl Interceptor {
    let estimator = Gcc::new(50e6, 1e5, 1e8);
    let mut chain = Registry::new()
        .with(Slot::CongestionControl, CongestionControlBuilder::new(estimator).build())
        .with(Slot::TwccSender, TwccSenderBuilder::new().build())
        .build();
    chain.bind_local_stream(&reported_stream(0));
    chain
}

/// A sender whose packets are all told of.
struct Told<I> {
    chain: I,
    traffic: FeedbackTraffic,
    prepared: Vec<(Bytes, Instant)>,
}

impl<I: Interceptor> Contender for Told<I> {
    fn prepare(&mut self, items: usize) {
        let Self { chain, traffic, prepared } = self;
        traffic.next(items, prepared, |place| {
            let _ = chain.handle_write(tagged(Packet::Rtp(sent(place)), place.at));
            drain_wire(chain);
            fire(chain, place.at);
        });
    }

    fn run(&mut self) {
        for (datagram, now) in self.prepared.drain(..) {
            hear(&mut self.chain, datagram, now);
        }
    }
}

fn hear(chain: &mut impl Interceptor, mut datagram: Bytes, now: Instant) {
    let Ok(packets) = rtc_rtcp::packet::unmarshal(&mut datagram) else { return };
    let _ = chain.handle_read(tagged(Packet::Rtcp(packets), now));
    drain_application(chain);
    fire(chain, now);
}

/// A sender whose packets are told of outside the measured part.
struct Reported<I> {
    chain: I,
    traffic: FeedbackTraffic,
    prepared: Vec<TaggedPacket>,
    messages: Vec<(Bytes, Instant)>,
}

impl<I: Interceptor> Contender for Reported<I> {
    fn prepare(&mut self, items: usize) {
        let Self { chain, traffic, prepared, messages } = self;
        messages.drain(..).for_each(|(datagram, now)| hear(chain, datagram, now));
        let count = items / PACKETS_A_FEEDBACK as usize;
        traffic.next(count, messages, |place| prepared.push(tagged(Packet::Rtp(sent(place)), place.at)));
    }

    fn run(&mut self) {
        for packet in self.prepared.drain(..) {
            let now = packet.now;
            let _ = self.chain.handle_write(packet);
            drain_wire(&mut self.chain);
            fire(&mut self.chain, now);
        }
    }
}
