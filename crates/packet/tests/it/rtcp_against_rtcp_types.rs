//! Our views against the parsers of `rtcp-types`, our builder against its writers.

use interceptor_packet::rtcp::XrBlock;
use interceptor_packet::{NtpTime, ReportBlock, ReportBlockData, Rtcp, RtcpPacket};
use proptest::prelude::*;
use rtcp_types::prelude::*;
use rtcp_types::{Compound, Packet};

use crate::hex::hex;
use crate::rtcp_prop::valid_rtcp;

fn same_block(ours: ReportBlock<'_>, theirs: &rtcp_types::ReportBlock<'_>) -> bool {
    ours.ssrc() == theirs.ssrc()
        && ours.fraction_lost() == theirs.fraction_lost()
        && ours.cumulative_lost().cast_unsigned() & 0xff_ffff == theirs.cumulative_lost()
        && ours.extended_sequence_number() == theirs.extended_sequence_number()
        && ours.jitter() == theirs.interarrival_jitter()
        && ours.last_sr() == theirs.last_sender_report_timestamp()
        && ours.delay_since_last_sr() == theirs.delay_since_last_sender_report_timestamp()
}

fn same(ours: Rtcp<'_>, theirs: &Packet<'_>) -> bool {
    match (ours, theirs) {
        (Rtcp::SenderReport(ours), Packet::Sr(theirs)) => {
            ours.ssrc() == theirs.ssrc()
                && ours.ntp().0 == theirs.ntp_timestamp()
                && ours.rtp_timestamp() == theirs.rtp_timestamp()
                && ours.packet_count() == theirs.packet_count()
                && ours.octet_count() == theirs.octet_count()
                && ours.report_blocks().count() == usize::from(theirs.n_reports())
                && ours.report_blocks().zip(theirs.report_blocks()).all(|(a, b)| same_block(a, &b))
        }
        (Rtcp::ReceiverReport(ours), Packet::Rr(theirs)) => {
            ours.ssrc() == theirs.ssrc()
                && ours.report_blocks().count() == usize::from(theirs.n_reports())
                && ours.report_blocks().zip(theirs.report_blocks()).all(|(a, b)| same_block(a, &b))
        }
        (Rtcp::Sdes(ours), Packet::Sdes(theirs)) => {
            ours.chunks().zip(theirs.chunks()).all(|(ours, theirs)| {
                ours.ssrc() == theirs.ssrc()
                    && ours
                        .items()
                        .map(|item| (item.kind, item.value))
                        .eq(theirs.items().map(|item| (item.type_(), item.value())))
            })
        }
        (Rtcp::Bye(ours), Packet::Bye(theirs)) => {
            ours.ssrcs().eq(theirs.ssrcs()) && ours.reason() == theirs.reason()
        }
        (Rtcp::Xr(ours), Packet::Xr(theirs)) => {
            ours.ssrc() == theirs.sender_ssrc()
                && ours.blocks().zip(theirs.block_iter()).all(|(ours, theirs)| same_xr_block(ours, &theirs))
        }
        (ours, Packet::TransportFeedback(theirs)) => same_transport(ours, theirs),
        (ours, Packet::PayloadFeedback(theirs)) => same_payload(ours, theirs),
        _ => false,
    }
}

fn same_xr_block(ours: XrBlock<'_>, theirs: &rtcp_types::XrBlock<'_>) -> bool {
    match ours {
        XrBlock::ReceiverReferenceTime(ntp) => theirs
            .parse_into::<rtcp_types::ReceiverReferenceTime<'_>>()
            .is_ok_and(|theirs| theirs.ntp_timestamp() == ntp.0),
        // `rtcp-types` refuses a block whose length is no multiple of 16: all but those of 1, 5, 9 … entries.
        XrBlock::Dlrr(ours) if ours.entries().count() % 4 != 1 => true,
        XrBlock::Dlrr(ours) => {
            theirs.parse_into::<rtcp_types::DelaySinceLastReceiverReport<'_>>().is_ok_and(|theirs| {
                ours.entries().map(|entry| (entry.ssrc, entry.last_rr, entry.delay_since_last_rr)).eq(theirs
                    .block_iter()
                    .map(|entry| {
                        (
                            entry.ssrc(),
                            entry.last_receiver_report(),
                            entry.delay_since_last_receiver_report_timestamp(),
                        )
                    }))
            })
        }
        _ => false,
    }
}

fn same_transport(ours: Rtcp<'_>, theirs: &rtcp_types::TransportFeedback<'_>) -> bool {
    match ours {
        Rtcp::Nack(ours) => {
            ours.sender_ssrc() == theirs.sender_ssrc()
                && ours.media_ssrc() == theirs.media_ssrc()
                && theirs
                    .parse_fci::<rtcp_types::Nack<'_>>()
                    .is_ok_and(|theirs| ours.sequence_numbers().eq(theirs.entries()))
        }
        // Not in `rtcp-types`.
        Rtcp::Tmmbr(_) | Rtcp::Tmmbn(_) | Rtcp::Ccfb(_) => true,
        _ => false,
    }
}

fn same_payload(ours: Rtcp<'_>, theirs: &rtcp_types::PayloadFeedback<'_>) -> bool {
    match ours {
        Rtcp::Pli(ours) => {
            ours.media_ssrc() == theirs.media_ssrc() && theirs.parse_fci::<rtcp_types::Pli<'_>>().is_ok()
        }
        Rtcp::Fir(ours) => theirs.parse_fci::<rtcp_types::Fir<'_>>().is_ok_and(|theirs| {
            let theirs = theirs.entries().map(|entry| (entry.ssrc(), entry.sequence()));
            ours.entries().map(|entry| (entry.ssrc, entry.sequence_number)).eq(theirs)
        }),
        // Not in `rtcp-types`.
        Rtcp::Remb(_) => true,
        _ => false,
    }
}

proptest! {
    #[test]
    fn views_agree(packet in valid_rtcp()) {
        let mut theirs = Compound::parse(packet.as_bytes()).unwrap();
        for ours in packet.packets() {
            let theirs = theirs.next().unwrap().unwrap();
            prop_assert!(same(ours, &theirs), "{ours:?} {theirs:?}");
        }
        prop_assert!(theirs.next().is_none());
    }
}

fn their_block(block: &ReportBlockData) -> rtcp_types::ReportBlockBuilder {
    rtcp_types::ReportBlock::builder(block.ssrc)
        .fraction_lost(block.fraction_lost)
        .cumulative_lost(block.cumulative_lost.cast_unsigned() & 0xff_ffff)
        .extended_sequence_number(block.extended_sequence_number)
        .interarrival_jitter(block.jitter)
        .last_sender_report_timestamp(block.last_sr)
        .delay_since_last_sender_report_timestamp(block.delay_since_last_sr)
}

fn blocks() -> impl Strategy<Value = Vec<ReportBlockData>> {
    let block = (any::<[u32; 5]>(), any::<u8>(), -0x80_0000..0x80_0000_i32).prop_map(
        |([ssrc, extended_sequence_number, jitter, last_sr, delay_since_last_sr], fraction_lost, lost)| {
            let cumulative_lost = lost;
            ReportBlockData {
                ssrc,
                fraction_lost,
                cumulative_lost,
                extended_sequence_number,
                jitter,
                last_sr,
                delay_since_last_sr,
            }
        },
    );
    prop::collection::vec(block, 0..32)
}

/// What `rtcp-types` makes of the same values, one packet after the other.
fn theirs(writers: &[&dyn RtcpPacketWriter]) -> Vec<u8> {
    let written = writers.iter().map(|writer| {
        let mut bytes = vec![0xff; writer.calculate_size().unwrap()];
        writer.write_into_unchecked(&mut bytes);
        bytes
    });
    written.collect::<Vec<_>>().concat()
}

proptest! {
    #[test]
    fn reports_are_written_as_rtcp_types_writes_them(blocks in blocks(), v in any::<[u32; 4]>(), ntp in any::<u64>()) {
        let sr = rtcp_types::SenderReport::builder(v[0])
            .ntp_timestamp(ntp)
            .rtp_timestamp(v[1])
            .packet_count(v[2])
            .octet_count(v[3]);
        let sr = blocks.iter().map(their_block).fold(sr, |report, block| report.add_report_block(block));
        let rr = rtcp_types::ReceiverReport::builder(v[0]);
        let rr = blocks.iter().map(their_block).fold(rr, |report, block| report.add_report_block(block));
        let xr = rtcp_types::ReceiverReferenceTime::builder().ntp_timestamp(ntp);
        let xr = rtcp_types::Xr::builder().sender_ssrc(v[0]).add_block(xr);
        let ours = RtcpPacket::builder()
            .sender_report(v[0], NtpTime(ntp), v[1], v[2], v[3], &blocks)
            .receiver_report(v[0], &blocks)
            .xr_rrtr(v[0], NtpTime(ntp))
            .build()
            .unwrap();
        prop_assert_eq!(ours.as_bytes(), &theirs(&[&sr, &rr, &xr]));
    }

    #[test]
    fn names_and_goodbyes_are_written_as_rtcp_types_writes_them(
        ssrcs in prop::collection::vec(any::<u32>(), 0..32),
        text in "[a-z]{0,255}",
    ) {
        let chunk = |ssrc: &u32| {
            rtcp_types::SdesChunk::builder(*ssrc)
                .add_item(rtcp_types::SdesItem::builder(rtcp_types::SdesItem::CNAME, &text))
        };
        let sdes = ssrcs.iter().map(chunk).fold(rtcp_types::Sdes::builder(), |sdes, chunk| sdes.add_chunk(chunk));
        let bye = ssrcs.iter().fold(rtcp_types::Bye::builder(), |bye, ssrc| bye.add_source(*ssrc)).reason(&text);
        let ours = RtcpPacket::builder().sdes_cnames(&ssrcs, &text).bye(&ssrcs, &text).build().unwrap();
        prop_assert_eq!(ours.as_bytes(), &theirs(&[&sdes, &bye]));
    }

    #[test]
    fn requests_are_written_as_rtcp_types_writes_them(
        [sender, media] in any::<[u32; 2]>(),
        lost in prop::collection::btree_set(any::<u16>(), 1..100),
        // One, as `rtcp-types` keeps them in a hash map.
        frame in any::<(u32, u8)>(),
    ) {
        let nack = lost.iter().fold(rtcp_types::Nack::builder(), |nack, seq| nack.add_rtp_sequence(*seq));
        let nack = rtcp_types::TransportFeedback::builder(&nack).sender_ssrc(sender).media_ssrc(media);
        let pli = rtcp_types::Pli::builder();
        let pli = rtcp_types::PayloadFeedback::builder(&pli).sender_ssrc(sender).media_ssrc(media);
        let fir = rtcp_types::Fir::builder().add_ssrc(frame.0, frame.1);
        let fir = rtcp_types::PayloadFeedback::builder(&fir).sender_ssrc(sender);
        let mut ours = RtcpPacket::builder();
        ours.nack(sender, media, &lost.into_iter().collect::<Vec<_>>()).pli(sender, media);
        ours.fir(sender, &[frame]);
        let ours = ours.build().unwrap();
        prop_assert_eq!(ours.as_bytes(), &theirs(&[&nack, &pli, &fir]));
    }
}

/// Should this fail after an update of `rtcp-types`, our own views may have become superfluous.
#[test]
fn the_reasons_for_views_of_our_own_hold() {
    let padded = hex("a1cd0004 01020304 0a0b0c0d 00010000 00000004");
    let nack = rtcp_types::TransportFeedback::parse(&padded).unwrap();
    let entries = nack.parse_fci::<rtcp_types::Nack<'_>>().unwrap();
    assert!(entries.entries().eq([1, 0, 3]), "padding is taken for a pair");

    let chunks = hex("82ca0006 01020304 01016100 00000001 01046263 64650000 00000000");
    assert!(
        rtcp_types::Sdes::parse(&chunks).is_err(),
        "the second SSRC is taken for the end of the first chunk"
    );

    let delays = hex("80cf0008 01020304 05000006 00000001 00000002 00000003 00000004 00000005 00000006");
    let xr = rtcp_types::Xr::parse(&delays).unwrap();
    let block = xr.block_iter().next().unwrap();
    let parsed = block.parse_into::<rtcp_types::DelaySinceLastReceiverReport<'_>>();
    assert!(parsed.is_err(), "two entries are refused");
}
