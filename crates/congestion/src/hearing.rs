//! RTCP that comes in: transport feedback, reports, limits.

use std::time::Duration;

use interceptor_core::packet::rtcp::{Ccfb, Tmmb, Twcc};
use interceptor_core::packet::{Ecn, ReportBlock, Rtcp, RtcpPacket};
use interceptor_core::{Context, Rtt, Streams};

use crate::choice::Take;
use crate::history::History;
use crate::reports::Round;
use crate::resolve::Reading;
use crate::sources::Sources;
use crate::{CircuitBreaker, Congestion, Controller, Feedback, FeedbackFormat, Outcome, Time, clock};

/// Somebody who measures the round-trip time does it at least so often; nobody else is needed meanwhile.
const RTT_SILENCE: Duration = Duration::from_secs(10);
/// The least time between two that are published in place of that.
const RTT_INTERVAL: Duration = Duration::from_secs(1);

impl<C: Controller> Congestion<C> {
    /// An RTCP datagram came.
    pub(crate) fn hear(
        &mut self,
        packet: &RtcpPacket,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) {
        let now = clock::now(cx);
        let mut round = Round::default();
        let ntp = cx.ntp(cx.now()).middle_32();
        for view in packet.packets() {
            match view {
                Rtcp::Twcc(twcc) => self.hear_twcc(&twcc, now, streams, cx),
                Rtcp::Ccfb(ccfb) => self.hear_ccfb(&ccfb, now, streams, cx),
                Rtcp::SenderReport(report) => {
                    self.hear_blocks(report.report_blocks(), &mut round, ntp, streams);
                }
                Rtcp::ReceiverReport(report) => {
                    self.hear_blocks(report.report_blocks(), &mut round, ntp, streams);
                }
                Rtcp::Remb(remb) => {
                    if remb.ssrcs().any(|ssrc| cx.local_stream(ssrc).is_some()) {
                        self.counters.remb_received += 1;
                        if self.options.peer_limits {
                            self.limits.set_remb(remb.bitrate(), now);
                            self.begin_upkeep(now);
                        }
                    } else {
                        self.counters.remb_foreign += 1;
                    }
                }
                Rtcp::Tmmbr(tmmbr) => self.hear_tmmbr(&tmmbr, streams),
                Rtcp::Bye(bye) => {
                    for owner in bye.ssrcs() {
                        streams.locals().for_each(|(_, stream)| stream.requests.forget(owner));
                        self.streams_changed = true;
                    }
                }
                _ => {}
            }
        }
        self.hear_round(&round, now, cx);
    }

    fn hear_twcc(
        &mut self,
        twcc: &Twcc<'_>,
        now: Time,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) {
        let media = twcc.media_ssrc();
        // It is about the transport; who has no stream to name says 0.
        let ours = media == 0 || cx.local_stream(media).is_some() || self.ended.contains(&media);
        if !ours {
            self.counters.foreign_feedback += 1;
        } else if self.takes(FeedbackFormat::Twcc, now) {
            let feedback = self.resolver.twcc(twcc, now, &mut self.history, &mut self.counters);
            let news = feedback.map(|feedback| {
                tell(&feedback, now, &mut self.controller, &self.history, &self.sources, streams)
            });
            self.heard_feedback(news, now, cx);
        }
    }

    fn hear_ccfb(
        &mut self,
        ccfb: &Ccfb<'_>,
        now: Time,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) {
        let names_ours = ccfb.blocks().any(|block| cx.local_stream(block.ssrc()).is_some());
        if !names_ours && ccfb.blocks().next().is_some() {
            self.counters.foreign_feedback += 1;
            self.counters.unknown_ssrc += ccfb.blocks().map(|block| block.len() as u64).sum::<u64>();
            return;
        }
        if !self.takes(FeedbackFormat::Ccfb, now) {
            return;
        }
        let mut reading = Reading { now, history: &mut self.history, counters: &mut self.counters };
        let feedback = self.resolver.ccfb(ccfb, &mut reading, |ssrc, read| {
            let numbers = streams.local(ssrc).and_then(|stream| stream.numbers(ssrc));
            numbers.map(read).is_some()
        });
        if let Some(feedback) = &feedback {
            let queue = self.controller.decision().link.queue.as_micros();
            if self.ecn.look(feedback.packets, |index| self.history.is_marked(index), queue) {
                self.counters.ecn_given_up += 1;
                self.ect = Ecn::NotEct;
            }
        }
        let news = feedback.map(|feedback| {
            tell(&feedback, now, &mut self.controller, &self.history, &self.sources, streams)
        });
        self.heard_feedback(news, now, cx);
    }

    /// Is a message of this format to be used?
    fn takes(&mut self, format: FeedbackFormat, now: Time) -> bool {
        match self.choice.takes(format, now) {
            Take::Yes => true,
            Take::No => {
                self.counters.feedback_not_chosen += 1;
                false
            }
            Take::Changes => {
                self.counters.feedback_not_chosen += 1;
                self.history.clear();
                self.ect = Ecn::NotEct;
                false
            }
        }
    }

    /// A message of the format in use has said what became of packets, if it was news.
    fn heard_feedback(&mut self, news: Option<News>, now: Time, cx: &mut Context<'_>) {
        let Some(news) = news else { return };
        self.last_feedback = Some(now);
        if news.any_came && self.options.circuit_breaker {
            let change = self.breaker.heard();
            self.raise_breaker(change, cx);
        }
        let Some(rtt) = news.rtt else { return };
        let smallest = self.smallest_rtt.add(now.since_origin(), rtt);
        let others = self.rtt_heard.is_some_and(|heard| heard + RTT_SILENCE > now);
        let told = self.rtt_told.is_some_and(|told| told + RTT_INTERVAL > now);
        if !others && !told {
            let before = cx.facts().rtt();
            self.rtt_told = Some(now);
            cx.publish(before.map_or(Rtt::first(rtt), |before| before.with(rtt, smallest)));
        }
    }

    fn hear_blocks<'a>(
        &mut self,
        blocks: impl Iterator<Item = ReportBlock<'a>>,
        round: &mut Round,
        ntp: u32,
        streams: &mut Streams<'_, Self>,
    ) {
        for block in blocks {
            let stream = streams.local(block.ssrc()).filter(|stream| stream.ssrc == block.ssrc());
            if let Some(stream) = stream {
                self.counters.report_blocks += 1;
                round.add(&block, &mut stream.reported, ntp);
            }
        }
    }

    /// What the reports of a datagram said together.
    fn hear_round(&mut self, round: &Round, now: Time, cx: &mut Context<'_>) {
        let Some(report) = round.loss() else { return };
        self.counters.report_blocks_odd += round.odd;
        self.controller.on_report(now, &report);
        if self.options.circuit_breaker {
            let rtt = report.rtt.or_else(|| cx.facts().rtt().map(|rtt| rtt.smoothed));
            let change = self.breaker.report(round, rtt, now);
            self.raise_breaker(change, cx);
        }
    }

    fn hear_tmmbr(&mut self, tmmbr: &Tmmb<'_>, streams: &mut Streams<'_, Self>) {
        for entry in tmmbr.entries() {
            let stream = streams.local(entry.ssrc).filter(|stream| stream.ssrc == entry.ssrc);
            let owner = tmmbr.sender_ssrc();
            let held = stream
                .filter(|_| self.options.peer_limits)
                .is_some_and(|stream| stream.requests.ask(owner, entry, self.options.max_tmmbr_owners));
            self.streams_changed = true;
            if held {
                self.counters.tmmbr_received += 1;
            } else {
                self.counters.tmmbr_ignored += 1;
            }
        }
    }

    /// The circuit breaker has opened or closed, if it has.
    pub(crate) fn raise_breaker(&mut self, change: Option<CircuitBreaker>, cx: &mut Context<'_>) {
        if let Some(change) = change {
            self.counters.breaker_opened += u64::from(change.open.is_some());
            cx.raise(change);
        }
    }
}

/// What of a message concerns more than the controller.
#[derive(Clone, Copy, Debug)]
struct News {
    rtt: Option<Duration>,
    any_came: bool,
}

/// Tells the controller what became of packets, and each stream what it has lost.
fn tell<C: Controller>(
    feedback: &Feedback<'_>,
    now: Time,
    controller: &mut C,
    history: &History,
    sources: &Sources,
    streams: &mut Streams<'_, Congestion<C>>,
) -> News {
    controller.on_feedback(now, feedback);
    let mut any_came = false;
    for packet in feedback.packets {
        any_came |= matches!(packet.outcome, Outcome::Received { .. });
        let source = history.source(packet.index);
        let stream = sources.stream(source, packet.index).and_then(|key| streams.local_by_key(key));
        // Of media alone: its losses are what repair has to make up for.
        if let Some(stream) = stream.filter(|stream| stream.is_media(source)) {
            stream.loss.add(packet);
        }
    }
    News { rtt: feedback.rtt, any_came }
}
