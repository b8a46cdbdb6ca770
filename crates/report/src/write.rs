//! Compounds as bytes: reports, names, extended reports, goodbyes, in this order (RFC 3550 §6.1).

use interceptor_packet::{BuildError, ReportBlockData, RtcpBuilder, RtcpPacket, rtcp_types};

use crate::compound::{Compound, MAX_COUNT};
use crate::extended::Extended;
use crate::local::SenderInfo;

/// Writes `compound` with these values for its senders and blocks.
pub(crate) fn write(
    compound: &Compound,
    infos: &[SenderInfo],
    blocks: &[ReportBlockData],
    extended: &Extended,
    cname: &str,
) -> Result<RtcpPacket, BuildError> {
    let mut builder = RtcpPacket::builder();
    let reporter = compound.reporter;
    add_reports(&mut builder, reporter, infos, blocks);
    add_names(&mut builder, &compound.sources().collect::<Vec<_>>(), cname);
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

/// A report without blocks and a canonical name, to stand before feedback: a sender report of `info`, or else an empty
/// receiver report of `receiver`.
pub(crate) fn write_head(
    info: Option<SenderInfo>,
    receiver: u32,
    cname: &str,
) -> Result<RtcpPacket, BuildError> {
    let mut builder = RtcpPacket::builder();
    add_reports(&mut builder, receiver, info.as_slice(), &[]);
    builder.sdes_cname(info.map_or(receiver, |info| info.ssrc), cname).build()
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

/// A canonical name for every source that reports (RFC 3550 §6.5.1).
fn add_names(builder: &mut RtcpBuilder, sources: &[u32], cname: &str) {
    for sources in sources.chunks(MAX_COUNT) {
        let chunk = |ssrc: &u32| {
            let item = rtcp_types::SdesItem::builder(rtcp_types::SdesItem::CNAME, cname);
            rtcp_types::SdesChunk::builder(*ssrc).add_item(item)
        };
        let chunks = sources.iter().map(chunk);
        builder.writer(&chunks.fold(rtcp_types::Sdes::builder(), |sdes, chunk| sdes.add_chunk(chunk)));
    }
}
