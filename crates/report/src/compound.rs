//! One datagram: a real compound of reports, names, extended reports and BYE, in this order (RFC 3550 §6.1).

use interceptor_packet::{BuildError, ReportBlockData, RtcpBuilder, RtcpPacket};

use crate::local::SenderInfo;
use crate::xr::ExtendedReports;

/// Report blocks in one report, chunks in one SDES, sources in one BYE: five bits of count.
const MAX_COUNT: usize = 31;

const SENDER_REPORT: usize = 28;
const RECEIVER_REPORT: usize = 8;
const BLOCK: usize = 24;
const HEADER: usize = 4;

/// What is to be reported of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DueReport {
    /// A sender report of this local SSRC.
    Sender(u32),
    /// A report block about this remote SSRC.
    Block(u32),
}

/// What one datagram holds, as SSRCs; [`CompoundWriter`] has the values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compound {
    /// The SSRC that the blocks come from. It reports as receiver unless it reports as sender.
    pub(crate) reporter: u32,
    /// SSRCs with a sender report, that of the reporter first if it is among them.
    pub(crate) senders: Vec<u32>,
    /// SSRCs that the reporter has blocks about.
    pub(crate) blocks: Vec<u32>,
    /// SSRCs that leave.
    pub(crate) byes: Vec<u32>,
}

impl Compound {
    /// Empties the datagram for another one, in the same memory.
    pub(crate) fn restart(&mut self, reporter: u32) {
        self.reporter = reporter;
        self.senders.clear();
        self.blocks.clear();
        self.byes.clear();
    }

    /// Whether the reporter's own sender report carries the first blocks.
    pub(crate) fn reporter_is_sender(&self) -> bool {
        self.senders.first() == Some(&self.reporter)
    }

    /// How many receiver reports it takes for the blocks. A datagram without any other report has an empty one.
    pub(crate) fn receiver_reports(&self) -> usize {
        let reports = self.blocks.len().div_ceil(MAX_COUNT);
        if self.reporter_is_sender() {
            return reports.saturating_sub(1);
        }
        if self.senders.is_empty() { reports.max(1) } else { reports }
    }

    /// Every SSRC that reports, each once: these need a canonical name (§6.5.1).
    fn reporting_ssrcs(&self) -> impl Iterator<Item = u32> + '_ {
        let receiver = !self.reporter_is_sender() && self.receiver_reports() > 0;
        receiver.then_some(self.reporter).into_iter().chain(self.senders.iter().copied())
    }

    /// Bytes of UDP payload.
    pub(crate) fn len(&self, cname: usize) -> usize {
        let sources = self.reporting_ssrcs().count();
        let byes = self.byes.len();
        SENDER_REPORT * self.senders.len()
            + RECEIVER_REPORT * self.receiver_reports()
            + BLOCK * self.blocks.len()
            + HEADER * sources.div_ceil(MAX_COUNT)
            + sdes_chunk_len(cname) * sources
            + HEADER * byes.div_ceil(MAX_COUNT)
            + 4 * byes
    }

    /// Takes reports in their order as far as they fit, but one at least: better too large than never. Gives back the rest.
    pub(crate) fn fill_reports<'a>(
        &mut self,
        due: &'a [DueReport],
        room: usize,
        cname: usize,
    ) -> &'a [DueReport] {
        for (taken, report) in due.iter().enumerate() {
            self.push(*report);
            if taken > 0 && self.len(cname) > room {
                self.pop(*report);
                return due.get(taken..).unwrap_or_default();
            }
        }
        &[]
    }

    /// Takes SSRCs that leave as far as they fit, but one at least if there is no report. Gives back the rest.
    pub(crate) fn fill_byes<'a>(&mut self, leaving: &'a [u32], room: usize, cname: usize) -> &'a [u32] {
        let least = usize::from(self.senders.is_empty() && self.blocks.is_empty());
        for (taken, ssrc) in leaving.iter().enumerate() {
            self.byes.push(*ssrc);
            if taken >= least && self.len(cname) > room {
                self.byes.pop();
                return leaving.get(taken..).unwrap_or_default();
            }
        }
        &[]
    }

    fn push(&mut self, report: DueReport) {
        match report {
            DueReport::Sender(ssrc) if ssrc == self.reporter => self.senders.insert(0, ssrc),
            DueReport::Sender(ssrc) => self.senders.push(ssrc),
            DueReport::Block(ssrc) => self.blocks.push(ssrc),
        }
    }

    fn pop(&mut self, report: DueReport) {
        match report {
            DueReport::Sender(ssrc) if ssrc == self.reporter => {
                self.senders.remove(0);
            }
            DueReport::Sender(_) => {
                self.senders.pop();
            }
            DueReport::Block(_) => {
                self.blocks.pop();
            }
        }
    }
}

/// Bytes of an SDES chunk: SSRC, item header, name, at least one null octet, filled up to whole words.
const fn sdes_chunk_len(cname: usize) -> usize {
    4 + (2 + cname + 1).next_multiple_of(4)
}

/// Bytes of a report without blocks and a canonical name.
pub(crate) const fn bare_report_len(is_sender: bool, cname: usize) -> usize {
    HEADER + sdes_chunk_len(cname) + if is_sender { SENDER_REPORT } else { RECEIVER_REPORT }
}

/// Writes compounds: one datagram's layout and its values. The memory is used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct CompoundWriter {
    pub(crate) layout: Compound,
    /// The values of its sender reports.
    pub(crate) sender_infos: Vec<SenderInfo>,
    /// The values of its blocks.
    pub(crate) blocks: Vec<ReportBlockData>,
    pub(crate) extended: ExtendedReports,
    reporting: Vec<u32>,
    builder: RtcpBuilder,
}

impl CompoundWriter {
    pub(crate) fn write(&mut self, cname: &str) -> Result<RtcpPacket, BuildError> {
        let Self { layout, sender_infos, blocks, extended, reporting, builder } = self;
        let reporter = layout.reporter;
        add_reports(builder, reporter, sender_infos, blocks);
        // A canonical name for every source that reports (RFC 3550 §6.5.1).
        reporting.clear();
        reporting.extend(layout.reporting_ssrcs());
        for ssrcs in reporting.chunks(MAX_COUNT) {
            builder.sdes_cnames(ssrcs, cname);
        }
        if let Some(clock) = extended.reference_time {
            builder.xr_rrtr(reporter, clock);
        }
        if !extended.answers.is_empty() {
            builder.xr_dlrr(reporter, &extended.answers);
        }
        for leaving in layout.byes.chunks(MAX_COUNT) {
            builder.bye(leaving, "");
        }
        builder.build()
    }

    /// Puts feedback behind a report without blocks and a canonical name: a sender report of `info`, or else an empty
    /// receiver report of `receiver`.
    pub(crate) fn write_before(
        &mut self,
        feedback: &[u8],
        info: Option<SenderInfo>,
        receiver: u32,
        cname: &str,
    ) -> Result<RtcpPacket, BuildError> {
        let builder = &mut self.builder;
        add_reports(builder, receiver, info.as_slice(), &[]);
        builder.sdes_cname(info.map_or(receiver, |info| info.ssrc), cname).verbatim(feedback).build()
    }
}

/// The reporter's own sender report, if there is one, carries the first blocks; receiver reports carry the others.
fn add_reports(builder: &mut RtcpBuilder, reporter: u32, infos: &[SenderInfo], blocks: &[ReportBlockData]) {
    let mut chunks = blocks.chunks(MAX_COUNT);
    let (own, others) = match infos.split_first() {
        Some((own, others)) if own.ssrc == reporter => (Some(own), others),
        _ => (None, infos),
    };
    if let Some(own) = own {
        add_sender_report(builder, own, chunks.next().unwrap_or_default());
    } else if others.is_empty() && blocks.is_empty() {
        builder.receiver_report(reporter, &[]);
    }
    for chunk in chunks {
        builder.receiver_report(reporter, chunk);
    }
    for info in others {
        add_sender_report(builder, info, &[]);
    }
}

fn add_sender_report(builder: &mut RtcpBuilder, info: &SenderInfo, blocks: &[ReportBlockData]) {
    builder.sender_report(info.ssrc, info.ntp, info.rtp_timestamp, info.packets, info.octets, blocks);
}
