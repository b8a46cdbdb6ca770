//! To `rtcp::packet::Packet`: built field by field, past the parsers of `rtcp`, which panic on malformed packets.

use ::rtcp::extended_report::{
    DLRRReport, DLRRReportBlock, ExtendedReport, LossRLEReportBlock, PacketReceiptTimesReportBlock,
    ReceiverReferenceTimeReportBlock, StatisticsSummaryReportBlock, VoIPMetricsReportBlock,
};
use ::rtcp::goodbye::Goodbye;
use ::rtcp::packet::Packet;
use ::rtcp::payload_feedbacks::full_intra_request::{FirEntry, FullIntraRequest};
use ::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use ::rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use ::rtcp::payload_feedbacks::slice_loss_indication::{SliEntry, SliceLossIndication};
use ::rtcp::raw_packet::RawPacket;
use ::rtcp::receiver_report::ReceiverReport;
use ::rtcp::reception_report::ReceptionReport;
use ::rtcp::sender_report::SenderReport;
use ::rtcp::source_description::{
    SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem,
};
use ::rtcp::transport_feedbacks::rapid_resynchronization_request::RapidResynchronizationRequest;
use ::rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};
use bytes::{Buf, Bytes};
use webrtc_util::marshal::Unmarshal;

use super::rtcp_twcc;
use crate::rtcp::{Bye, Feedback, Fir, Nack, Remb, ReportBlock, Sdes, SdesChunk, Sli, Xr, XrBlock};
use crate::{Rtcp, RtcpPacket};

type Boxed = Box<dyn Packet + Send + Sync>;

impl From<&RtcpPacket> for Vec<Boxed> {
    /// The well-formed sub-packets as `rtcp` has them, without padding.
    ///
    /// What `rtcp` has no type for, or cannot hold whole, is a [`RawPacket`] with all its bytes: APP, TMMBR, TMMBN,
    /// RPSI, RFC 8888, source descriptions with items beyond PRIV, extended reports with unknown blocks, transport-wide
    /// feedback that does not decode. A REMB's bit rate is rounded to `f32`. Malformed sub-packets are left out.
    fn from(packet: &RtcpPacket) -> Self {
        packet.packets().map(boxed).collect()
    }
}

impl From<RtcpPacket> for Vec<Boxed> {
    fn from(packet: RtcpPacket) -> Self {
        Self::from(&packet)
    }
}

fn boxed(packet: Rtcp<'_>) -> Boxed {
    match packet {
        Rtcp::SenderReport(report) => Box::new(SenderReport {
            ssrc: report.ssrc(),
            ntp_time: report.ntp().0,
            rtp_time: report.rtp_timestamp(),
            packet_count: report.packet_count(),
            octet_count: report.octet_count(),
            reports: report.report_blocks().map(reception_report).collect(),
            profile_extensions: Bytes::copy_from_slice(report.profile_extension()),
        }),
        Rtcp::ReceiverReport(report) => Box::new(ReceiverReport {
            ssrc: report.ssrc(),
            reports: report.report_blocks().map(reception_report).collect(),
            profile_extensions: Bytes::copy_from_slice(report.profile_extension()),
        }),
        Rtcp::Sdes(sdes) => source_description(sdes).unwrap_or_else(|| raw(packet)),
        Rtcp::Bye(bye) => goodbye(bye),
        Rtcp::Nack(nack) => transport_layer_nack(nack),
        Rtcp::Pli(pli) => {
            Box::new(PictureLossIndication { sender_ssrc: pli.sender_ssrc(), media_ssrc: pli.media_ssrc() })
        }
        Rtcp::Fir(fir) => full_intra_request(fir),
        Rtcp::Sli(sli) => slice_loss_indication(sli),
        Rtcp::Remb(remb) => estimated_bitrate(remb),
        Rtcp::Twcc(twcc) => rtcp_twcc::decode(twcc).unwrap_or_else(|| raw(packet)),
        Rtcp::Xr(xr) => extended_report(xr).unwrap_or_else(|| raw(packet)),
        Rtcp::Other(frame) if (frame.packet_type(), frame.count()) == (205, 5) => {
            Feedback::of(frame).map_or_else(|| raw(packet), resynchronization_request)
        }
        _ => raw(packet),
    }
}

fn raw(packet: Rtcp<'_>) -> Boxed {
    Box::new(RawPacket(Bytes::copy_from_slice(packet.raw())))
}

fn reception_report(block: ReportBlock<'_>) -> ReceptionReport {
    ReceptionReport {
        ssrc: block.ssrc(),
        fraction_lost: block.fraction_lost(),
        // `rtcp` has the 24 bits without their sign.
        total_lost: block.cumulative_lost().cast_unsigned() & 0xff_ffff,
        last_sequence_number: block.extended_sequence_number(),
        jitter: block.jitter(),
        last_sender_report: block.last_sr(),
        delay: block.delay_since_last_sr(),
    }
}

fn source_description(sdes: Sdes<'_>) -> Option<Boxed> {
    let chunk = |chunk: SdesChunk<'_>| {
        let items: Option<Vec<_>> = chunk
            .items()
            .map(|item| match SdesType::from(item.kind) {
                // `rtcp` takes unknown items for the end of the list.
                SdesType::SdesEnd => None,
                sdes_type => {
                    Some(SourceDescriptionItem { sdes_type, text: Bytes::copy_from_slice(item.value) })
                }
            })
            .collect();
        Some(SourceDescriptionChunk { source: chunk.ssrc(), items: items? })
    };
    let chunks: Option<Vec<_>> = sdes.chunks().map(chunk).collect();
    Some(Box::new(SourceDescription { chunks: chunks? }))
}

fn goodbye(bye: Bye<'_>) -> Boxed {
    let reason = Bytes::copy_from_slice(bye.reason().unwrap_or_default());
    Box::new(Goodbye { sources: bye.ssrcs().collect(), reason })
}

fn transport_layer_nack(nack: Nack<'_>) -> Boxed {
    let pair =
        |pair: crate::NackPair| NackPair { packet_id: pair.packet_id, lost_packets: pair.lost_packets };
    Box::new(TransportLayerNack {
        sender_ssrc: nack.sender_ssrc(),
        media_ssrc: nack.media_ssrc(),
        nacks: nack.pairs().map(pair).collect(),
    })
}

fn full_intra_request(fir: Fir<'_>) -> Boxed {
    let entry =
        |entry: crate::rtcp::FirEntry| FirEntry { ssrc: entry.ssrc, sequence_number: entry.sequence_number };
    Box::new(FullIntraRequest {
        sender_ssrc: fir.sender_ssrc(),
        media_ssrc: fir.media_ssrc(),
        fir: fir.entries().map(entry).collect(),
    })
}

fn slice_loss_indication(sli: Sli<'_>) -> Boxed {
    let entry = |entry: crate::rtcp::SliEntry| SliEntry {
        first: entry.first,
        number: entry.number,
        picture: entry.picture_id,
    };
    Box::new(SliceLossIndication {
        sender_ssrc: sli.sender_ssrc(),
        media_ssrc: sli.media_ssrc(),
        sli_entries: sli.entries().map(entry).collect(),
    })
}

fn estimated_bitrate(remb: Remb<'_>) -> Boxed {
    Box::new(ReceiverEstimatedMaximumBitrate {
        sender_ssrc: remb.sender_ssrc(),
        bitrate: remb.bitrate() as f32,
        ssrcs: remb.ssrcs().collect(),
    })
}

fn resynchronization_request(feedback: Feedback<'_>) -> Boxed {
    Box::new(RapidResynchronizationRequest {
        sender_ssrc: feedback.sender_ssrc(),
        media_ssrc: feedback.media_ssrc(),
    })
}

fn extended_report(xr: Xr<'_>) -> Option<Boxed> {
    let reports: Option<Vec<_>> = xr.blocks().map(extended_report_block).collect();
    Some(Box::new(ExtendedReport { sender_ssrc: xr.ssrc(), reports: reports? }))
}

fn extended_report_block(block: XrBlock<'_>) -> Option<Boxed> {
    Some(match block {
        XrBlock::ReceiverReferenceTime(ntp) => {
            Box::new(ReceiverReferenceTimeReportBlock { ntp_timestamp: ntp.0 })
        }
        XrBlock::Dlrr(entries) => {
            let report = |entry: crate::rtcp::DlrrEntry| DLRRReport {
                ssrc: entry.ssrc,
                last_rr: entry.last_rr,
                dlrr: entry.delay_since_last_rr,
            };
            Box::new(DLRRReportBlock { reports: entries.entries().map(report).collect() })
        }
        XrBlock::Other { block_type, type_specific, content } => {
            let [length_high, length_low] = ((content.len() / 4) as u16).to_be_bytes();
            let header = [block_type, type_specific, length_high, length_low];
            let mut bytes = header.chain(content);
            match block_type {
                // One type for both; it tells them apart by the block type.
                1 | 2 => Box::new(LossRLEReportBlock::unmarshal(&mut bytes).ok()?),
                3 => Box::new(PacketReceiptTimesReportBlock::unmarshal(&mut bytes).ok()?),
                6 => Box::new(StatisticsSummaryReportBlock::unmarshal(&mut bytes).ok()?),
                7 => Box::new(VoIPMetricsReportBlock::unmarshal(&mut bytes).ok()?),
                _ => return None,
            }
        }
    })
}
