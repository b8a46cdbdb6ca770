//! Regular work: what is on the way for too long, averages, the circuit breaker, messages that are due.

use std::time::Duration;

use interceptor_core::{Context, Result, Streams};

use crate::{Congestion, Controller, Time, clock};

/// While packets leave, or are on the way, or something is to be sent.
pub(crate) const INTERVAL: Duration = Duration::from_millis(100);
/// The shortest time, in seconds, that a rate is taken of.
const AVERAGED_AFTER: f64 = 0.02;
/// Nobody tells of a packet so long after it left; or so many round trips, if these are longer.
const LOST_AFTER: Duration = Duration::from_secs(10);
const LOST_AFTER_RTTS: u32 = 5;
/// Whatever the round-trip time is said to be.
const LOST_FOR_SURE: Duration = Duration::from_secs(60);

impl<C: Controller> Congestion<C> {
    /// Time has passed.
    pub(crate) fn keep_up(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        let now = clock::now(cx);
        if self.upkeep.is_none_or(|due| due > now) {
            return;
        }
        let rtt = cx.facts().rtt().map_or(Duration::ZERO, |rtt| rtt.smoothed);
        let oldest = self.history.expire(now, LOST_AFTER.max(rtt * LOST_AFTER_RTTS).min(LOST_FOR_SURE));
        self.average(streams, now);
        for (_, stream) in streams.locals() {
            if let Some(loss) = stream.loss.news(stream.ssrc, now) {
                cx.publish(loss);
            }
        }
        self.streams_changed = true;
        if self.options.circuit_breaker {
            let change = self.breaker.pass(now);
            self.raise_breaker(change, cx);
        }
        let regular = std::mem::take(&mut self.busy)
            || self.remb.is_active()
            || self.limits.ages(now)
            || self.breaker.holds_down();
        self.upkeep = if regular { Some(now + INTERVAL) } else { oldest };
    }

    /// Averages what streams send.
    fn average(&mut self, streams: &mut Streams<'_, Self>, now: Time) {
        let seconds = now.since(self.averaged) as f64 / 1e6;
        if seconds < AVERAGED_AFTER {
            return;
        }
        self.averaged = now;
        self.unbound.pass(seconds);
        for (_, stream) in streams.locals() {
            stream.traffic.pass(seconds);
            stream.loss.fade(now);
        }
    }

    /// Does what the owner of a handle has asked for.
    #[inline]
    pub(crate) fn hear_orders(&mut self, cx: &mut Context<'_>) {
        if self.side.generation() != self.heard {
            self.obey(cx);
        }
    }

    #[cold]
    fn obey(&mut self, cx: &mut Context<'_>) {
        self.heard = self.side.generation();
        let orders = self.side.take_orders();
        let now = clock::now(cx);
        if let Some(limits) = orders.limits {
            self.limits.own = limits;
        }
        if let Some(remb) = orders.remb {
            self.remb.set(remb);
        }
        if orders.route_change {
            self.ecn.forget();
            self.limits.forget_remb();
            self.controller.on_route_change(now);
        }
        if orders.reset_breaker {
            let change = self.breaker.reset();
            self.raise_breaker(change, cx);
        }
        self.wake_soon(cx);
    }

    /// Has the next timer do all that there is to do.
    pub(crate) fn wake_soon(&mut self, cx: &mut Context<'_>) {
        let now = clock::now(cx);
        self.upkeep = Some(now);
        self.shared = Time::MIN;
        self.wake(cx);
    }

    /// Sends a REMB, if one is due.
    pub(crate) fn send_remb(&mut self, now: Time, cx: &mut Context<'_>) -> Result<()> {
        if self.remb_ssrcs.is_empty() {
            return Ok(());
        }
        let Some(rate) = self.remb.due(now) else { return Ok(()) };
        self.begin_message(cx);
        let ssrcs = self.remb_ssrcs.get(..usize::from(u8::MAX)).unwrap_or(&self.remb_ssrcs);
        let packet = self.builder.remb(cx.sender_ssrc(), rate, ssrcs).build()?;
        self.counters.remb_sent += 1;
        cx.send_rtcp(packet);
        Ok(())
    }

    /// Answers each TMMBR with all that hold for its stream (RFC 5104 §4.2.2); those that come soon after one another together.
    pub(crate) fn answer_requests(
        &mut self,
        now: Time,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        if streams.iter_locals().all(|(_, stream)| !stream.requests.unanswered) {
            return Ok(());
        }
        let due = self.answered + INTERVAL;
        if due > now {
            self.upkeep = Some(self.upkeep.map_or(due, |before| before.min(due)));
            return Ok(());
        }
        self.answered = now;
        for (_, stream) in streams.locals().filter(|(_, stream)| stream.requests.unanswered) {
            stream.requests.unanswered = false;
            self.begin_message(cx);
            self.entries.clear();
            self.entries.extend(stream.requests.bounding_set());
            let packet = self.builder.tmmbn(stream.ssrc, &self.entries).build()?;
            self.counters.tmmbn_sent += 1;
            cx.send_rtcp(packet);
        }
        Ok(())
    }

    /// Where reduced-size RTCP was not negotiated, a report and a name come first (RFC 3550 §6.1).
    fn begin_message(&mut self, cx: &Context<'_>) {
        if !cx.config().reduced_size_rtcp {
            let ssrc = cx.sender_ssrc();
            self.builder.receiver_report(ssrc, &[]).sdes_cname(ssrc, &cx.config().cname);
        }
    }
}
