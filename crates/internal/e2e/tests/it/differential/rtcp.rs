//! RTCP beside `rtcp` 0.17, both ways, for what it reads and writes right.

use std::panic::catch_unwind;

use bytes::Bytes;
use interceptor_packet::{Rtcp, RtcpPacket};
use interceptor_test::hex;
use proptest::prelude::*;
use rtcp::extended_report::{DLRRReport, DLRRReportBlock, ExtendedReport, ReceiverReferenceTimeReportBlock};
use rtcp::goodbye::Goodbye;
use rtcp::packet::Packet;
use rtcp::payload_feedbacks::full_intra_request::{FirEntry, FullIntraRequest};
use rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use rtcp::raw_packet::RawPacket;
use rtcp::receiver_report::ReceiverReport;
use rtcp::reception_report::ReceptionReport;
use rtcp::sender_report::SenderReport;
use rtcp::source_description::{SourceDescription, SourceDescriptionChunk, SourceDescriptionItem};
use rtcp::transport_feedbacks::rapid_resynchronization_request::RapidResynchronizationRequest;
use rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, RunLengthChunk, StatusChunkTypeTcc, SymbolTypeTcc, TransportLayerCc,
};
use rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};

type Boxed = Box<dyn Packet + Send + Sync>;

/// What `rtcp` 0.17 reads; `Err` with what it says, or that it panics.
fn rtcp_017(datagram: &Bytes) -> Result<Vec<Boxed>, String> {
    let parse = || rtcp::packet::unmarshal(&mut datagram.clone()).map_err(|error| error.to_string());
    catch_unwind(parse).unwrap_or_else(|_| Err("panics".to_owned()))
}

fn reports() -> impl Strategy<Value = Vec<ReceptionReport>> {
    let block = (any::<[u32; 5]>(), any::<u8>(), 0_u32..1 << 24);
    let block =
        block.prop_map(|([ssrc, last, jitter, sr, delay], fraction_lost, total_lost)| ReceptionReport {
            ssrc,
            fraction_lost,
            total_lost,
            last_sequence_number: last,
            jitter,
            last_sender_report: sr,
            delay,
        });
    prop::collection::vec(block, 0..5)
}

fn text() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 1..40).prop_map(Bytes::from)
}

/// What both read alike, and `rtcp` writes as the RFCs say.
fn plain() -> impl Strategy<Value = Boxed> {
    let extension =
        prop::collection::vec(any::<[u8; 4]>(), 0..3).prop_map(|words| Bytes::from(words.concat()));
    let pairs = prop::collection::vec((any::<u16>(), any::<u16>()), 1..20);
    let fir = prop::collection::vec((any::<u32>(), any::<u8>()), 1..6);
    // Mantissas of all their 18 bits: their reader takes others for twice as much, or more.
    let rate =
        (1_u32 << 17..1 << 18, 0..40).prop_map(|(mantissa, exponent)| mantissa as f32 * 2_f32.powi(exponent));
    let words = || prop::collection::vec(any::<u32>(), 1..6);
    let dlrr = prop::collection::vec(any::<[u32; 3]>(), 1..5);
    prop_oneof![
        sender_report(extension.clone()),
        (any::<u32>(), reports(), extension).prop_map(|(ssrc, reports, profile_extensions)| -> Boxed {
            Box::new(ReceiverReport { ssrc, reports, profile_extensions })
        }),
        (any::<[u32; 2]>(), pairs).prop_map(|([sender_ssrc, media_ssrc], pairs)| -> Boxed {
            let pair = |(packet_id, lost_packets)| NackPair { packet_id, lost_packets };
            Box::new(TransportLayerNack {
                sender_ssrc,
                media_ssrc,
                nacks: pairs.into_iter().map(pair).collect(),
            })
        }),
        any::<[u32; 2]>().prop_map(|[sender_ssrc, media_ssrc]| -> Boxed {
            Box::new(PictureLossIndication { sender_ssrc, media_ssrc })
        }),
        any::<[u32; 2]>().prop_map(|[sender_ssrc, media_ssrc]| -> Boxed {
            Box::new(RapidResynchronizationRequest { sender_ssrc, media_ssrc })
        }),
        (any::<[u32; 2]>(), fir).prop_map(|([sender_ssrc, media_ssrc], entries)| -> Boxed {
            let entry = |(ssrc, sequence_number)| FirEntry { ssrc, sequence_number };
            Box::new(FullIntraRequest {
                sender_ssrc,
                media_ssrc,
                fir: entries.into_iter().map(entry).collect(),
            })
        }),
        (any::<u32>(), rate, words()).prop_map(|(sender_ssrc, bitrate, ssrcs)| -> Boxed {
            Box::new(ReceiverEstimatedMaximumBitrate { sender_ssrc, bitrate, ssrcs })
        }),
        (any::<u32>(), any::<u64>(), dlrr).prop_map(|(sender_ssrc, ntp_timestamp, entries)| -> Boxed {
            let report = |[ssrc, last_rr, dlrr]: [u32; 3]| DLRRReport { ssrc, last_rr, dlrr };
            let clock = ReceiverReferenceTimeReportBlock { ntp_timestamp };
            let delays = DLRRReportBlock { reports: entries.into_iter().map(report).collect() };
            Box::new(ExtendedReport { sender_ssrc, reports: vec![Box::new(clock), Box::new(delays)] })
        }),
        (0_u8..32, words()).prop_map(|(subtype, words)| -> Boxed {
            // APP, which it does not look into.
            let mut bytes =
                vec![0x80 | subtype, 204, 0, words.len() as u8 + 2, 0, 0, 0, 1, b'n', b'a', b'm', b'e'];
            bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
            Box::new(RawPacket(bytes.into()))
        }),
    ]
}

fn sender_report(extension: impl Strategy<Value = Bytes>) -> impl Strategy<Value = Boxed> {
    (any::<[u32; 4]>(), any::<u64>(), reports(), extension).prop_map(
        |([ssrc, rtp_time, packet_count, octet_count], ntp_time, reports, profile_extensions)| -> Boxed {
            Box::new(SenderReport {
                ssrc,
                ntp_time,
                rtp_time,
                packet_count,
                octet_count,
                reports,
                profile_extensions,
            })
        },
    )
}

/// What both read alike, but `rtcp` writes with wrong padding.
fn padded() -> impl Strategy<Value = Boxed> {
    let sources = || prop::collection::vec(any::<u32>(), 1..6);
    let item =
        (1_u8..9, text()).prop_map(|(kind, text)| SourceDescriptionItem { sdes_type: kind.into(), text });
    let chunk = (any::<u32>(), prop::collection::vec(item, 1..4))
        .prop_map(|(source, items)| SourceDescriptionChunk { source, items });
    prop_oneof![
        (sources(), text()).prop_map(|(sources, reason)| -> Boxed { Box::new(Goodbye { sources, reason }) }),
        sources().prop_map(|sources| -> Boxed { Box::new(Goodbye { sources, reason: Bytes::new() }) }),
        prop::collection::vec(chunk, 1..4)
            .prop_map(|chunks| -> Boxed { Box::new(SourceDescription { chunks }) }),
        (
            any::<[u32; 2]>(),
            any::<u16>(),
            0_u32..1 << 24,
            any::<u8>(),
            prop::collection::vec(any::<u8>(), 1..60)
        )
            .prop_map(
                |([sender_ssrc, media_ssrc], base, reference_time, fb_pkt_count, deltas)| -> Boxed {
                    let symbol = SymbolTypeTcc::PacketReceivedSmallDelta;
                    let chunk = RunLengthChunk {
                        type_tcc: StatusChunkTypeTcc::RunLengthChunk,
                        packet_status_symbol: symbol,
                        run_length: deltas.len() as u16,
                    };
                    let delta =
                        |delta: &u8| RecvDelta { type_tcc_packet: symbol, delta: 250 * i64::from(*delta) };
                    Box::new(TransportLayerCc {
                        sender_ssrc,
                        media_ssrc,
                        base_sequence_number: base,
                        packet_status_count: deltas.len() as u16,
                        reference_time,
                        fb_pkt_count,
                        packet_chunks: vec![PacketStatusChunk::RunLengthChunk(chunk)],
                        recv_deltas: deltas.iter().map(delta).collect(),
                    })
                }
            ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_rtcp_writes_we_read_alike(packets in prop::collection::vec(plain(), 1..6)) {
        let datagram = rtcp::packet::marshal(&packets).unwrap();
        let ours = RtcpPacket::parse(datagram.clone()).unwrap();
        prop_assert_eq!(ours.malformed(), 0);
        let read = Vec::<Boxed>::from(&ours);
        prop_assert!(read == packets, "{:?}", ours);
        prop_assert!(rtcp_017(&datagram).as_ref() == Ok(&packets));
        // And we write the same bytes.
        let written = RtcpPacket::try_from(packets).unwrap();
        prop_assert_eq!(written.as_bytes(), &datagram);
    }

    #[test]
    fn what_we_write_rtcp_reads_alike(packets in prop::collection::vec(prop_oneof![plain(), padded()], 1..6)) {
        let ours = RtcpPacket::try_from(packets.as_slice()).unwrap();
        prop_assert_eq!(ours.malformed(), 0);
        let read = rtcp_017(ours.as_bytes());
        prop_assert!(read.as_ref() == Ok(&packets), "{:?} is read as {:?}", packets, read);
        prop_assert!(Vec::<Boxed>::from(&ours) == packets, "{:?}", ours);
    }
}

/// Types of the sub-packets that we see.
fn seen(datagram: &Bytes) -> Vec<u8> {
    let packet = RtcpPacket::parse(datagram.clone()).unwrap();
    packet.packets().map(|view| view.packet_type()).collect()
}

#[test]
fn short_feedback_is_skipped_where_rtcp_panics() {
    for text in [
        "81cd0001 00000000",
        "84ce0001 00000000",
        "84ce0003 00000000 00000000 00000000",
        "8fce0004 01020304 00000000 52454d42 ff000000",
    ] {
        assert_eq!(rtcp_017(&hex(text)), Err("panics".to_owned()), "{text}");
        let with_sibling = hex(&format!("{text} 81ce0002 01020304 0a0b0c0d"));
        assert_eq!(seen(&with_sibling), [206], "{text}");
    }
}

#[test]
fn padding_is_no_content_as_rtcp_has_it() {
    let padded = hex("a1cd0004 01020304 0a0b0c0d 00010000 00000004");
    let packet = RtcpPacket::parse(padded.clone()).unwrap();
    let Some(Rtcp::Nack(nack)) = packet.packets().next() else { panic!("{packet:?}") };
    assert!(nack.sequence_numbers().eq([1]));
    let theirs = rtcp_017(&padded).unwrap();
    let theirs = theirs[0].as_any().downcast_ref::<TransportLayerNack>().unwrap();
    assert_eq!(theirs.nacks.len(), 2, "four bytes of padding as a request");
}

#[test]
fn slice_loss_indications_can_be_received() {
    let datagram = hex("82ce0003 01020304 0a0b0c0d fff80041");
    assert_eq!(seen(&datagram), [206]);
    assert!(rtcp_017(&datagram).is_err());
}

#[test]
fn feedback_that_all_was_lost_is_legal() {
    let datagram = hex("8fcd0005 01020304 0a0b0c0d 0001001c 00000100 000e000e");
    assert_eq!(seen(&datagram), [205]);
    assert!(rtcp_017(&datagram).is_err());
}

#[test]
fn one_bad_packet_hides_its_siblings_from_rtcp_alone() {
    // An application layer feedback that is no REMB, between two PLIs.
    let datagram =
        hex("81ce0002 01020304 0a0b0c0d 8fce0003 01020304 0a0b0c0d 61626364 81ce0002 01020304 0a0b0c0d");
    assert_eq!(seen(&datagram), [206; 3]);
    assert!(rtcp_017(&datagram).is_err());
}

#[test]
fn a_rate_of_zero_is_not_eight_megabits() {
    let datagram = hex("8fce0004 01020304 00000000 52454d42 00000000");
    let packet = RtcpPacket::parse(datagram.clone()).unwrap();
    let Some(Rtcp::Remb(remb)) = packet.packets().next() else { panic!("{packet:?}") };
    assert_eq!(remb.bitrate(), 0);
    let theirs = rtcp_017(&datagram).unwrap();
    let theirs = theirs[0].as_any().downcast_ref::<ReceiverEstimatedMaximumBitrate>().unwrap();
    assert!((theirs.bitrate - 8_388_608.0).abs() < 1.0, "{}", theirs.bitrate);
}
