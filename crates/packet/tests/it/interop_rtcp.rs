//! Conversions with `rtcp::packet::Packet`.

use bytes::Bytes;
use interceptor_packet::{BuildError, Rtcp, RtcpPacket};
use proptest::prelude::*;
use rtcp::compound_packet::CompoundPacket;
use rtcp::extended_report::{ExtendedReport, UnknownReportBlock};
use rtcp::goodbye::Goodbye;
use rtcp::packet::Packet;
use rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use rtcp::payload_feedbacks::slice_loss_indication::{SliEntry, SliceLossIndication};
use rtcp::raw_packet::RawPacket;
use rtcp::receiver_report::ReceiverReport;
use rtcp::reception_report::ReceptionReport;
use rtcp::source_description::{SourceDescription, SourceDescriptionChunk, SourceDescriptionItem};
use rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, StatusVectorChunk, SymbolTypeTcc, TransportLayerCc,
};
use rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};
use webrtc_util::marshal::{Marshal, MarshalSize, Unmarshal};

use crate::hex::hex;
use crate::rtcp_prop::{almost_rtcp, valid_rtcp};

type Boxed = Box<dyn Packet + Send + Sync>;

fn converted(text: &str) -> Vec<Boxed> {
    Vec::from(RtcpPacket::parse(hex(text)).unwrap())
}

#[track_caller]
fn only<T: 'static + Clone>(packets: &[Boxed]) -> T {
    assert_eq!(packets.len(), 1);
    packets[0].as_any().downcast_ref::<T>().unwrap_or_else(|| panic!("{:?}", packets[0])).clone()
}

/// Packets that `rtcp` itself reads right.
const ORDINARY: [&str; 21] = [
    "80c8000601020304e8fe6f801f9add3700015f90000000640001d4c0",
    "81c90007010203040a0b0c0d0c00000500010063000000256f801f9a00054000",
    "81c90007010203040a0b0c0d00fffffd00000063000000000000000000000000",
    "81c9000801020304 0a0b0c0d 00fffffd 00000063 00000000 00000000 00000000 deadbeef",
    "81ca0003010203040104757365720000",
    "82cb0004010203040a0b0c0d 06 62796520 6279 00",
    "81cd0003010203040a0b0c0d00648001",
    "85cd0002010203040a0b0c0d",
    "81ce0002010203040a0b0c0d",
    "84ce000401020304000000000a0b0c0d07000000",
    "8fce0005010203040000000052454d42010bd0900a0b0c0d",
    "80cf00040102030404000002e8fe6f801f9add37",
    "80cf000501020304050000030a0b0c0d6f801f9a00054000",
    "80cf000501020304 01000003 0a0b0c0d 00010002 40050000",
    "80cf000501020304 03000003 0a0b0c0d 00010002 00000009",
    "80cf000b01020304 06e80009 0a0b0c0d 00010002 00000001 00000002 00000003 00000004 00000005 00000006 01020304",
    "80cf000a01020304 07000008 0a0b0c0d 01020304 05060708 090a0b0c 0d0e0f10 11121314 15160018 191a1b1c",
    "81cc0003010203046e616d65deadbeef",
    "8bcd00020102030400000001",
    "8fcd0007010203040a0b0c0d01f4000e00000307aaab000202020202020100 02",
    "8fcd0006010203040a0b0c0dfffd000700000502b780000404040404",
];

#[test]
fn ordinary_packets_convert_as_rtcp_parses_them_and_back() {
    for text in ORDINARY {
        let bytes = hex(text);
        let theirs = rtcp::packet::unmarshal(&mut bytes.clone()).unwrap();
        assert!(converted(text) == theirs, "{:?} {theirs:?}", converted(text));
        let back = RtcpPacket::try_from(theirs).unwrap();
        assert_eq!(back.malformed(), 0);
        if bytes[..2] != [0x8f, 0xcd] {
            assert_eq!(back.as_bytes(), &bytes, "{text}");
        }
    }
    let all = hex(&ORDINARY.concat());
    let back = RtcpPacket::try_from(converted(&ORDINARY.concat())).unwrap();
    assert_eq!((back.malformed(), back.packets().count()), (0, ORDINARY.len()));
    assert_eq!(
        &back.as_bytes()[..all.len() - 60],
        &all[..all.len() - 60],
        "all but the transport-wide feedback"
    );
}

#[test]
fn what_made_rtcp_panic_is_left_out() {
    for text in [
        "81cd000100000000",
        "84ce000100000000",
        "84ce0003000000000000000000000000",
        "8fce0004010203040000000052454d42ff000000",
    ] {
        assert!(converted(text).is_empty());
    }
    // Run lengths that overflow its 16-bit sum.
    let overflow = format!("8fcd0009 01020304 0a0b0c0d 0000ffff 00000000 {} 8000 0000", "1fff".repeat(8));
    let feedback: TransportLayerCc = only(&converted(&overflow));
    assert_eq!((feedback.packet_chunks.len(), feedback.recv_deltas.len()), (9, 0));
}

#[test]
fn one_bad_packet_does_not_lose_its_siblings() {
    let packets = converted("81ce0002010203040a0b0c0d 81cd000100000000 81ce0002010203040a0b0c0d");
    assert_eq!(packets.len(), 2);
    assert!(packets.iter().all(|packet| packet.as_any().is::<PictureLossIndication>()));
}

#[test]
fn padding_is_no_content() {
    let nack: TransportLayerNack = only(&converted("a1cd0004 01020304 0a0b0c0d 00010000 00000004"));
    assert_eq!(nack.nacks, [NackPair { packet_id: 1, lost_packets: 0 }]);
}

#[test]
fn a_rate_of_zero_is_zero() {
    let remb: ReceiverEstimatedMaximumBitrate =
        only(&converted("8fce0004 01020304 00000000 52454d42 00fc0000"));
    assert_eq!(remb.bitrate, 0.0);
    let remb: ReceiverEstimatedMaximumBitrate =
        only(&converted("8fce0004 01020304 00000000 52454d42 00ffffff"));
    assert_eq!(
        remb.to_string(),
        "ReceiverEstimatedMaximumBitrate 1020304 18.45 Eb/s",
        "printing it used to panic"
    );
}

#[test]
fn slice_loss_is_received_and_sent_as_payload_feedback() {
    let text = "82ce0003010203040a0b0c0dfff80041";
    let sli: SliceLossIndication = only(&converted(text));
    assert_eq!(sli.sli_entries, [SliEntry { first: 0x1fff, number: 1, picture: 1 }]);
    assert_eq!(RtcpPacket::try_from(converted(text)).unwrap().as_bytes(), &hex(text));
}

#[test]
fn all_lost_feedback_that_ends_with_its_chunks_is_no_error() {
    let text = "8fcd0005 01020304 0a0b0c0d 0001001c 00000100 000e000e";
    assert!(rtcp::packet::unmarshal(&mut hex(text)).is_err(), "the peer's own parser");
    let feedback: TransportLayerCc = only(&converted(text));
    assert_eq!((feedback.packet_status_count, feedback.packet_chunks.len()), (28, 2));
}

#[test]
fn feedback_that_lacks_chunks_or_deltas_stays_raw() {
    for text in [
        "8fcd0004 01020304 0a0b0c0d 00010001 00000100",
        "8fcd0005 01020304 0a0b0c0d 00010005 00000100 20050102",
        "8fcd0005 01020304 0a0b0c0d 0001ffff 00000100 3fff3fff",
        "8fcd0005 01020304 0a0b0c0d 00010002 00000100 e8000102",
    ] {
        let raw: RawPacket = only(&converted(text));
        assert_eq!(raw.0, hex(text));
    }
}

#[test]
fn symbols_behind_the_status_count_have_no_deltas() {
    // Seven small deltas in the chunk, two packets in the count.
    let feedback: TransportLayerCc =
        only(&converted("8fcd0005 01020304 0a0b0c0d 00010002 00000100 d5550102"));
    assert!(feedback.recv_deltas.iter().map(|delta| delta.delta).eq([250, 500]));
}

#[test]
fn what_rtcp_cannot_hold_stays_raw() {
    for text in [
        "83cd0004010203040000000 00a0b0c0d0fd09028",
        "83ce0003010203040a0b0c0d08e0ab00",
        "81ca0003010203040904757365720000",
        "80cf000201020304 63aa0000",
        "80cf000301020304 04000001 00000000",
    ] {
        let raw: RawPacket = only(&converted(text));
        assert_eq!(raw.0, hex(text));
        assert_eq!(RtcpPacket::try_from(converted(text)).unwrap().as_bytes(), &hex(text));
    }
}

#[test]
fn a_goodbye_without_reason_has_no_padding() {
    let bye: Boxed = Box::new(Goodbye { sources: vec![0x0102_0304], reason: Bytes::new() });
    assert_eq!(bye.marshal().unwrap().len(), 12, "the peer's own bytes");
    assert_eq!(RtcpPacket::try_from(vec![bye]).unwrap().as_bytes(), &hex("81cb000101020304"));
}

#[test]
fn source_descriptions_are_filled_with_nulls() {
    let sdes = |text: &'static [u8]| SourceDescription {
        chunks: vec![SourceDescriptionChunk {
            source: 1,
            items: vec![SourceDescriptionItem { sdes_type: 1.into(), text: Bytes::from_static(text) }],
        }],
    };
    let packet = RtcpPacket::try_from(vec![Box::new(sdes(b"user")) as Boxed]).unwrap();
    assert_eq!(packet.as_bytes(), &hex("81ca0003000000010104757365720000"));
    let mut unnamed = sdes(b"user");
    unnamed.chunks[0].items[0].sdes_type = 0.into();
    assert!(matches!(RtcpPacket::try_from(vec![Box::new(unnamed) as Boxed]), Err(BuildError::Empty(_))));
    assert!(RtcpPacket::try_from(vec![Box::new(sdes(&[b'x'; 255])) as Boxed]).is_ok());
    assert!(RtcpPacket::try_from(vec![Box::new(sdes(&[b'x'; 256])) as Boxed]).is_err());
}

#[test]
fn padding_is_cleared_inside_a_compound() {
    let feedback = || -> Boxed { only_boxed("afcd0005010203040a0b0c0d00010001000001002001 00 01") };
    let pli = || -> Boxed { Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc: 2 }) };
    let last = RtcpPacket::try_from(vec![pli(), feedback()]).unwrap();
    assert_eq!(last.as_bytes()[12] & 0x20, 0x20);
    let first = RtcpPacket::try_from(vec![feedback(), pli()]).unwrap();
    assert_eq!(first.as_bytes()[0] & 0x20, 0);
    assert_eq!((first.malformed(), first.packets().count()), (0, 2));
    let Some(Rtcp::Twcc(view)) = first.packets().next() else { panic!("{first:?}") };
    assert_eq!((view.packet_status_count(), view.payload()), (1, &[0x20, 0x01, 0x00, 0x00][..]));
}

fn only_boxed(text: &str) -> Boxed {
    converted(text).remove(0)
}

#[test]
fn compounds_are_taken_apart_and_long_nacks_written() {
    let nacks = (0..300).map(|index| NackPair { packet_id: index * 20, lost_packets: 0 }).collect();
    let nack: Boxed = Box::new(TransportLayerNack { sender_ssrc: 1, media_ssrc: 2, nacks });
    assert!(nack.marshal().is_err(), "the peer's own limit");
    let inner: Boxed = Box::new(CompoundPacket(vec![nack]));
    let packet = RtcpPacket::try_from(vec![Box::new(CompoundPacket(vec![inner])) as Boxed]).unwrap();
    assert_eq!(packet.len(), 12 + 1200);
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let lost = ReceptionReport { total_lost: u32::MAX, ..ReceptionReport::default() };
    let report = ReceiverReport { reports: vec![lost], ..ReceiverReport::default() };
    let remb =
        ReceiverEstimatedMaximumBitrate { bitrate: -1.0, ..ReceiverEstimatedMaximumBitrate::default() };
    let delta = RecvDelta { type_tcc_packet: SymbolTypeTcc::PacketReceivedSmallDelta, delta: 1 << 40 };
    let chunk = PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
        symbol_list: vec![SymbolTypeTcc::PacketReceivedSmallDelta; 15],
        ..StatusVectorChunk::default()
    });
    let packets: [Boxed; 7] = [
        Box::new(report),
        Box::new(remb),
        Box::new(TransportLayerCc { recv_deltas: vec![delta], ..TransportLayerCc::default() }),
        Box::new(TransportLayerCc { packet_chunks: vec![chunk], ..TransportLayerCc::default() }),
        Box::new(RawPacket(Bytes::from_static(&[0x80, 0xc9, 0, 9]))),
        Box::new(RawPacket(Bytes::new())),
        Box::new(Goodbye { sources: vec![1; 32], reason: Bytes::new() }),
    ];
    for packet in packets {
        let printed = format!("{packet:?}");
        assert!(RtcpPacket::try_from(vec![packet]).is_err(), "{printed}");
    }
    assert_eq!(RtcpPacket::try_from(vec![]), Err(BuildError::Empty("RTCP packet")));
    let odd = ExtendedReport {
        sender_ssrc: 1,
        reports: vec![Box::new(UnknownReportBlock { bytes: Bytes::from_static(b"abc") })],
    };
    let _ = RtcpPacket::try_from(vec![Box::new(odd) as Boxed]);
}

#[test]
fn marshals_like_any_packet_of_the_crates() {
    let bytes = hex("81ce0002010203040a0b0c0d");
    let packet = RtcpPacket::unmarshal(&mut bytes.clone()).unwrap();
    assert_eq!((packet.marshal_size(), packet.marshal().unwrap()), (12, bytes.clone()));
    let mut buffer = [0xee; 13];
    assert_eq!(packet.marshal_to(&mut buffer).unwrap(), 12);
    assert_eq!((&buffer[..12], buffer[12]), (&bytes[..], 0xee));
    assert!(packet.marshal_to(&mut buffer[..11]).is_err());
    assert!(RtcpPacket::unmarshal(&mut &[0x81_u8][..]).is_err());
}

/// Everything that the trait offers, on each packet.
fn use_everything(packets: &[Boxed]) {
    for packet in packets {
        let _ = (packet.header(), packet.destination_ssrc(), packet.raw_size(), packet.marshal_size());
        let _ = (packet.to_string(), format!("{packet:?}"), packet.marshal().is_ok());
        assert!(packet.equal(packet.cloned().as_ref()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_make_a_conversion_panic(data in almost_rtcp()) {
        let Ok(packet) = RtcpPacket::parse(data.into()) else { return Ok(()) };
        let packets = Vec::from(&packet);
        prop_assert_eq!(packets.len(), packet.packets().count());
        use_everything(&packets);
        let _ = RtcpPacket::try_from(packets);
    }

    #[test]
    fn valid_packets_survive_the_way_there_and_back(packet in valid_rtcp()) {
        let packets = Vec::from(&packet);
        use_everything(&packets);
        let back = RtcpPacket::try_from(packets).unwrap();
        prop_assert_eq!(back.packets().count(), packet.packets().count());
        for (back, packet) in back.packets().zip(packet.packets()) {
            match (back, packet) {
                // Rounded to `f32` on the way.
                (Rtcp::Remb(back), Rtcp::Remb(packet)) => {
                    prop_assert!(back.bitrate().abs_diff(packet.bitrate()) <= packet.bitrate() >> 16);
                    prop_assert!(back.ssrcs().eq(packet.ssrcs()));
                }
                (back, packet) => prop_assert_eq!(back.raw(), packet.raw()),
            }
        }
    }
}
