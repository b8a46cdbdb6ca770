//! Known RTCP packets, each parsed, read, built and written again.

use bytes::Bytes;
use interceptor_packet::rtcp::{SdesItem, TmmbEntry, XrBlock};
use interceptor_packet::{NtpTime, ReportBlockData, Rtcp, RtcpBuilder, RtcpPacket};

use crate::hex::hex;

const SENDER: u32 = 0x0102_0304;
const MEDIA: u32 = 0x0a0b_0c0d;

/// Parses `text`, checks that it leaves as it came and that `build` writes it, and hands its only packet to `read`.
#[track_caller]
fn vector(text: &str, build: impl Fn(&mut RtcpBuilder), read: impl Fn(Rtcp<'_>)) {
    let bytes = hex(text);
    let packet = RtcpPacket::parse(bytes.clone()).unwrap();
    assert_eq!((packet.malformed(), packet.packets().count()), (0, 1));
    let view = packet.packets().next().unwrap();
    assert_eq!((view.raw(), view.packet_type()), (&bytes[..], bytes[1]));
    read(view);
    assert_eq!(packet.as_bytes(), &bytes);

    let mut builder = RtcpPacket::builder();
    build(&mut builder);
    assert_eq!(builder.len(), bytes.len());
    assert_eq!(builder.build().unwrap(), packet);
    // Behind another packet, in a builder that has been used.
    builder.raw(&bytes);
    build(&mut builder);
    let twice = builder.build().unwrap();
    assert_eq!(twice.as_bytes(), &Bytes::from([&bytes[..], &bytes[..]].concat()));
    assert_eq!(packet.clone().into_bytes(), bytes);
}

/// `text` is of the other kind that the closure expects.
macro_rules! expect {
    ($view:expr, $kind:ident) => {{
        let Rtcp::$kind(view) = $view else { panic!("{:?}", $view) };
        view
    }};
}

#[test]
fn sender_report() {
    vector(
        "80c80006 01020304 e8fe6f801f9add37 00015f90 00000064 0001d4c0",
        |builder| {
            builder.sender_report(SENDER, NtpTime(0xe8fe_6f80_1f9a_dd37), 90_000, 100, 120_000, &[]);
        },
        |view| {
            assert_eq!(view.sender_ssrc(), Some(SENDER));
            let report = expect!(view, SenderReport);
            assert_eq!(report.ssrc(), SENDER);
            assert_eq!(report.ntp(), NtpTime(0xe8fe_6f80_1f9a_dd37));
            assert_eq!(report.rtp_timestamp(), 90_000);
            assert_eq!((report.packet_count(), report.octet_count()), (100, 120_000));
            assert_eq!(report.report_blocks().count(), 0);
            assert!(report.profile_extension().is_empty());
        },
    );
}

#[test]
fn sender_report_with_blocks() {
    let block = |ssrc| ReportBlockData { ssrc, cumulative_lost: -1, ..ReportBlockData::default() };
    let written = RtcpPacket::builder()
        .sender_report(SENDER, NtpTime(1), 2, 3, 4, &[block(7), block(8)])
        .build()
        .unwrap();
    let view = written.packets().next().unwrap();
    let report = expect!(view, SenderReport);
    assert!(report.report_blocks().map(|block| block.to_data()).eq([block(7), block(8)]));
    assert_eq!(report.octet_count(), 4);
}

#[test]
fn receiver_report() {
    let data = ReportBlockData {
        ssrc: MEDIA,
        fraction_lost: 12,
        cumulative_lost: 5,
        extended_sequence_number: 65_635,
        jitter: 37,
        last_sr: 0x6f80_1f9a,
        delay_since_last_sr: 0x0005_4000,
    };
    vector(
        "81c90007 01020304 0a0b0c0d 0c000005 00010063 00000025 6f801f9a 00054000",
        |builder| {
            builder.receiver_report(SENDER, &[data]);
        },
        |view| {
            let report = expect!(view, ReceiverReport);
            assert_eq!(report.ssrc(), SENDER);
            let block = report.report_blocks().next().unwrap();
            assert_eq!((block.ssrc(), block.fraction_lost(), block.cumulative_lost()), (MEDIA, 12, 5));
            assert_eq!((block.extended_sequence_number(), block.jitter()), (65_635, 37));
            assert_eq!((block.last_sr(), block.delay_since_last_sr()), (0x6f80_1f9a, 0x0005_4000));
            assert_eq!(block.to_data(), data);
        },
    );
}

#[test]
fn receiver_report_of_a_negative_loss() {
    let data = ReportBlockData {
        ssrc: MEDIA,
        cumulative_lost: -3,
        extended_sequence_number: 99,
        ..ReportBlockData::default()
    };
    vector(
        "81c90007 01020304 0a0b0c0d 00fffffd 00000063 00000000 00000000 00000000",
        |builder| {
            builder.receiver_report(SENDER, &[data]);
        },
        |view| {
            let report = expect!(view, ReceiverReport);
            assert_eq!(report.report_blocks().next().unwrap().cumulative_lost(), -3);
        },
    );
}

#[test]
fn cumulative_loss_is_24_bits_with_sign() {
    let cases = [
        (1, 0x00_0001, 1),
        (-1, 0xff_ffff, -1),
        (8_388_607, 0x7f_ffff, 8_388_607),
        (8_388_608, 0x7f_ffff, 8_388_607),
        (-8_388_608, 0x80_0000, -8_388_608),
        (-8_388_609, 0x80_0000, -8_388_608),
        (12_345, 0x00_3039, 12_345),
        (i32::MIN, 0x80_0000, -8_388_608),
        (i32::MAX, 0x7f_ffff, 8_388_607),
    ];
    for (cumulative_lost, encoded, decoded) in cases {
        let data = ReportBlockData { fraction_lost: 0xab, cumulative_lost, ..ReportBlockData::default() };
        let packet = RtcpPacket::builder().receiver_report(1, &[data]).build().unwrap();
        let field = u32::from_be_bytes(packet.as_bytes()[12..16].try_into().unwrap());
        assert_eq!(field, 0xab00_0000 | encoded);
        let view = packet.packets().next().unwrap();
        assert_eq!(expect!(view, ReceiverReport).report_blocks().next().unwrap().cumulative_lost(), decoded);
    }
}

#[test]
fn source_description() {
    vector(
        "81ca0003 01020304 0104 75736572 0000",
        |builder| {
            builder.sdes_cname(SENDER, "user");
        },
        |view| {
            let sdes = expect!(view, Sdes);
            assert!(sdes.cnames().eq([(SENDER, &b"user"[..])]));
            let chunk = sdes.chunks().next().unwrap();
            assert_eq!((chunk.ssrc(), chunk.cname()), (SENDER, Some(&b"user"[..])));
            assert!(chunk.items().eq([SdesItem { kind: SdesItem::CNAME, value: b"user" }]));
        },
    );
}

#[test]
fn goodbye() {
    vector(
        "81cb0001 01020304",
        |builder| {
            builder.bye(&[SENDER], "");
        },
        |view| {
            let bye = expect!(view, Bye);
            assert!(bye.ssrcs().eq([SENDER]));
            assert_eq!(bye.reason(), None);
        },
    );
    vector(
        "82cb0004 01020304 0a0b0c0d 06 62796520 6279 00",
        |builder| {
            builder.bye(&[SENDER, MEDIA], "bye by");
        },
        |view| {
            let bye = expect!(view, Bye);
            assert!(bye.ssrcs().eq([SENDER, MEDIA]));
            assert_eq!(bye.reason(), Some(&b"bye by"[..]));
        },
    );
}

#[test]
fn negative_acknowledgement() {
    vector(
        "81cd0003 01020304 0a0b0c0d 00648001",
        |builder| {
            builder.nack(SENDER, MEDIA, &[100, 101, 116]);
        },
        |view| {
            let nack = expect!(view, Nack);
            assert_eq!((nack.sender_ssrc(), nack.media_ssrc()), (SENDER, MEDIA));
            assert!(nack.sequence_numbers().eq([100, 101, 116]));
        },
    );
}

#[test]
fn picture_loss() {
    vector(
        "81ce0002 01020304 0a0b0c0d",
        |builder| {
            builder.pli(SENDER, MEDIA);
        },
        |view| {
            let pli = expect!(view, Pli);
            assert_eq!((pli.sender_ssrc(), pli.media_ssrc()), (SENDER, MEDIA));
            assert!(pli.fci().is_empty());
        },
    );
}

#[test]
fn full_intra_request() {
    vector(
        "84ce0004 01020304 00000000 0a0b0c0d 07000000",
        |builder| {
            builder.fir(SENDER, &[(MEDIA, 7)]);
        },
        |view| {
            let fir = expect!(view, Fir);
            assert_eq!((fir.sender_ssrc(), fir.media_ssrc()), (SENDER, 0));
            let entry = fir.entries().next().unwrap();
            assert_eq!((entry.ssrc, entry.sequence_number, fir.entries().count()), (MEDIA, 7, 1));
        },
    );
}

#[test]
fn receiver_reference_time() {
    vector(
        "80cf0004 01020304 04000002 e8fe6f801f9add37",
        |builder| {
            builder.xr_rrtr(SENDER, NtpTime(0xe8fe_6f80_1f9a_dd37));
        },
        |view| {
            let xr = expect!(view, Xr);
            assert_eq!(xr.ssrc(), SENDER);
            assert_eq!(xr.receiver_reference_time(), Some(NtpTime(0xe8fe_6f80_1f9a_dd37)));
            assert_eq!(xr.dlrr_entries().count(), 0);
        },
    );
}

#[test]
fn delay_since_last_receiver_report() {
    vector(
        "80cf0005 01020304 05000003 0a0b0c0d 6f801f9a 00054000",
        |builder| {
            builder.xr_dlrr(SENDER, &[(MEDIA, 0x6f80_1f9a, 0x0005_4000)]);
        },
        |view| {
            let xr = expect!(view, Xr);
            assert!(matches!(xr.blocks().next(), Some(XrBlock::Dlrr(block)) if block.entries().count() == 1));
            let entry = xr.dlrr_entries().next().unwrap();
            assert_eq!(
                (entry.ssrc, entry.last_rr, entry.delay_since_last_rr),
                (MEDIA, 0x6f80_1f9a, 0x5_4000)
            );
            assert_eq!(xr.receiver_reference_time(), None);
        },
    );
}

#[test]
fn temporary_maximum_bit_rate() {
    let entry = TmmbEntry { ssrc: MEDIA, bitrate: 1_000_000, overhead: 40 };
    vector(
        "83cd0004 01020304 00000000 0a0b0c0d 0fd09028",
        |builder| {
            builder.tmmbr(SENDER, &[entry]);
        },
        |view| {
            let request = expect!(view, Tmmbr);
            assert_eq!((request.sender_ssrc(), request.media_ssrc()), (SENDER, 0));
            assert!(request.entries().eq([entry]));
        },
    );
    vector(
        "84cd0004 01020304 00000000 0a0b0c0d 0fd09028",
        |builder| {
            builder.tmmbn(SENDER, &[entry]);
        },
        |view| assert!(expect!(view, Tmmbn).entries().eq([entry])),
    );
    vector(
        "84cd0002 01020304 00000000",
        |builder| {
            builder.tmmbn(SENDER, &[]);
        },
        |view| assert_eq!(expect!(view, Tmmbn).entries().count(), 0),
    );
}

#[test]
fn estimated_maximum_bit_rate() {
    vector(
        "8fce0005 01020304 00000000 52454d42 010bd090 0a0b0c0d",
        |builder| {
            builder.remb(SENDER, 1_000_000, &[MEDIA]);
        },
        |view| {
            let remb = expect!(view, Remb);
            assert_eq!((remb.sender_ssrc(), remb.media_ssrc(), remb.bitrate()), (SENDER, 0, 1_000_000));
            assert!(remb.ssrcs().eq([MEDIA]));
        },
    );
}

#[test]
fn estimated_bit_rates_round_down_and_saturate() {
    let cases: [(u64, u32, u32, u64); 7] = [
        (0, 0, 0, 0),
        (262_143, 262_143, 0, 262_143),
        (262_144, 131_072, 1, 262_144),
        (1_000_000, 250_000, 2, 1_000_000),
        (2_500_000, 156_250, 4, 2_500_000),
        (8_927_168, 139_487, 6, 8_927_168),
        (u64::MAX, 262_143, 46, 18_446_673_704_965_373_952),
    ];
    for (bitrate, mantissa, exponent, decoded) in cases {
        let packet = RtcpPacket::builder().remb(1, bitrate, &[2]).build().unwrap();
        let word = u32::from_be_bytes(packet.as_bytes()[16..20].try_into().unwrap());
        assert_eq!((word & 0x3_ffff, word >> 18 & 0x3f, word >> 24), (mantissa, exponent, 1), "{bitrate}");
        let view = packet.packets().next().unwrap();
        assert_eq!(expect!(view, Remb).bitrate(), decoded);
    }
    // The largest mantissa and exponent of the format do not fit 64 bits.
    let packet = RtcpPacket::parse(hex("8fce0004 01020304 00000000 52454d42 00ffffff")).unwrap();
    assert_eq!(expect!(packet.packets().next().unwrap(), Remb).bitrate(), u64::MAX);
    let packet = RtcpPacket::parse(hex("8fce0004 01020304 00000000 52454d42 00fc0000")).unwrap();
    assert_eq!(expect!(packet.packets().next().unwrap(), Remb).bitrate(), 0);
}

#[test]
fn transport_wide_feedback_header() {
    let packet = RtcpPacket::parse(hex("afcd0005 01020304 0a0b0c0d 0007 0001 ffffff 08 2001 14 01")).unwrap();
    let view = packet.packets().next().unwrap();
    let feedback = expect!(view, Twcc);
    assert_eq!((feedback.sender_ssrc(), feedback.media_ssrc()), (SENDER, MEDIA));
    assert_eq!((feedback.base_sequence_number(), feedback.packet_status_count()), (7, 1));
    assert_eq!((feedback.reference_time(), feedback.feedback_count()), (-1, 8));
    assert_eq!(feedback.payload(), &[0x20, 0x01, 0x14], "without the byte of padding");
    assert_eq!(view.raw().len(), 24);
}

#[test]
fn slice_loss_and_reference_picture() {
    let packet = RtcpPacket::parse(hex("82ce0003 01020304 0a0b0c0d fff80041")).unwrap();
    let view = packet.packets().next().unwrap();
    let entry = expect!(view, Sli).entries().next().unwrap();
    assert_eq!((entry.first, entry.number, entry.picture_id), (0x1fff, 1, 1));
    let packet = RtcpPacket::parse(hex("83ce0003 01020304 0a0b0c0d 08e0ab00")).unwrap();
    let view = packet.packets().next().unwrap();
    let indication = expect!(view, Rpsi);
    assert_eq!(indication.payload_type(), 96);
    assert_eq!(indication.bit_string(), (&[0xab, 0x00][..], 8));
}

#[test]
fn application_defined() {
    let packet = RtcpPacket::parse(hex("85cc0003 01020304 6e616d65 deadbeef")).unwrap();
    let view = packet.packets().next().unwrap();
    let app = expect!(view, App);
    assert_eq!((app.ssrc(), app.subtype(), &app.name()), (SENDER, 5, b"name"));
    assert_eq!(app.data(), &[0xde, 0xad, 0xbe, 0xef]);
}
