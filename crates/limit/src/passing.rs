//! Packets that do not simply pass: over their rates, behind others, of no stream, RTCP.

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{Context, Flow};

use crate::connection::{Shares, mark};
use crate::counters::{Weight, Whose};
use crate::gate::{Answer, Reason};
use crate::{Limit, LimitedStream, OverLimit, Reached};

impl Limit {
    /// A packet of a stream that is over its rates, has others waiting, is stopped, has new rates, or has lost numbers to tell.
    #[cold]
    pub(crate) fn pass_bounded(
        &mut self,
        stream: &mut LimitedStream,
        packet: &mut RtpPacket,
        bytes: u64,
        cx: &mut Context<'_>,
    ) -> Flow {
        let now = cx.elapsed_nanos();
        if stream.hear(&self.side, self.start, now) {
            self.hear(cx);
        }
        let (answer, mut news) = stream.gate.ask(bytes, now);
        let flow = match answer {
            Answer::Pass => self.share_bounded(stream, packet, bytes, false, cx),
            Answer::Mark => self.share_bounded(stream, packet, bytes, true, cx),
            Answer::Hold if self.has_room(bytes) => self.hold(stream, packet, bytes, cx),
            Answer::Hold => {
                news = stream.gate.overflow(now).or(news);
                stream.drop(packet, Whose::Own, Reason::Queue, bytes, cx);
                Flow::Consumed
            }
            Answer::Drop(reason) => {
                stream.drop(packet, Whose::Own, reason, bytes, cx);
                Flow::Consumed
            }
        };
        if let Some(excess) = news {
            self.raise(excess.of_stream(stream.ssrc), cx);
        }
        flow
    }

    fn hold(
        &mut self,
        stream: &mut LimitedStream,
        packet: &mut RtpPacket,
        bytes: u64,
        cx: &mut Context<'_>,
    ) -> Flow {
        stream.cells().hold(Weight::of(packet, bytes));
        stream.accept(stream.number(packet), cx);
        self.waiting_bytes += bytes as usize;
        if stream.gate.hold(packet.take(), bytes) {
            self.deadlines.set(stream.key, stream.gate.due());
            self.arm(cx);
        }
        Flow::Consumed
    }

    /// RTP whose SSRC no stream has.
    pub(crate) fn pass_unbound(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        if self.unbound.is_none() && self.connection.is_none() {
            return Flow::Forward;
        }
        self.hear(cx);
        let (bytes, now) = (packet.total_len() as u64, cx.elapsed_nanos());
        if self.unbound.as_mut().is_some_and(|unbound| unbound.take_at(1, now).is_err()) {
            self.side.unbound.drop(Whose::Own, Reason::Rate, Weight::bytes(bytes));
            if self.unbound_excursion.note(now) {
                self.raise(Reached::Unbound, cx);
            }
            return Flow::Consumed;
        }
        let flow = self.ask_connection(None, packet, bytes, false, cx);
        let cells = &self.side.unbound;
        match flow {
            Shares::Passes { marked } => {
                cells.pass(bytes);
                if marked {
                    cells.mark();
                    mark(packet);
                }
                Flow::Forward
            }
            Shares::Waits => {
                cells.hold(Weight::bytes(bytes));
                Flow::Consumed
            }
            Shares::Ends(reason) => {
                cells.drop(Whose::Connection, reason, Weight::bytes(bytes));
                if let Some(unbound) = &mut self.unbound {
                    unbound.give_back(1);
                }
                Flow::Consumed
            }
        }
    }

    pub(crate) fn pass_rtcp(&mut self, packet: &mut RtcpPacket, cx: &mut Context<'_>) -> Flow {
        if self.rtcp.is_none() {
            return Flow::Forward;
        }
        self.hear(cx);
        let (bytes, now) = (packet.len() as u64, cx.elapsed_nanos());
        let room = self.has_room(bytes);
        let Some(rtcp) = &mut self.rtcp else { return Flow::Forward };
        let (answer, mut news) = rtcp.ask(bytes, now);
        let cells = &self.side.rtcp;
        let mut first = false;
        let flow = match answer {
            Answer::Pass | Answer::Mark => {
                cells.pass(bytes);
                if answer == Answer::Mark {
                    cells.mark();
                    packet.info_mut().attributes.insert(OverLimit);
                }
                Flow::Forward
            }
            Answer::Hold if room => {
                cells.hold(Weight::bytes(bytes));
                self.waiting_bytes += bytes as usize;
                first = rtcp.hold(packet.take(), bytes);
                Flow::Consumed
            }
            Answer::Hold => {
                news = rtcp.overflow(now).or(news);
                cells.drop(Whose::Own, Reason::Queue, Weight::bytes(bytes));
                Flow::Consumed
            }
            Answer::Drop(reason) => {
                cells.drop(Whose::Own, reason, Weight::bytes(bytes));
                Flow::Consumed
            }
        };
        if first {
            self.arm(cx);
        }
        if let Some(excess) = news {
            self.raise(Reached::Rtcp(excess), cx);
        }
        flow
    }

    /// Tells the chain's owner, once an excursion.
    #[cold]
    pub(crate) fn raise(&self, reached: Reached, cx: &mut Context<'_>) {
        tracing::debug!(connection = %self.side.id, way = ?self.way, ?reached, "a limit is reached");
        cx.raise(reached);
    }
}
