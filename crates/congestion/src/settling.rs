//! What the controller decides, within limits, told to everybody else.

use std::time::Duration;

use interceptor_core::packet::Ecn;
use interceptor_core::{Context, Pacing, Result, StreamTarget, Streams, TargetBitrate};

use crate::allocate::{Claim, share};
use crate::news::rises;
use crate::{Congestion, Controller, Decision, FeedbackFormat, Time, clock};

/// Whoever sends no transport feedback for so long sends none.
const FEEDBACK_SILENCE: Duration = Duration::from_secs(10);
/// Shares follow what streams send at least so often.
const SHARE_INTERVAL: Duration = Duration::from_secs(1);
/// What the controller may want tried at a time.
const MAX_PROBES: usize = 8;

impl<C: Controller> Congestion<C> {
    /// Something has happened: limits are told to the controller, its decision to the others.
    pub(crate) fn settle(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let now = clock::now(cx);
        self.send_remb(now, cx)?;
        if std::mem::take(&mut self.streams_changed) {
            self.answer_requests(now, streams, cx)?;
            self.add_up(streams);
        }
        self.bound(now);
        let mut decision = self.controller.decision();
        if self.breaker.holds_down() {
            decision.target = self.told_limits.min;
        }
        decision.target = self.told_limits.clamp(decision.target);
        let is_ccfb = self.choice.format() == Some(FeedbackFormat::Ccfb);
        self.ect = if is_ccfb && self.may_mark(cx) { decision.ect } else { Ecn::NotEct };
        self.publish_probes(cx);
        let told = self.publish(decision, now, cx);
        if told || self.shared + SHARE_INTERVAL <= now {
            self.share(decision.target, streams, now, cx);
        }
        self.show(decision);
        self.wake(cx);
        Ok(())
    }

    /// What all streams together can use, and may.
    fn add_up(&mut self, streams: &Streams<'_, Self>) {
        (self.limits.usable, self.limits.tmmbr) = (None, None);
        let has_requests = streams.iter_locals().any(|(_, stream)| !stream.requests.is_empty());
        let has_ranges = streams.iter_locals().any(|(_, stream)| stream.range.is_some());
        let by_range = has_ranges && self.options.stream_targets;
        if !has_requests && !by_range {
            return;
        }
        let below = u64::from(self.below);
        let sum = streams.iter_locals().try_fold(self.unbound.bits_per_second(), |sum, (_, stream)| {
            Some(sum.saturating_add(stream.most(below)?))
        });
        self.limits.usable = sum.filter(|_| by_range);
        self.limits.tmmbr = sum.filter(|_| has_requests);
    }

    /// The limits by now, told to the controller if they have changed.
    fn bound(&mut self, now: Time) {
        let alone = self.last_feedback.is_none_or(|last| last + FEEDBACK_SILENCE <= now);
        let limits = self.limits.now(now, alone);
        if limits != self.told_limits {
            self.told_limits = limits;
            self.controller.on_limits(now, limits);
        }
    }

    fn publish_probes(&mut self, cx: &mut Context<'_>) {
        for _ in 0..MAX_PROBES {
            let Some(probe) = self.controller.poll_probe() else { return };
            // The least is all that there may be.
            if !self.breaker.holds_down() {
                self.counters.probes += 1;
                cx.publish(probe);
            }
        }
    }

    /// Target, pacing and link, as far as they are news; `true`: the target is.
    fn publish(&mut self, decision: Decision, now: Time, cx: &mut Context<'_>) -> bool {
        let pacing = Pacing {
            bits_per_second: decision.pacing.max(decision.target),
            padding: decision.padding,
            burst: decision.burst,
            window: decision.window,
            in_flight: self.history.in_flight(),
            ect: (self.ect != Ecn::NotEct).then_some(self.ect),
        };
        if self.told.pacing(pacing) {
            cx.publish(pacing);
        }
        if self.told.link(decision.link, now) {
            cx.publish(decision.link);
        }
        let stable = self.told.stable(decision.target, now);
        let target = TargetBitrate { bits_per_second: decision.target, stable };
        let told = self.told.target(target, now);
        self.rise_due = told.err();
        if told == Ok(true) {
            cx.publish(target);
        }
        told == Ok(true)
    }

    /// Shares the target among the streams, if any says what it can use: audio first, then in the order in which they were bound.
    fn share(&mut self, target: u64, streams: &mut Streams<'_, Self>, now: Time, cx: &mut Context<'_>) {
        self.shared = now;
        let any = streams.iter_locals().any(|(_, stream)| stream.range.is_some());
        if !any || !self.options.stream_targets {
            return;
        }
        let below = u64::from(self.below);
        self.claims.clear();
        for (_, stream) in streams.iter_locals() {
            let protection = cx.facts().protection_overhead(stream.ssrc).map_or(0, |fec| fec.bits_per_second);
            let wish = stream.wish(protection, below);
            let place = (!stream.is_audio, stream.key);
            let claim = Claim { place, wish, pause: stream.pause, share: 0 };
            self.claims.push(claim);
        }
        self.claims.sort_unstable_by_key(|claim| claim.place);
        let left = target.saturating_sub(self.unbound.bits_per_second());
        share(left, &mut self.claims, now);
        for claim in &self.claims {
            let Some(stream) = streams.local_by_key(claim.place.1) else { continue };
            stream.pause = claim.pause;
            if stream.range.is_none() {
                continue;
            }
            let stopped = self.breaker.is_open() && !stream.is_audio;
            let paused = claim.pause.paused || stopped;
            let bits_per_second = if paused { 0 } else { claim.share };
            let target = StreamTarget { ssrc: stream.ssrc, bits_per_second, paused };
            let news = stream.told.is_none_or(|told| {
                told.paused != paused
                    || bits_per_second < told.bits_per_second
                    || rises(told.bits_per_second, bits_per_second)
            });
            if news {
                stream.told = Some(target);
                cx.publish(target);
            }
        }
        let told = streams.iter_locals().filter_map(|(_, stream)| stream.told);
        self.side.show(|state| {
            state.streams.clear();
            state.streams.extend(told);
        });
    }

    /// Shows how things stand to who has a handle.
    fn show(&self, decision: Decision) {
        let counters = self.counters();
        self.side.show(|state| {
            state.target = decision.target;
            state.stable = self.told.last_stable();
            state.limits = self.told_limits;
            state.reason = decision.reason;
            state.link = decision.link;
            state.in_flight = self.history.in_flight();
            state.breaker = self.breaker.trip();
            state.counters = counters;
        });
    }
}
