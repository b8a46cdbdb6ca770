//! Compounds as bytes: reports, names, extended reports, goodbyes, in this order (RFC 3550 §6.1).

use interceptor_packet::{BuildError, ReportBlockData, RtcpBuilder, RtcpPacket};

use crate::compound::{Compound, MAX_COUNT};
use crate::extended::Extended;
use crate::local::SenderInfo;

/// One datagram in the making. Its memory is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) compound: Compound,
    /// The values of its senders.
    pub(crate) infos: Vec<SenderInfo>,
    /// The values of its blocks.
    pub(crate) blocks: Vec<ReportBlockData>,
    pub(crate) extended: Extended,
    sources: Vec<u32>,
    builder: RtcpBuilder,
}

impl Draft {
    pub(crate) fn write(&mut self, cname: &str) -> Result<RtcpPacket, BuildError> {
        let Self { compound, infos, blocks, extended, sources, builder } = self;
        let reporter = compound.reporter;
        add_reports(builder, reporter, infos, blocks);
        // A canonical name for every source that reports (RFC 3550 §6.5.1).
        sources.clear();
        sources.extend(compound.sources());
        for sources in sources.chunks(MAX_COUNT) {
            builder.sdes_cnames(sources, cname);
        }
        if let Some(clock) = extended.clock {
            builder.xr_rrtr(reporter, clock);
        }
        if !extended.answers.is_empty() {
            builder.xr_dlrr(reporter, &extended.answers);
        }
        for leaving in compound.byes.chunks(MAX_COUNT) {
            builder.bye(leaving, "");
        }
        builder.build()
    }

    /// Feedback behind a report without blocks and a canonical name: a sender report of `info`, or else an empty receiver
    /// report of `receiver`.
    pub(crate) fn wrap(
        &mut self,
        info: Option<SenderInfo>,
        receiver: u32,
        cname: &str,
        feedback: &[u8],
    ) -> Result<RtcpPacket, BuildError> {
        let builder = &mut self.builder;
        add_reports(builder, receiver, info.as_slice(), &[]);
        builder.sdes_cname(info.map_or(receiver, |info| info.ssrc), cname).verbatim(feedback).build()
    }
}

/// The reporter's own sender report, if there is one, carries the first blocks; receiver reports the others.
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
