//! RTCP and arbitrary bytes.

use bytes::Bytes;
use interceptor_packet::rtcp::{CcfbMetric, CcfbStream, TmmbEntry};
use interceptor_packet::{NtpTime, ReportBlockData, Rtcp, RtcpPacket};
use proptest::prelude::*;

/// Reads everything a view has, and gives how much there was.
pub(crate) fn read_everything(packet: &RtcpPacket) -> usize {
    let _ = (packet.is_compound(), packet.malformed(), format!("{packet:?}"));
    packet
        .packets()
        .map(|view| view.raw().len().min(1) + usize::from(view.packet_type() > 0) + read(view))
        .sum()
}

fn read(view: Rtcp<'_>) -> usize {
    let _ = view.sender_ssrc();
    match view {
        Rtcp::SenderReport(view) => {
            let _ = (view.ssrc(), view.ntp(), view.rtp_timestamp(), view.packet_count(), view.octet_count());
            view.report_blocks().map(|block| block.to_data().ssrc as usize % 2).sum::<usize>()
                + view.profile_extension().len()
        }
        Rtcp::ReceiverReport(view) => {
            view.report_blocks().map(|block| block.to_data().jitter as usize % 2).sum::<usize>()
                + view.profile_extension().len()
        }
        Rtcp::Sdes(view) => {
            view.cnames().count() + view.chunks().map(|chunk| chunk.items().count()).sum::<usize>()
        }
        Rtcp::Bye(view) => view.ssrcs().count() + view.reason().unwrap_or_default().len(),
        Rtcp::App(view) => view.data().len() + usize::from(view.subtype()) + usize::from(view.name()[0]),
        Rtcp::Nack(view) => view.sequence_numbers().count() + view.pairs().count(),
        Rtcp::Tmmbr(view) | Rtcp::Tmmbn(view) => view.entries().count(),
        Rtcp::Ccfb(view) => {
            let metrics = view.blocks().flat_map(|block| block.metrics());
            metrics.filter(|(_, metric)| metric.ecn().is_some() && metric.arrival().is_some()).count()
        }
        Rtcp::Twcc(view) => {
            let _ = (view.base_sequence_number(), view.packet_status_count());
            let _ = (view.reference_time(), view.feedback_count());
            view.payload().len() + view.packets().map_or(0, Iterator::count)
        }
        Rtcp::Pli(view) => view.fci().len(),
        Rtcp::Sli(view) => view.entries().count(),
        Rtcp::Rpsi(view) => view.bit_string().0.len() + usize::from(view.payload_type()),
        Rtcp::Fir(view) => view.entries().count(),
        Rtcp::Remb(view) => view.ssrcs().count() + (view.bitrate() % 2) as usize,
        Rtcp::Xr(view) => {
            view.blocks().count()
                + view.dlrr_entries().count()
                + view.receiver_reference_time().iter().count()
        }
        Rtcp::Other(frame) => frame.body().len(),
        _ => panic!("a kind that this test does not read"),
    }
}

/// Sub-packets whose lengths mostly fit and whose content mostly does not.
pub(crate) fn almost_rtcp() -> impl Strategy<Value = Vec<u8>> {
    let content = prop_oneof![
        2 => prop::collection::vec(any::<u8>(), 0..64),
        2 => prop::collection::vec(0_u8..6, 0..64),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(|tail| [&[0; 8][..], b"REMB", &tail].concat()),
    ];
    let packet = (0_u8..32, 198_u8..210, 0_u8..8, 0_u8..16, content).prop_map(
        |(count, kind, padded, cut, mut body)| {
            body.resize(body.len().next_multiple_of(4), 0);
            let words = (body.len() / 4) as u8;
            let padding = u8::from(padded == 0) * 0x20;
            if let (true, Some(last)) = (padding > 0, body.last_mut()) {
                *last %= 13;
            }
            let words = if cut == 0 { words.wrapping_add(1) } else { words };
            [&[0x80 | padding | count, kind, 0, words][..], &body].concat()
        },
    );
    prop::collection::vec(packet, 1..5).prop_map(|packets| packets.concat())
}

/// A compound with a packet of every kind, from arbitrary values.
pub(crate) fn valid_rtcp() -> impl Strategy<Value = RtcpPacket> {
    let seqs = prop::collection::vec(any::<u16>(), 1..20);
    let words = prop::collection::vec(any::<u32>(), 1..6);
    let text = "[a-z]{0,20}";
    (any::<[u32; 8]>(), any::<u64>(), seqs, words, text, any::<u32>(), any::<i32>()).prop_map(
        |(v, wide, seqs, words, text, chosen, lost)| {
            let block = ReportBlockData {
                ssrc: v[0],
                fraction_lost: v[1] as u8,
                cumulative_lost: lost,
                extended_sequence_number: v[2],
                jitter: v[3],
                last_sr: v[4],
                delay_since_last_sr: v[5],
            };
            let metrics: Vec<CcfbMetric> = seqs.iter().map(|seq| CcfbMetric(*seq)).collect();
            let stream = CcfbStream { ssrc: v[6], begin_sequence: v[7] as u16, metrics: &metrics };
            let limit = TmmbEntry { ssrc: v[0], bitrate: wide, overhead: v[1] as u16 & 511 };
            let fir: Vec<(u32, u8)> = words.iter().map(|word| (*word, *word as u8)).collect();
            let dlrr: Vec<(u32, u32, u32)> = words.iter().map(|word| (*word, v[1], v[2])).collect();
            let mut builder = RtcpPacket::builder();
            for kind in 0..13 {
                match (chosen >> kind & 1, kind) {
                    (1, 0) => builder.sender_report(v[0], NtpTime(wide), v[1], v[2], v[3], &[block; 2]),
                    (1, 1) => builder.receiver_report(v[0], &[block; 3]),
                    (1, 2) => builder.sdes_cname(v[0], &text),
                    (1, 3) => builder.bye(&words, &text),
                    (1, 4) => builder.nack(v[0], v[1], &seqs),
                    (1, 5) => builder.pli(v[0], v[1]),
                    (1, 6) => builder.fir(v[0], &fir),
                    (1, 7) => builder.remb(v[0], wide, &words),
                    (1, 8) => builder.tmmbr(v[0], &[limit]),
                    (1, 9) => builder.tmmbn(v[0], &[limit]),
                    (1, 10) => builder.xr_rrtr(v[0], NtpTime(wide)),
                    (1, 11) => builder.xr_dlrr(v[0], &dlrr),
                    (1, 12) => builder.ccfb(v[0], &[stream, stream], v[1]),
                    _ => &mut builder,
                };
            }
            if builder.is_empty() {
                builder.receiver_report(v[0], &[]);
            }
            builder.build().unwrap()
        },
    )
}

/// Sub-packets by the length fields alone, and whether bytes are left over.
fn naive_chain(mut data: &[u8]) -> (usize, bool) {
    let mut count = 0;
    while data.len() >= 4 {
        let len = 4 * (usize::from(data[2]) * 256 + usize::from(data[3]) + 1);
        if len > data.len() {
            break;
        }
        count += 1;
        data = &data[len..];
    }
    (count, !data.is_empty())
}

fn assert_accounted_for(data: Vec<u8>) -> Result<(), TestCaseError> {
    let Ok(packet) = RtcpPacket::parse(Bytes::from(data.clone())) else { return Ok(()) };
    read_everything(&packet);
    prop_assert_eq!(&packet.as_bytes()[..], &data[..]);
    let (chain, left_over) = naive_chain(&data);
    prop_assert_eq!(packet.packets().count() + packet.malformed(), chain + usize::from(left_over));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_are_accounted_for(data in prop::collection::vec(any::<u8>(), 0..200)) {
        assert_accounted_for(data)?;
    }

    #[test]
    fn almost_valid_bytes_are_accounted_for(data in almost_rtcp()) {
        assert_accounted_for(data)?;
    }

    #[test]
    fn damaged_compounds_are_accounted_for(
        packet in valid_rtcp(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut: prop::sample::Index,
    ) {
        let mut data = packet.into_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(data.len());
            data[at] = byte;
        }
        data.truncate(cut.index(data.len()) + 1);
        assert_accounted_for(data)?;
    }
}

proptest! {
    #[test]
    fn what_is_built_is_well_formed(packet in valid_rtcp()) {
        prop_assert_eq!(packet.malformed(), 0);
        prop_assert!(read_everything(&packet) > 0);
        let (chain, left_over) = naive_chain(packet.as_bytes());
        prop_assert_eq!((packet.packets().count(), false), (chain, left_over));
        // Sub-packet by sub-packet, nothing is lost or added.
        let mut builder = RtcpPacket::builder();
        for view in packet.packets() {
            builder.raw(view.raw());
        }
        prop_assert_eq!(builder.build().unwrap(), packet);
    }
}
