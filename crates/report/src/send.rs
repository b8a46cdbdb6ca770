//! What this end says: rounds of reports, and goodbyes.

use interceptor_core::{Context, Result, Streams};

use crate::compound::Item;
use crate::extended::Receivers;
use crate::local::LocalStream;
use crate::plan::{Limits, Plan};
use crate::write::Draft;
use crate::{Report, RtcpInterval};

/// RFC 3550 §6.3.7: with this many others or more, who leaves has to wait its turn. A chain that closes cannot wait, so
/// it leaves without a word, as if it had crashed, and the others time it out.
const CROWD: usize = 50;

/// What a round of reports is about. Its memory is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// In the order in which they are to be reported.
    items: Vec<Item>,
    /// The turn of each, and where it came.
    due: Vec<(u64, usize, Item)>,
    /// The first local SSRC with a sender report.
    sender: Option<u32>,
    /// Anything has been sent or received.
    known: bool,
}

impl Report {
    /// Sends sender reports of every local source that has sent lately and blocks about every remote source heard since
    /// its last block; those that waited longest come first. Silent before anything was sent or received at all.
    pub(crate) fn send_reports(
        &mut self,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let mut round = std::mem::take(&mut self.round);
        round.gather(streams);
        let sent = if round.known || self.active { self.send_round(&round, streams, cx) } else { Ok(()) };
        self.round = round;
        sent
    }

    fn send_round(
        &mut self,
        round: &Round,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let reporter = round.sender.unwrap_or(cx.sender_ssrc());
        let clock = self.options.xr && round.sender.is_none();
        let reserved = self.receivers.answer_len() + if clock { Receivers::REFERENCE_TIME } else { 0 };
        self.draft.extended.clock = clock.then(|| cx.ntp(cx.now()));
        self.receivers.answer(cx.now(), &mut self.draft.extended.answers);
        self.send_all(Plan::new(&round.items, reporter, reserved, self.limits(cx)), streams, cx)
    }

    /// The connection ends: the last reports, and goodbyes of all that has sent RTP or RTCP.
    pub(crate) fn send_last(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let mut round = Round::default();
        round.gather(streams);
        let own = cx.sender_ssrc();
        let sources = streams.locals().flat_map(|(_, stream)| stream.sources());
        let mut leaving: Vec<u32> =
            sources.filter(|source| source.is_known()).map(|source| source.ssrc()).collect();
        let speaks = self.spoke || (leaving.is_empty() && !round.items.is_empty());
        if speaks && !leaving.contains(&own) {
            leaving.push(own);
        }
        let reporter = round.sender.or(leaving.first().copied()).unwrap_or(own);
        if !self.may_leave_aloud() {
            leaving.clear();
        }
        if round.items.is_empty() && leaving.is_empty() {
            return Ok(());
        }
        let limits = Limits { datagrams: self.options.max_datagrams, ..self.limits(cx) };
        let plan = Plan::new(&round.items, reporter, 0, limits).with_goodbyes(&leaving);
        self.send_all(plan, streams, cx)
    }

    /// A local stream ends: its last sender reports and its goodbye.
    pub(crate) fn say_goodbye(&mut self, mut stream: LocalStream, cx: &mut Context<'_>) {
        let known = stream.sources().filter(|source| source.is_known());
        let leaving: Vec<u32> = known.map(|source| source.ssrc()).collect();
        let Some(reporter) = leaving.first().copied().filter(|_| self.may_leave_aloud()) else { return };
        let items: Vec<Item> = leaving.iter().copied().map(Item::Sender).collect();
        let limits = Limits { datagrams: items.len(), ..self.limits(cx) };
        let mut plan = Plan::new(&items, reporter, 0, limits).with_goodbyes(&leaving);
        let (now, ntp) = (cx.now(), cx.ntp(cx.now()));
        while plan.next(&mut self.draft.compound) {
            self.draft.blocks.clear();
            self.draft.infos.clear();
            let senders = self.draft.compound.senders.iter();
            self.draft.infos.extend(senders.filter_map(|ssrc| stream.sender_info(*ssrc, ntp, now)));
            // The canonical name was checked at build; nothing else can make this fail.
            let _ = self.send(cx);
        }
    }

    /// Whether a goodbye is wanted and allowed.
    fn may_leave_aloud(&self) -> bool {
        self.options.bye && self.members.as_ref().is_none_or(|members| members.len() < CROWD)
    }

    fn limits(&self, cx: &Context<'_>) -> Limits {
        let datagrams = match self.options.interval {
            RtcpInterval::Fixed(_) => self.options.max_datagrams,
            RtcpInterval::Rfc3550 { .. } => 1,
        };
        Limits { mtu: cx.config().mtu, cname: self.cname.len(), datagrams }
    }

    fn send_all(
        &mut self,
        mut plan: Plan<'_>,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        while plan.next(&mut self.draft.compound) {
            self.fetch(streams, cx);
            self.send(cx)?;
        }
        Ok(())
    }

    /// Gets the values of this moment for a datagram's reports. From here on these count as reported.
    fn fetch(&mut self, streams: &mut Streams<'_, Self>, cx: &Context<'_>) {
        let (now, ntp) = (cx.now(), cx.ntp(cx.now()));
        let Draft { compound, infos, blocks, .. } = &mut self.draft;
        infos.clear();
        for ssrc in &compound.senders {
            let Some(stream) = streams.local(*ssrc) else { continue };
            self.turn += 1;
            infos.extend(stream.sender_info(*ssrc, ntp, now));
            stream.reported(*ssrc, self.turn);
        }
        blocks.clear();
        for ssrc in &compound.blocks {
            let Some(source) = streams.remote(*ssrc).and_then(|stream| stream.source(*ssrc)) else {
                continue;
            };
            self.turn += 1;
            self.counters.absurd_jitters += u64::from(source.has_absurd_jitter());
            blocks.push(source.block(now, self.turn));
        }
    }

    fn send(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let packet = self.draft.write(&self.cname);
        // The first datagram has them.
        self.draft.extended.clear();
        let packet = packet?;
        let Draft { compound, infos, blocks, .. } = &self.draft;
        self.counters.sender_reports += infos.len() as u64;
        self.counters.receiver_reports += compound.receiver_reports() as u64;
        self.counters.blocks += blocks.len() as u64;
        self.counters.goodbyes += compound.byes.len() as u64;
        self.counters.datagrams += 1;
        self.active = true;
        self.spoke |= compound.reporter == cx.sender_ssrc();
        self.schedule.count(packet.len());
        tracing::trace!(bytes = packet.len(), "report");
        cx.send_rtcp(packet);
        Ok(())
    }
}

impl Round {
    /// Looks for what there is to report, in the order in which it is to be reported.
    fn gather(&mut self, streams: &mut Streams<'_, Report>) {
        self.due.clear();
        (self.sender, self.known) = (None, false);
        for source in streams.locals().flat_map(|(_, stream)| stream.sources()) {
            self.known |= source.is_known();
            if source.is_due() {
                self.sender.get_or_insert(source.ssrc());
                self.due.push((source.turn, self.due.len(), Item::Sender(source.ssrc())));
            }
        }
        for source in streams.remotes().flat_map(|(_, stream)| stream.sources()) {
            self.known |= source.is_known();
            if source.is_due() {
                self.due.push((source.turn, self.due.len(), Item::Block(source.ssrc())));
            }
        }
        self.due.sort_unstable_by_key(|(reported, came, _)| (*reported, *came));
        self.items.clear();
        self.items.extend(self.due.iter().map(|(_, _, item)| *item));
    }
}
