//! What hooks leave to be done when their walk has ended: facts to tell, packets that they have emitted.

use std::time::Instant;

use super::walk::{call, failed};
use super::{Chain, Outgoing};
use crate::{Event, Fact, Flow, KeyframeAsking};

impl Chain {
    /// Tells the chain's interceptors a fact that its owner has found out: the decoder needs a key frame
    /// ([`KeyframeNeeded`](crate::KeyframeNeeded)), the encoder takes a new rate. Raises no event: the owner knows.
    pub fn publish(&mut self, fact: impl Into<Fact>, now: Instant) {
        let Some(now) = self.enter(now) else { return };
        self.hear(fact.into());
        self.settle(now);
    }

    /// A fact from outside the chain.
    pub(super) fn hear(&mut self, fact: Fact) {
        self.shared.publish(crate::place::NodeId::NOBODY, fact, &self.routes);
    }

    /// Does what hooks have left: facts first, then emitted packets in order on each side, the wire's first, each from its
    /// interceptor's place. What hooks leave meanwhile is done as well.
    #[inline]
    pub(super) fn settle(&mut self, now: Instant) {
        if self.shared.hot.pending {
            self.settle_pending(now);
        }
    }

    #[inline(never)]
    pub(super) fn settle_pending(&mut self, now: Instant) {
        loop {
            self.settle_lent(now);
            self.withdraw_broken();
            self.tell_facts(now);
            if self.shared.wire.has_emitted() {
                self.run_out(now);
            } else if self.shared.app.has_emitted() {
                self.run_in(now);
            } else if self.shared.broken.is_empty() {
                break;
            }
        }
        self.shared.hot.pending = false;
    }

    /// Who panicked stamps nothing any more, and asks for no key frames: others must.
    fn withdraw_broken(&mut self) {
        while let Some(id) = self.shared.broken.pop() {
            self.routes.local.withdraw(id);
            if self.shared.asker == Some(id) {
                let fact = Fact::KeyframeAsking(KeyframeAsking { active: false });
                self.shared.publish(id, fact, &self.routes);
                self.shared.push_event(Event::Fact(fact));
            }
        }
    }

    /// Each fact goes to every interceptor but its publisher, from the wire up.
    fn tell_facts(&mut self, now: Instant) {
        while let Some((publisher, fact)) = self.shared.next_fact() {
            for position in 0..self.shared.roster.len() {
                let Some(id) = self.shared.roster.at(position).filter(|id| *id != publisher) else {
                    continue;
                };
                let (interceptors, mut cx) = self.parts(now);
                let told =
                    call(interceptors, &mut cx, id, |interceptor, cx| interceptor.handle_fact(&fact, cx));
                if let Some(Err(error)) = told {
                    failed(interceptors, &mut cx, &error);
                }
            }
        }
    }

    fn run_out(&mut self, now: Instant) {
        let mut batch = self.shared.wire.take_emitted();
        batch.walk(|from, packet| {
            let below = self.shared.roster.place(from);
            let flow = match packet {
                Outgoing::Rtp(packet) => self.walk_out(packet, below, now),
                Outgoing::Rtcp(packet) => self.walk_rtcp_out(packet, below, now),
            };
            flow == Flow::Forward
        });
        self.shared.finish_wire(batch);
    }

    fn run_in(&mut self, now: Instant) {
        let mut batch = self.shared.app.take_emitted();
        batch.walk(|from, packet| {
            let above = self.shared.roster.place(from).above();
            self.pass_in(packet, above, now) == Flow::Forward
        });
        self.shared.finish_app(batch);
    }
}
