//! What this end says: rounds of reports, and goodbyes.

use interceptor_core::{Context, Result, Streams};
use interceptor_packet::{ReportBlockData, RtcpPacket};

use crate::compound::{Compound, Item, Limits, add_goodbyes, pack};
use crate::extended::{Extended, Receivers};
use crate::local::{LocalStream, SenderInfo};
use crate::write::write;
use crate::{Report, RtcpInterval};

/// RFC 3550 §6.3.7: with this many others or more, who leaves has to wait its turn. A chain that closes cannot wait, so
/// it leaves without a word, as if it had crashed, and the others time it out.
const CROWD: usize = 50;

/// What a round of reports is about.
#[derive(Debug, Default)]
struct Round {
    items: Vec<Item>,
    /// The first local SSRC with a sender report.
    sender: Option<u32>,
    /// Local SSRCs that have sent, ever.
    senders_ever: Vec<u32>,
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
        let round = gather(streams);
        if !(round.known || self.active) {
            return Ok(());
        }
        let reporter = round.sender.unwrap_or(cx.sender_ssrc());
        let clock = self.options.xr && round.sender.is_none();
        let reserved = self.receivers.answer_len() + if clock { Receivers::REFERENCE_TIME } else { 0 };
        let compounds = pack(&round.items, reporter, reserved, self.limits(cx));
        let clock = clock.then(|| cx.ntp(cx.now()));
        let extended = Extended { clock, answers: self.receivers.answer(cx.now()) };
        self.send_all(&compounds, extended, streams, cx)
    }

    /// The connection ends: the last reports, and goodbyes of all that has sent RTP or RTCP.
    pub(crate) fn send_last(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let round = gather(streams);
        let own = cx.sender_ssrc();
        let speaks = self.spoke || (round.senders_ever.is_empty() && !round.items.is_empty());
        let mut leaving = round.senders_ever;
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
        let mut compounds = pack(&round.items, reporter, 0, limits);
        add_goodbyes(&mut compounds, &leaving, limits);
        self.send_all(&compounds, Extended::default(), streams, cx)
    }

    /// A local stream ends: its last sender reports and its goodbye.
    pub(crate) fn say_goodbye(&mut self, mut stream: LocalStream, cx: &mut Context<'_>) {
        let known = stream.sources().filter(|source| source.is_known());
        let leaving: Vec<u32> = known.map(|source| source.ssrc()).collect();
        let Some(reporter) = leaving.first().copied().filter(|_| self.may_leave_aloud()) else { return };
        let items: Vec<Item> = leaving.iter().copied().map(Item::Sender).collect();
        let limits = Limits { datagrams: items.len(), ..self.limits(cx) };
        let mut compounds = pack(&items, reporter, 0, limits);
        add_goodbyes(&mut compounds, &leaving, limits);
        let (now, ntp) = (cx.now(), cx.ntp(cx.now()));
        for compound in &compounds {
            let infos =
                compound.senders.iter().filter_map(|ssrc| stream.sender_info(*ssrc, ntp, now)).collect();
            // The canonical name was checked at build; nothing else can make this fail.
            let _ = self.send(compound, infos, Vec::new(), Extended::default(), cx);
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
        compounds: &[Compound],
        mut extended: Extended,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        for compound in compounds {
            let (infos, blocks) = self.fetch(compound, streams, cx);
            self.send(compound, infos, blocks, std::mem::take(&mut extended), cx)?;
        }
        Ok(())
    }

    /// The values of this moment for a datagram's reports. From here on these count as reported.
    fn fetch(
        &mut self,
        compound: &Compound,
        streams: &mut Streams<'_, Self>,
        cx: &Context<'_>,
    ) -> (Vec<SenderInfo>, Vec<ReportBlockData>) {
        let (now, ntp) = (cx.now(), cx.ntp(cx.now()));
        let mut infos = Vec::with_capacity(compound.senders.len());
        for ssrc in &compound.senders {
            let Some(stream) = streams.local(*ssrc) else { continue };
            self.turn += 1;
            infos.extend(stream.sender_info(*ssrc, ntp, now));
            stream.reported(*ssrc, self.turn);
        }
        let mut blocks = Vec::with_capacity(compound.blocks.len());
        for ssrc in &compound.blocks {
            let Some(source) = streams.remote(*ssrc).and_then(|stream| stream.source(*ssrc)) else {
                continue;
            };
            self.turn += 1;
            self.counters.absurd_jitters += u64::from(source.has_absurd_jitter());
            blocks.push(source.block(now, self.turn));
        }
        (infos, blocks)
    }

    fn send(
        &mut self,
        compound: &Compound,
        infos: Vec<SenderInfo>,
        blocks: Vec<ReportBlockData>,
        extended: Extended,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let packet: RtcpPacket = write(compound, &infos, &blocks, &extended, &self.cname)?;
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

/// Looks for what there is to report, in the order in which it is to be reported.
fn gather(streams: &mut Streams<'_, Report>) -> Round {
    let mut round = Round::default();
    let mut due: Vec<(u64, Item)> = Vec::new();
    for source in streams.locals().flat_map(|(_, stream)| stream.sources()).filter(|source| source.is_known())
    {
        round.senders_ever.push(source.ssrc());
        if source.is_due() {
            round.sender.get_or_insert(source.ssrc());
            due.push((source.turn, Item::Sender(source.ssrc())));
        }
    }
    round.known = !round.senders_ever.is_empty();
    for source in streams.remotes().flat_map(|(_, stream)| stream.sources()) {
        round.known |= source.is_known();
        if source.is_due() {
            due.push((source.turn, Item::Block(source.ssrc())));
        }
    }
    due.sort_by_key(|(reported, _)| *reported);
    round.items = due.into_iter().map(|(_, item)| item).collect();
    round
}
