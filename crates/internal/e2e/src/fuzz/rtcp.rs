//! RTCP: every byte is accounted for, every view can be read, every conversion gives a packet.

use std::collections::BTreeSet;

use bytes::Bytes;
use interceptor_packet::rtcp::{CcfbMetric, Nack};
use interceptor_packet::{ReportBlock, Rtcp, RtcpPacket, nack_pairs};
use rtcp::packet::Packet;

type Boxed = Box<dyn Packet + Send + Sync>;

/// Parses `data`, reads all that the views have, and converts it to the packets of `rtcp` and back.
pub fn rtcp(data: &[u8]) {
    let datagram = Bytes::copy_from_slice(data);
    let Ok(packet) = RtcpPacket::parse(datagram.clone()) else { return };
    assert_eq!(*packet.as_bytes(), datagram);
    assert_eq!(packet.packets().count() + packet.malformed(), chain_len(data));
    for view in packet.packets() {
        read(view);
        assert_eq!(
            RtcpPacket::parse(Bytes::copy_from_slice(view.raw())).map(|alone| alone.malformed()),
            Ok(0)
        );
    }
    assert!(!format!("{packet:?}").is_empty());
    convert(&packet);
}

/// Sub-packets by their length fields alone, a rest that is none included.
fn chain_len(mut data: &[u8]) -> usize {
    let mut count = 0;
    while let [_, _, high, low, ..] = data {
        let len = 4 * (usize::from(u16::from_be_bytes([*high, *low])) + 1);
        let Some(rest) = data.get(len..) else { break };
        (count, data) = (count + 1, rest);
    }
    count + usize::from(!data.is_empty())
}

fn convert(packet: &RtcpPacket) {
    let converted = Vec::<Boxed>::from(packet);
    assert_eq!(converted.len(), packet.packets().count());
    if converted.is_empty() {
        return;
    }
    // Not all that is well-formed can be written again, such as a NACK of nothing.
    let Ok(back) = RtcpPacket::try_from(converted) else { return };
    assert_eq!((back.malformed(), back.packets().count()), (0, packet.packets().count()));
    let types =
        |packet: &RtcpPacket| -> Vec<u8> { packet.packets().map(|view| view.packet_type()).collect() };
    assert_eq!(types(&back), types(packet));
}

fn read(view: Rtcp<'_>) {
    assert!(view.raw().len() >= 4 && view.raw().len().is_multiple_of(4));
    let _ = view.sender_ssrc();
    let words = view.raw().len() / 4;
    match view {
        Rtcp::SenderReport(report) => {
            let _ = (report.ssrc(), report.ntp(), report.rtp_timestamp());
            let _ = (report.packet_count(), report.octet_count(), report.profile_extension());
            check_blocks(report.report_blocks(), report.count());
        }
        Rtcp::ReceiverReport(report) => {
            let _ = (report.ssrc(), report.profile_extension());
            check_blocks(report.report_blocks(), report.count());
        }
        Rtcp::Sdes(sdes) => {
            assert_eq!(sdes.chunks().count(), usize::from(sdes.count()));
            assert!(sdes.cnames().count() <= sdes.chunks().count());
            assert!(sdes.chunks().map(|chunk| chunk.items().count()).sum::<usize>() <= 2 * words);
        }
        Rtcp::Bye(bye) => {
            assert_eq!(bye.ssrcs().count(), usize::from(bye.count()));
            assert!(bye.reason().is_none_or(|reason| reason.len() <= 255));
        }
        Rtcp::App(app) => {
            let _ = (app.ssrc(), app.subtype(), app.name(), app.data());
        }
        Rtcp::Nack(nack) => check_nack(&nack),
        Rtcp::Tmmbr(limits) | Rtcp::Tmmbn(limits) => assert!(limits.entries().count() <= words / 2),
        Rtcp::Ccfb(feedback) => {
            let metrics: Vec<_> = feedback.blocks().flat_map(|block| block.metrics()).collect();
            assert!(metrics.len() <= 2 * words);
            // What has not come has neither mark nor time.
            let consistent = |metric: &CcfbMetric| metric.ecn().is_some() == metric.is_received();
            assert!(metrics.iter().all(|(_, metric)| consistent(metric)));
        }
        Rtcp::Twcc(feedback) => {
            let _ = (feedback.base_sequence_number(), feedback.packet_status_count());
            let _ = (feedback.reference_time(), feedback.feedback_count(), feedback.payload());
            let count = usize::from(feedback.packet_status_count());
            assert!(feedback.packets().is_none_or(|packets| packets.count() == count));
        }
        Rtcp::Pli(feedback) => {
            let _ = (feedback.sender_ssrc(), feedback.media_ssrc(), feedback.fci());
        }
        Rtcp::Sli(sli) => assert!(sli.entries().count() <= words),
        Rtcp::Rpsi(rpsi) => {
            let (bits, unused) = rpsi.bit_string();
            assert!(8 * bits.len() >= usize::from(unused) && rpsi.payload_type() < 128);
        }
        Rtcp::Fir(fir) => assert!(fir.entries().count() <= words / 2),
        Rtcp::Remb(remb) => {
            let _ = remb.bitrate();
            assert!(remb.ssrcs().count() <= words);
        }
        Rtcp::Xr(xr) => {
            let _ = (xr.ssrc(), xr.receiver_reference_time());
            assert!(xr.blocks().count() <= words && xr.dlrr_entries().count() <= words / 3);
        }
        _ => assert!(view.frame().body().len() < view.raw().len()),
    }
}

fn check_nack(nack: &Nack<'_>) {
    let numbers: Vec<u16> = nack.sequence_numbers().collect();
    assert!(numbers.len() <= 17 * nack.pairs().count() && numbers.len() >= nack.pairs().count());
    // Packing what was asked for asks for the same.
    let again = nack_pairs(numbers.iter().copied()).flat_map(|pair| pair.sequence_numbers());
    assert_eq!(again.collect::<BTreeSet<u16>>(), numbers.into_iter().collect());
}

fn check_blocks<'a>(blocks: impl Iterator<Item = ReportBlock<'a>>, count: u8) {
    let blocks: Vec<_> = blocks.map(|block| block.to_data()).collect();
    assert_eq!(blocks.len(), usize::from(count));
    let is_signed_24 = |lost: i32| (-0x80_0000..=0x7f_ffff).contains(&lost);
    assert!(blocks.iter().all(|block| is_signed_24(block.cumulative_lost)));
}
