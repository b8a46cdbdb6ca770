//! RTCP as str0m tells it, a message at a time, written again: str0m keeps its own writer to itself.

use std::time::Instant;

use interceptor_core::packet::{NackPair, ReportBlockData, RtcpBuilder, RtcpPacket};
use str0m::rtp::rtcp::{
    AppSpecificFeedback, Descriptions, ExtendedReport, Fir, Nack, ReceptionReport, ReportBlock, ReportList,
    Rtcp, SdesType, SenderReport,
};

use super::extensions::ntp;
use super::twcc;

/// A message, written again.
#[derive(Clone, Debug)]
pub struct Rebuilt {
    /// One RTCP packet.
    pub packet: RtcpPacket,
    /// Is there a part of the message that could not be said?
    pub shortened: bool,
}

/// The message as a packet; `None` when it says nothing, or what fits into no packet.
///
/// `now` is any instant: transport-wide feedback needs one to count from.
#[must_use]
pub fn rebuild(message: Rtcp, now: Instant) -> Option<Rebuilt> {
    let builder = &mut RtcpPacket::builder();
    let mut shortened = false;
    match message {
        Rtcp::SenderReport(report) => sender_report(builder, &report),
        Rtcp::ReceiverReport(report) => {
            builder.receiver_report(*report.sender_ssrc, &blocks(&report.reports))
        }
        Rtcp::ExtendedReport(report) => extended_report(builder, &report)?,
        Rtcp::SourceDescription(descriptions) => {
            shortened = names(&descriptions).any(|(item, _)| item == SdesType::Unknown);
            source_description(builder, &descriptions)?
        }
        Rtcp::Goodbye(goodbye) => {
            let ssrcs: Vec<u32> = goodbye.reports.iter().map(|ssrc| **ssrc).collect();
            builder.bye(&ssrcs, "")
        }
        Rtcp::Nack(nack) => self::nack(builder, &nack),
        Rtcp::Pli(pli) => builder.pli(*pli.sender_ssrc, *pli.ssrc),
        Rtcp::Fir(fir) => self::fir(builder, &fir),
        Rtcp::Twcc(feedback) => raw(builder, (RTPFB, TRANSPORT_WIDE), &twcc::body(feedback, now)?)?,
        // A bit rate over 2⁶⁴ becomes that.
        Rtcp::Remb(remb) => builder.remb(*remb.sender_ssrc, remb.bitrate as u64, &remb.ssrcs),
        Rtcp::AppSpecificFeedback(feedback) => application_feedback(builder, &feedback)?,
    };
    Some(Rebuilt { packet: builder.build().ok()?, shortened })
}

const SDES: u8 = 202;
const RTPFB: u8 = 205;
const PSFB: u8 = 206;
const XR: u8 = 207;
/// Formats of feedback.
const TRANSPORT_WIDE: u8 = 15;
const APPLICATION: u8 = 15;
/// Blocks of an extended report (RFC 3611 §4.4, §4.5).
const RRTR: u8 = 4;
const DLRR: u8 = 5;

fn sender_report<'a>(builder: &'a mut RtcpBuilder, report: &SenderReport) -> &'a mut RtcpBuilder {
    let info = &report.sender_info;
    builder.sender_report(
        *info.ssrc,
        ntp(info.ntp_time),
        info.rtp_time.numer() as u32,
        info.sender_packet_count,
        info.sender_octet_count,
        &blocks(&report.reports),
    )
}

fn blocks(reports: &ReportList<ReceptionReport>) -> Vec<ReportBlockData> {
    let block = |report: &ReceptionReport| ReportBlockData {
        ssrc: *report.ssrc,
        fraction_lost: report.fraction_lost,
        cumulative_lost: signed_24(report.packets_lost),
        extended_sequence_number: report.max_seq,
        jitter: report.jitter,
        last_sr: report.last_sr_time,
        delay_since_last_sr: report.last_sr_delay,
    };
    reports.iter().map(block).collect()
}

/// str0m keeps the 24 bits without their sign.
const fn signed_24(bits: u32) -> i32 {
    (bits << 8).cast_signed() >> 8
}

fn extended_report<'a>(builder: &'a mut RtcpBuilder, report: &ExtendedReport) -> Option<&'a mut RtcpBuilder> {
    if report.blocks.is_empty() {
        return None;
    }
    let mut body = report.ssrc.to_be_bytes().to_vec();
    for block in &report.blocks {
        match block {
            ReportBlock::Rrtr(clock) => {
                body.extend([RRTR, 0, 0, 2]);
                body.extend(ntp(clock.ntp_time).to_bits().to_be_bytes());
            }
            ReportBlock::Dlrr(answers) => {
                let words = u16::try_from(3 * answers.items.len()).ok()?;
                body.extend([DLRR, 0]);
                body.extend(words.to_be_bytes());
                for item in &answers.items {
                    let item = [*item.ssrc, item.last_rr_time, item.last_rr_delay];
                    body.extend(item.map(u32::to_be_bytes).as_flattened());
                }
            }
        }
    }
    raw(builder, (XR, 0), &body)
}

fn source_description<'a>(
    builder: &'a mut RtcpBuilder,
    descriptions: &Descriptions,
) -> Option<&'a mut RtcpBuilder> {
    let mut body = Vec::new();
    for chunk in descriptions.reports.iter() {
        body.extend(chunk.ssrc.to_be_bytes());
        for (item, text) in chunk.values.iter().filter(|(item, _)| *item != SdesType::Unknown) {
            body.extend([*item as u8, u8::try_from(text.len()).ok()?]);
            body.extend(text.as_bytes());
        }
        // At least one null octet ends a chunk (RFC 3550 §6.5).
        body.resize((body.len() + 1).next_multiple_of(4), 0);
    }
    raw(builder, (SDES, descriptions.reports.len() as u8), &body)
}

fn names(descriptions: &Descriptions) -> impl Iterator<Item = (SdesType, &str)> {
    let chunks = descriptions.reports.iter();
    chunks.flat_map(|chunk| chunk.values.iter().map(|(item, text)| (*item, text.as_str())))
}

fn nack<'a>(builder: &'a mut RtcpBuilder, nack: &Nack) -> &'a mut RtcpBuilder {
    let pairs = nack.reports.iter().map(|entry| NackPair { packet_id: entry.pid, lost_packets: entry.blp });
    builder.nack_from(*nack.sender_ssrc, *nack.ssrc, pairs)
}

fn fir<'a>(builder: &'a mut RtcpBuilder, fir: &Fir) -> &'a mut RtcpBuilder {
    let entries: Vec<_> = fir.reports.iter().map(|entry| (*entry.ssrc, entry.seq_no)).collect();
    builder.fir(*fir.sender_ssrc, &entries)
}

/// What the application has sent is filled up to whole words, as str0m does.
fn application_feedback<'a>(
    builder: &'a mut RtcpBuilder,
    feedback: &AppSpecificFeedback,
) -> Option<&'a mut RtcpBuilder> {
    let mut body =
        [*feedback.sender_ssrc, *feedback.media_ssrc].map(u32::to_be_bytes).as_flattened().to_vec();
    body.extend(&*feedback.payload);
    body.resize(body.len().next_multiple_of(4), 0);
    raw(builder, (PSFB, APPLICATION), &body)
}

/// Adds a packet of this type and count, whose body is whole words; `None` when there are too many.
fn raw<'a>(
    builder: &'a mut RtcpBuilder,
    (packet_type, count): (u8, u8),
    body: &[u8],
) -> Option<&'a mut RtcpBuilder> {
    let words = u16::try_from(body.len() / 4).ok()?.to_be_bytes();
    let packet = [&[0x80 | count, packet_type], &words[..], body].concat();
    Some(builder.raw(&packet))
}
