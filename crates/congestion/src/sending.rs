//! What leaves: noted down for feedback, marked, counted.

use interceptor_core::Context;
use interceptor_core::packet::{Ecn, RtpPacket};

use crate::history::Leaving;
use crate::stream::{Offer, SentStream};
use crate::{Congestion, Controller, FeedbackFormat, Time, clock, upkeep};

/// Numbers in a row that are behind all others, after which they are taken to begin anew.
const RESTART_ROW: u32 = 16;

impl<C: Controller> Congestion<C> {
    /// A packet of a stream leaves.
    #[inline]
    pub(crate) fn send(&mut self, stream: &mut SentStream, packet: &mut RtpPacket, cx: &mut Context<'_>) {
        self.hear_orders(cx);
        let now = clock::now(cx);
        let bytes = packet.total_len() as u32 + self.below;
        let class = stream.class(packet);
        stream.count(packet, class, bytes);
        self.begin_upkeep(now);
        if self.options.circuit_breaker {
            self.breaker.sent(bytes, now);
        }
        let tracked = stream.position(packet.ssrc()).filter(|_| self.is_tracked(stream.offer, packet));
        let Some(numbers) = tracked.and_then(|at| stream.sources.get_mut(at)) else {
            self.count_untracked(bytes);
            return self.wake_for_upkeep(cx);
        };
        let is_ccfb = self.choice.format() == Some(FeedbackFormat::Ccfb);
        let is_marked = self.ect != Ecn::NotEct;
        if is_marked {
            packet.info_mut().ecn = Some(self.ect);
            self.counters.sent_ect += 1;
        }
        let number = packet.sequence_number();
        let leaving = Leaving {
            bytes,
            class,
            probe: packet.info().probe,
            source: numbers.source,
            sequence_number: number,
            marked: is_marked,
        };
        let index = self.history.push(now, leaving);
        if is_ccfb {
            numbers.note(number, index, &self.history);
        }
        self.counters.tracked += 1;
        self.counters.tracked_bytes += u64::from(bytes);
        self.choice.sent(now);
        self.controller.on_sent(now, &leaving.sent(index), self.history.in_flight());
        self.wake_for_upkeep(cx);
    }

    /// Will feedback tell of this packet of a stream? The history stands at its number then.
    #[inline]
    fn is_tracked(&mut self, offer: Offer, packet: &RtpPacket) -> bool {
        match self.choice.format() {
            Some(FeedbackFormat::Twcc) => offer.number(packet).is_some_and(|number| self.stand_at(number)),
            Some(FeedbackFormat::Ccfb) => offer.ccfb,
            None => false,
        }
    }

    /// Transport-wide numbers go on by one. Who leaves some out has packets leave elsewhere; who goes back begins anew, if it goes on.
    #[inline]
    fn stand_at(&mut self, number: u16) -> bool {
        let ahead = number.wrapping_sub(self.history.next() as u16);
        if ahead != 0 && self.history.next() != 0 && ahead.cast_signed() < 0 {
            self.numbers_behind += 1;
            if self.numbers_behind < RESTART_ROW {
                return false;
            }
        }
        self.numbers_behind = 0;
        self.history.skip_to(number);
        true
    }

    pub(crate) fn count_untracked(&mut self, bytes: u32) {
        self.counters.untracked += 1;
        self.counters.untracked_bytes += u64::from(bytes);
    }

    /// Do marks get through, as far as anybody knows?
    #[inline]
    pub(crate) fn may_mark(&self, cx: &Context<'_>) -> bool {
        self.options.ecn && self.ecn.is_usable() && cx.config().ecn
    }

    /// While packets leave there is regular work.
    #[inline]
    pub(crate) fn begin_upkeep(&mut self, now: Time) {
        if !self.busy {
            self.busy = true;
            let due = now + upkeep::INTERVAL;
            self.upkeep = Some(self.upkeep.map_or(due, |before| before.min(due)));
        }
    }

    /// As [`wake`](Self::wake), but for regular work alone, which is due ten times a second while packets leave: what else is, is not worked out for
    /// each packet.
    #[inline]
    fn wake_for_upkeep(&mut self, cx: &mut Context<'_>) {
        if self.armed.is_none_or(|armed| self.upkeep.is_some_and(|due| due < armed)) {
            self.wake(cx);
        }
    }

    /// Has the chain wake us for whatever is due first.
    #[inline]
    pub(crate) fn wake(&mut self, cx: &mut Context<'_>) {
        let due = [self.upkeep, self.controller.next_timeout(), self.rise_due].into_iter().flatten().min();
        let Some(due) = due else { return };
        if self.armed.is_none_or(|armed| due < armed) {
            self.armed = Some(due);
            if let Some(at) = clock::instant(due, cx) {
                cx.wake_for("congestion", at);
            }
        }
    }
}
