//! What this end says: rounds of reports, and goodbyes.

use interceptor_core::{Context, Result, Streams};
use interceptor_packet::{BuildError, ReportBlockData, RtcpBuilder, RtcpPacket, rtcp_types};

use crate::compound::{Compound, Item, Limits, MAX_COUNT, add_goodbyes, pack};
use crate::extended::Receivers;
use crate::local::{LocalStream, SenderInfo};
use crate::{Report, RtcpInterval};

/// RFC 3550 §6.3.7: in a session of more than this, who leaves has to wait its turn. A chain that closes cannot wait, so it
/// leaves without a word, as the RFC allows, and the others time it out.
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
    /// its last block; those that waited longest come first. `last`: the connection ends.
    pub(crate) fn send_reports(
        &mut self,
        streams: &mut Streams<'_, Self>,
        last: bool,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let round = gather(streams);
        if !(round.known || self.active) {
            return Ok(());
        }
        self.round += 1;
        let mut leaving = if last && self.may_leave_aloud() { round.senders_ever } else { Vec::new() };
        let quiet = leaving.first().copied().filter(|_| !self.spoke);
        let reporter = round.sender.or(quiet).unwrap_or(cx.sender_ssrc());
        let clock = self.options.xr && round.sender.is_none();
        let reserved = self.receivers.answer_len() + if clock { Receivers::REFERENCE_TIME } else { 0 };
        let limits = self.limits(last, cx);
        let mut compounds = pack(&round.items, reporter, reserved, limits);
        self.spoke |= reporter == cx.sender_ssrc();
        if self.spoke && last && self.may_leave_aloud() && !leaving.contains(&cx.sender_ssrc()) {
            leaving.push(cx.sender_ssrc());
        }
        add_goodbyes(&mut compounds, &leaving, limits);
        for (i, compound) in compounds.iter().enumerate() {
            let (infos, blocks) = self.fetch(compound, streams, cx);
            let mut builder = self.compose(compound, &infos, &blocks, i == 0 && clock, cx);
            self.send(builder.build()?, cx);
        }
        Ok(())
    }

    /// A local stream ends: its last sender reports and its goodbye.
    pub(crate) fn say_goodbye(&mut self, mut stream: LocalStream, cx: &mut Context<'_>) {
        let leaving: Vec<u32> =
            stream.sources().filter(|source| source.is_known()).map(|source| source.ssrc()).collect();
        let Some(reporter) = leaving.first().copied().filter(|_| self.may_leave_aloud()) else { return };
        let items: Vec<Item> = leaving.iter().copied().map(Item::Sender).collect();
        let limits = self.limits(true, cx);
        let mut compounds = pack(&items, reporter, 0, limits);
        add_goodbyes(&mut compounds, &leaving, limits);
        let (now, ntp) = (cx.now(), cx.ntp(cx.now()));
        for compound in &compounds {
            let infos: Vec<SenderInfo> =
                compound.senders.iter().filter_map(|ssrc| stream.sender_info(*ssrc, ntp, now)).collect();
            // The canonical name was checked at build; nothing else can make a builder fail.
            if let Ok(packet) = self.compose(compound, &infos, &[], false, cx).build() {
                self.send(packet, cx);
            }
        }
    }

    /// Whether a goodbye is wanted and allowed.
    fn may_leave_aloud(&self) -> bool {
        self.options.bye && self.members.as_ref().is_none_or(|members| members.len() < CROWD)
    }

    fn limits(&self, last: bool, cx: &Context<'_>) -> Limits {
        let one_at_a_time = matches!(self.options.interval, RtcpInterval::Rfc3550 { .. }) && !last;
        let datagrams = if one_at_a_time { 1 } else { self.options.max_datagrams };
        Limits { mtu: cx.config().mtu, cname: self.cname.len(), datagrams }
    }

    /// The values of this moment for a datagram's reports. From here on these count as reported.
    fn fetch(
        &self,
        compound: &Compound,
        streams: &mut Streams<'_, Self>,
        cx: &Context<'_>,
    ) -> (Vec<SenderInfo>, Vec<ReportBlockData>) {
        let (now, ntp) = (cx.now(), cx.ntp(cx.now()));
        let mut infos = Vec::with_capacity(compound.senders.len());
        for ssrc in &compound.senders {
            let Some(stream) = streams.local(*ssrc) else { continue };
            infos.extend(stream.sender_info(*ssrc, ntp, now));
            stream.reported(*ssrc, self.round);
        }
        let block = |ssrc: &u32| Some(streams.remote(*ssrc)?.source(*ssrc)?.block(now, self.round));
        (infos, compound.blocks.iter().filter_map(block).collect())
    }

    /// Writes a datagram: reports, names, extended reports, goodbyes.
    fn compose(
        &mut self,
        compound: &Compound,
        infos: &[SenderInfo],
        blocks: &[ReportBlockData],
        clock: bool,
        cx: &Context<'_>,
    ) -> RtcpBuilder {
        let mut builder = RtcpPacket::builder();
        let reporter = compound.reporter;
        let mut chunks = blocks.chunks(MAX_COUNT);
        let (own, others) = match infos.split_first() {
            Some((own, others)) if own.ssrc == reporter => (Some(own), others),
            _ => (None, infos),
        };
        if let Some(own) = own {
            add_sender_report(&mut builder, own, chunks.next().unwrap_or_default());
        } else if others.is_empty() && blocks.is_empty() {
            builder.receiver_report(reporter, &[]);
        }
        for chunk in chunks {
            builder.receiver_report(reporter, chunk);
        }
        for info in others {
            add_sender_report(&mut builder, info, &[]);
        }
        self.counters.sender_reports += infos.len() as u64;
        self.counters.receiver_reports += compound.receiver_reports() as u64;
        self.counters.blocks += blocks.len() as u64;
        self.counters.goodbyes += compound.byes.len() as u64;
        let sources: Vec<u32> = compound.sources().collect();
        add_names(&mut builder, &sources, &self.cname);
        if clock {
            builder.xr_rrtr(reporter, cx.ntp(cx.now()));
        }
        let answers = self.receivers.answer(cx.now());
        if !answers.is_empty() {
            builder.xr_dlrr(reporter, &answers);
        }
        for chunk in compound.byes.chunks(MAX_COUNT) {
            builder.bye(chunk, "");
        }
        builder
    }

    fn send(&mut self, packet: RtcpPacket, cx: &mut Context<'_>) {
        self.active = true;
        self.counters.datagrams += 1;
        self.schedule.count(packet.len());
        tracing::trace!(bytes = packet.len(), "report");
        cx.send_rtcp(packet);
    }

    /// What has to stand before feedback where reduced-size RTCP was not negotiated (RFC 3550 §6.1): a report without
    /// blocks and a canonical name. A sender report when `ssrc` is a local source that has sent lately.
    pub(crate) fn head(
        &mut self,
        ssrc: Option<u32>,
        streams: &mut Streams<'_, Self>,
        cx: &Context<'_>,
    ) -> Result<RtcpPacket, BuildError> {
        let ntp = cx.ntp(cx.now());
        let info = ssrc.and_then(|ssrc| {
            let stream = streams.local(ssrc)?;
            let sends = stream.sources().any(|source| source.ssrc() == ssrc && source.is_due());
            if sends { stream.sender_info(ssrc, ntp, cx.now()) } else { None }
        });
        let mut builder = RtcpPacket::builder();
        let ssrc = info.map_or(cx.sender_ssrc(), |info| info.ssrc);
        match &info {
            Some(info) => add_sender_report(&mut builder, info, &[]),
            None => {
                self.spoke = true;
                builder.receiver_report(ssrc, &[]);
            }
        }
        builder.sdes_cname(ssrc, &self.cname).build()
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
            due.push((source.round, Item::Sender(source.ssrc())));
        }
    }
    round.known = !round.senders_ever.is_empty();
    for source in streams.remotes().flat_map(|(_, stream)| stream.sources()) {
        round.known |= source.is_known();
        if source.is_due() {
            due.push((source.round, Item::Block(source.ssrc())));
        }
    }
    due.sort_by_key(|(reported, _)| *reported);
    round.items = due.into_iter().map(|(_, item)| item).collect();
    round
}

fn add_sender_report(builder: &mut RtcpBuilder, info: &SenderInfo, blocks: &[ReportBlockData]) {
    builder.sender_report(info.ssrc, info.ntp, info.rtp_timestamp, info.packets, info.octets, blocks);
}

/// A canonical name for every source that reports (RFC 3550 §6.5.1).
fn add_names(builder: &mut RtcpBuilder, sources: &[u32], cname: &str) {
    for sources in sources.chunks(MAX_COUNT) {
        let chunk = |ssrc: &u32| {
            let item = rtcp_types::SdesItem::builder(rtcp_types::SdesItem::CNAME, cname);
            rtcp_types::SdesChunk::builder(*ssrc).add_item(item)
        };
        let sdes =
            sources.iter().map(chunk).fold(rtcp_types::Sdes::builder(), |sdes, chunk| sdes.add_chunk(chunk));
        builder.writer(&sdes);
    }
}
