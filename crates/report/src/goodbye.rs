//! Leaving: BYE for a local stream that ends, and for all of them when the connection closes (RFC 3550 §6.3.7, §6.6).

use interceptor_core::{Context, Result, Streams};

use crate::Report;
use crate::compound::DueReport;
use crate::datagrams::{Datagrams, Limits};
use crate::local::LocalStream;
use crate::report_round::ReportRound;

/// RFC 3550 §6.3.7: with this many other members or more a BYE has to wait its turn. A chain that closes cannot wait, so it
/// leaves without one, as if it had crashed, and the others time it out.
const MEMBERS_FOR_BYE_BACKOFF: usize = 50;

impl Report {
    /// The connection ends: sends the last reports, and BYE for every SSRC that has sent RTP or RTCP.
    pub(crate) fn leave_session(
        &mut self,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let mut round = ReportRound::default();
        round.collect(streams);
        let own = cx.sender_ssrc();
        let sources = streams.locals().flat_map(|(_, stream)| stream.sources());
        let mut leaving: Vec<u32> =
            sources.filter(|source| source.has_sent()).map(|source| source.ssrc()).collect();
        let has_reported = self.sent_feedback || (leaving.is_empty() && !round.due.is_empty());
        if has_reported && !leaving.contains(&own) {
            leaving.push(own);
        }
        let reporter = round.first_sender.or(leaving.first().copied()).unwrap_or(own);
        if !self.may_send_bye() {
            leaving.clear();
        }
        if round.due.is_empty() && leaving.is_empty() {
            return Ok(());
        }
        let limits = Limits { datagrams: self.options.max_datagrams, ..self.limits(cx) };
        let datagrams = Datagrams::new(&round.due, reporter, 0, limits).with_byes(&leaving);
        self.send_datagrams(datagrams, streams, cx)
    }

    /// A local stream ends: sends its last sender reports and BYE.
    pub(crate) fn send_bye(&mut self, mut stream: LocalStream, cx: &mut Context<'_>) {
        let have_sent = stream.sources().filter(|source| source.has_sent());
        let leaving: Vec<u32> = have_sent.map(|source| source.ssrc()).collect();
        let Some(reporter) = leaving.first().copied().filter(|_| self.may_send_bye()) else { return };
        let due: Vec<DueReport> = leaving.iter().copied().map(DueReport::Sender).collect();
        let limits = Limits { datagrams: due.len(), ..self.limits(cx) };
        let mut datagrams = Datagrams::new(&due, reporter, 0, limits).with_byes(&leaving);
        let (now, ntp) = (cx.now(), cx.ntp(cx.now()));
        while datagrams.next(&mut self.writer.layout) {
            self.writer.blocks.clear();
            self.writer.sender_infos.clear();
            let senders = self.writer.layout.senders.iter();
            let infos = senders.filter_map(|ssrc| stream.sender_info(*ssrc, ntp, now));
            self.writer.sender_infos.extend(infos);
            // The canonical name was checked at build; nothing else can make this fail.
            let _ = self.send_compound(cx);
        }
    }

    /// Whether BYE is wanted and allowed.
    fn may_send_bye(&self) -> bool {
        let others = self.members.as_ref().map_or(0, |members| members.len());
        self.options.bye && others < MEMBERS_FOR_BYE_BACKOFF
    }
}
