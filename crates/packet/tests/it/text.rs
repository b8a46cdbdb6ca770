//! What packets look like in logs.

use bytes::{Bytes, BytesMut};
use interceptor_packet::ext::Mid;
use interceptor_packet::rtcp::{CcfbMetric, CcfbStream, TmmbEntry};
use interceptor_packet::{Ecn, NtpTime, Origin, ReportBlockData, Rtcp, RtcpBuilder, RtcpPacket, RtpPacket};
use proptest::prelude::*;

use crate::hex::hex;

#[track_caller]
fn line(write: impl FnOnce(&mut RtcpBuilder)) -> String {
    let mut builder = RtcpBuilder::default();
    write(&mut builder);
    let packet = builder.build().unwrap();
    assert_eq!(packet.malformed(), 0);
    let lines: Vec<String> = packet.packets().map(|packet| packet.to_string()).collect();
    assert_eq!(packet.to_string(), format!("RTCP {} bytes: {}", packet.len(), lines.join("; ")));
    lines.join("; ")
}

#[track_caller]
fn fields(bytes: &str) -> String {
    let packet = RtcpPacket::parse(hex(bytes)).unwrap();
    let all: Vec<String> = packet.packets().map(|packet| format!("{packet:?}")).collect();
    let of_packet = format!("{packet:?}");
    assert_eq!(
        of_packet,
        format!("RtcpPacket {{ packets: [{}], malformed: 0, info: PacketInfo }}", all.join(", "))
    );
    all.join(", ")
}

fn block() -> ReportBlockData {
    ReportBlockData {
        ssrc: 0x0a0b_0c0d,
        fraction_lost: 12,
        cumulative_lost: -3,
        extended_sequence_number: 65_635,
        jitter: 37,
        last_sr: 0x6f80_1f9a,
        delay_since_last_sr: 0x0005_4000,
    }
}

#[test]
fn reports_on_one_line() {
    let ntp = NtpTime(0xe8fe_6f80_1f9a_dd37);
    assert_eq!(
        line(|rtcp| _ = rtcp.sender_report(0x0102_0304, ntp, 90_000, 100, 120_000, &[])),
        "SR 0x01020304 ntp e8fe6f80.1f9add37 rtp 90000 packets 100 octets 120000"
    );
    let unheard = ReportBlockData { ssrc: 7, cumulative_lost: 5, ..ReportBlockData::default() };
    assert_eq!(
        line(|rtcp| _ =
            rtcp.sender_report(1, NtpTime(0), 0, 0, 0, &[block()]).receiver_report(1, &[block(), unheard])),
        "SR 0x00000001 ntp 00000000.00000000 rtp 0 packets 0 octets 0, \
         0x0a0b0c0d lost -3 (12/256) highest 65635 jitter 37 lsr 6f80.1f9a dlsr 5.25s; \
         RR 0x00000001, 0x0a0b0c0d lost -3 (12/256) highest 65635 jitter 37 lsr 6f80.1f9a dlsr 5.25s, \
         0x00000007 lost 5 (0/256) highest 0 jitter 0"
    );
    assert_eq!(line(|rtcp| _ = rtcp.receiver_report(0x0102_0304, &[])), "RR 0x01020304");
    let many = line(|rtcp| _ = rtcp.receiver_report(1, &[unheard; 31]));
    assert!(many.ends_with(", 0x00000007 lost 5 (0/256) highest 0 jitter 0, … 23 more"), "{many}");
}

#[test]
fn names_goodbyes_and_applications_on_one_line() {
    assert_eq!(
        line(|rtcp| _ =
            rtcp.sdes_cnames(&[1, 2], "it's \"me\"\n\u{202e}é").bye(&[1, 2], "so long").bye(&[], "")),
        "SDES 0x00000001 cname \"it\\'s \\\"me\\\"\\n\\u{202e}é\", \
         0x00000002 cname \"it\\'s \\\"me\\\"\\n\\u{202e}é\"; \
         BYE 0x00000001, 0x00000002 \"so long\"; BYE"
    );
    let sdes = hex("81ca0004 00000001 02016106 01620901 63000000");
    assert_eq!(
        RtcpPacket::parse(sdes).unwrap().to_string(),
        "RTCP 20 bytes: SDES 0x00000001 name \"a\", tool \"b\", item 9 \"c\""
    );
    let app = hex("83cc0004 01020304 4e414d45 0000000000000001");
    assert_eq!(
        RtcpPacket::parse(app).unwrap().to_string(),
        "RTCP 20 bytes: APP 0x01020304 \"NAME\" subtype 3, 8 bytes"
    );
}

#[test]
fn feedback_on_one_line() {
    assert_eq!(
        line(|rtcp| _ = rtcp.nack(1, 7, &[100, 101, 116]).pli(1, 7).fir(1, &[(7, 3), (8, 255)])),
        "NACK 0x00000001 > 0x00000007 100, 101, 116; PLI 0x00000001 > 0x00000007; \
         FIR 0x00000001, 0x00000007 seq 3, 0x00000008 seq 255"
    );
    let lost: Vec<u16> = (65_530..=65_535).chain(0..20).collect();
    assert_eq!(
        line(|rtcp| _ = rtcp.nack(1, 7, &lost)),
        "NACK 0x00000001 > 0x00000007 65530, 65531, 65532, 65533, 65534, 65535, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, \
         … 10 more"
    );
    let entry = TmmbEntry { ssrc: 7, bitrate: 1_000_000, overhead: 40 };
    assert_eq!(
        line(|rtcp| _ = rtcp.remb(1, 1_000_000, &[7, 8]).tmmbr(1, &[entry]).tmmbn(1, &[])),
        "REMB 0x00000001 1000000 bit/s, 0x00000007, 0x00000008; \
         TMMBR 0x00000001, 0x00000007 1000000 bit/s overhead 40; TMMBN 0x00000001"
    );
    let arrived = CcfbMetric::received(Ecn::Ce, None);
    let metrics = [arrived, CcfbMetric::LOST, arrived];
    let streams = [CcfbStream { ssrc: 7, begin_sequence: 65_535, metrics: &metrics }];
    assert_eq!(
        line(|rtcp| _ = rtcp.ccfb(1, &streams, 0x6f80_1f9a)),
        "CCFB 0x00000001 at 6f80.1f9a, 0x00000007 from 65535 received 2 of 3"
    );
    let others = "8fcd0005 00000001 00000007 ffff0005 ffffff03 20010000 \
                  82ce0003 00000001 00000007 00190103 83ce0003 00000001 00000007 106000aa";
    assert_eq!(
        RtcpPacket::parse(hex(others)).unwrap().to_string(),
        "RTCP 56 bytes: TWCC 0x00000001 > 0x00000007 feedback 3 from 65535 count 5 reference -64 ms; \
         SLI 0x00000001 > 0x00000007 first 3 number 1028 picture 3; RPSI 0x00000001 > 0x00000007 pt 96, 2 bytes"
    );
}

#[test]
fn extended_reports_on_one_line() {
    let ntp = NtpTime(0xe8fe_6f80_1f9a_dd37);
    assert_eq!(
        line(|rtcp| _ = rtcp.xr_rrtr(1, ntp).xr_dlrr(1, &[(7, 0x6f80_1f9a, 0x8000), (8, 0, 0)])),
        "XR 0x00000001, rrtr e8fe6f80.1f9add37; \
         XR 0x00000001, dlrr 0x00000007 lrr 6f80.1f9a delay 500ms, 0x00000008 lrr 0000.0000 delay 0ns"
    );
    let unknown = hex("80cf0004 00000001 06000002 0102030405060708");
    let unknown = RtcpPacket::parse(unknown).unwrap();
    assert_eq!(unknown.to_string(), "RTCP 20 bytes: XR 0x00000001, block 6, 8 bytes");
}

#[test]
fn what_is_unknown_or_malformed_is_named_and_counted() {
    let datagram = hex("81d00001 00000001 81cd0001 00000001 80c90001 00000002 ff");
    let packet = RtcpPacket::parse(datagram).unwrap();
    assert_eq!(packet.to_string(), "RTCP 25 bytes: type 208 count 1, 4 bytes; RR 0x00000002; 2 malformed");
    assert_eq!(RtcpPacket::default().to_string(), "RTCP 0 bytes");
    let many = RtcpPacket::parse(hex(&"80c90001 00000002".repeat(20))).unwrap().to_string();
    assert!(many.ends_with("; RR 0x00000002; … 4 more"), "{many}");
}

#[test]
fn fields_of_reports() {
    assert_eq!(
        fields("80c8000601020304e8fe6f801f9add3700015f90000000640001d4c0"),
        "SenderReport { ssrc: 0x01020304, ntp: e8fe6f80.1f9add37, rtp: 90000, packets: 100, octets: 120000, \
         blocks: [] }"
    );
    assert_eq!(
        fields("81c90008010203040a0b0c0d0c00000500010063000000256f801f9a00054000 000000ff"),
        "ReceiverReport { ssrc: 0x01020304, blocks: [ReportBlock { ssrc: 0x0a0b0c0d, fraction_lost: 12, \
         cumulative_lost: 5, highest: 65635, jitter: 37, last_sr: 6f80.1f9a, delay_since_last_sr: 5.25s }], \
         profile_extension: 000000ff }"
    );
    assert_eq!(
        fields(
            "81ca0003010203040104757365720000 81cb000201020304 02627900 83cc0003 01020304 4e414d45 00000001"
        ),
        "Sdes { chunks: [SdesChunk { ssrc: 0x01020304, items: [SdesItem { kind: 1, value: \"user\" }] }] }, \
         Bye { ssrcs: [0x01020304], reason: Some(\"by\") }, \
         App { ssrc: 0x01020304, subtype: 3, name: \"NAME\", data: 00000001 }"
    );
    assert_eq!(
        fields(
            "80cf0004 01020304 04000002 e8fe6f801f9add37 80cf0005 01020304 05000003 0a0b0c0d 6f801f9a 00054000"
        ),
        "Xr { ssrc: 0x01020304, blocks: [ReceiverReferenceTime(e8fe6f80.1f9add37)] }, \
         Xr { ssrc: 0x01020304, blocks: [Dlrr([DlrrEntry { ssrc: 0x0a0b0c0d, last_rr: 6f80.1f9a, \
         delay_since_last_rr: 5.25s }])] }"
    );
    assert_eq!(
        fields("80cf0003 01020304 06070001 00000001"),
        "Xr { ssrc: 0x01020304, blocks: [Other { block_type: 6, type_specific: 7, content: 00000001 }] }"
    );
}

#[test]
fn fields_of_feedback() {
    assert_eq!(
        fields("81cd000301020304 0a0b0c0d 00030001 81ce000201020304 0a0b0c0d"),
        "Nack { sender: 0x01020304, media: 0x0a0b0c0d, lost: [3, 4] }, \
         Pli { sender: 0x01020304, media: 0x0a0b0c0d }"
    );
    assert_eq!(
        fields(
            "84ce000401020304 00000000 0a0b0c0d 07000000 8fce0005 01020304 00000000 52454d42 010bd090 0a0b0c0d"
        ),
        "Fir { sender: 0x01020304, media: 0x00000000, \
         entries: [FirEntry { ssrc: 0x0a0b0c0d, sequence_number: 7 }] }, \
         Remb { sender: 0x01020304, media: 0x00000000, bitrate: 1000000, ssrcs: [0x0a0b0c0d] }"
    );
    assert_eq!(
        fields("83cd0004 01020304 00000000 0a0b0c0d 0fd09028 84cd0002 01020304 00000000"),
        "Tmmbr { sender: 0x01020304, media: 0x00000000, \
         entries: [TmmbEntry { ssrc: 0x0a0b0c0d, bitrate: 1000000, overhead: 40 }] }, \
         Tmmbn { sender: 0x01020304, media: 0x00000000, entries: [] }"
    );
    assert_eq!(
        fields("8fcd0005 00000001 00000007 ffff0005 ffffff03 20010000"),
        "Twcc { sender: 0x00000001, media: 0x00000007, base: 65535, status_count: 5, reference_time: -1, \
         feedback_count: 3, payload: 20010000 }"
    );
    assert_eq!(
        fields("8bcd0006 00000001 00000007 000a0003 e0000000 9ffe0000 6f801f9a"),
        "Ccfb { sender: 0x00000001, report_timestamp: 6f80.1f9a, blocks: [CcfbBlock { ssrc: 0x00000007, begin: 10, \
         metrics: [-0ns Ce, lost, -8s… NotEct] }] }"
    );
    assert_eq!(
        fields("82ce0003 00000001 00000007 00190103 83ce0003 00000001 00000007 106000aa"),
        "Sli { sender: 0x00000001, media: 0x00000007, \
         entries: [SliEntry { first: 3, number: 1028, picture_id: 3 }] }, \
         Rpsi { sender: 0x00000001, media: 0x00000007, payload_type: 96, bits: 00aa, unused_bits: 16 }"
    );
    assert_eq!(
        fields("81d00006 000102030405060708090a0b0c0d0e0f1011121314151617"),
        "Frame { packet_type: 208, count: 1, body: 000102030405060708090a0b0c0d0e0f… 8 more }"
    );
}

#[test]
fn what_is_known_about_a_packet_is_shown_and_what_is_not_is_left_out() {
    let mut packet = RtcpPacket::parse(hex("80c90001 00000002")).unwrap();
    packet.info_mut().ecn = Some(Ecn::Ce);
    packet.info_mut().origin = Origin::Padding;
    (packet.info_mut().path, packet.info_mut().probe) = (1, Some(0));
    assert_eq!(
        format!("{packet:?}"),
        "RtcpPacket { packets: [ReceiverReport { ssrc: 0x00000002, blocks: [] }], malformed: 0, \
         info: PacketInfo { ecn: Ce, origin: Padding, path: 1, probe: 0 } }"
    );
}

#[test]
fn rtp_shows_its_header() {
    let packet = RtpPacket::builder().ssrc(0x1122_3344).payload_type(96).sequence_number(7).timestamp(21_000);
    let packet = packet.payload(&b"four"[..]).build().unwrap();
    assert_eq!(packet.to_string(), "RTP 0x11223344 pt 96 seq 7 ts 21000, 4 bytes");
    assert_eq!(
        format!("{packet:?}"),
        "RtpPacket { ssrc: 0x11223344, sequence_number: 7, timestamp: 21000, payload_type: 96, marker: false, \
         header_len: 12, payload_len: 4, padding_len: 0, info: PacketInfo }"
    );
    let packet = RtpPacket::builder().marker(true).csrc(9).typed_extension(3, &Mid::new("a").unwrap());
    let packet = packet.extension(5, &[0xff; 17]).padding(4).build().unwrap();
    assert_eq!(packet.to_string(), "RTP 0x00000000 pt 0 seq 0 ts 0 marker, 0 bytes, 4 of padding");
    assert_eq!(
        format!("{packet:?}"),
        "RtpPacket { ssrc: 0x00000000, sequence_number: 0, timestamp: 0, payload_type: 0, marker: true, \
         csrcs: [0x00000009], extensions: {3: 61, 5: ffffffffffffffffffffffffffffffff… 1 more}, header_len: 44, \
         payload_len: 0, padding_len: 4, info: PacketInfo }"
    );
}

#[test]
fn the_largest_datagrams_are_cut_short() {
    let long = "\u{202e}".repeat(85);
    let mut texts = RtcpBuilder::default();
    let mut lists = RtcpBuilder::default();
    for _ in 0..20 {
        texts.sdes_cnames(&(0..31).collect::<Vec<_>>(), &long).bye(&[1; 31], &long);
        lists.receiver_report(1, &[block(); 31]).nack(1, 2, &(0..500).map(|i| 3 * i).collect::<Vec<_>>());
        lists.xr_dlrr(1, &[(1, 2, 3); 50]).tmmbn(1, &[TmmbEntry::default(); 50]);
    }
    for packet in [texts.build().unwrap(), lists.build().unwrap()] {
        assert!(packet.len() > 20_000);
        let (line, fields, pretty) = (packet.to_string(), format!("{packet:?}"), format!("{packet:#?}"));
        assert!(line.len() <= 2051 && line.ends_with('…') && !line.contains('\n'), "{line}");
        assert!(fields.len() <= 8195 && fields.ends_with('…'), "{fields}");
        // Indented from outside, where lines are not counted.
        assert!(pretty.len() <= 8195 && pretty.contains("\n    packets: [\n"), "{pretty}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_shown_within_bounds(words in prop::collection::vec(any::<u32>(), 1..3000), types in prop::collection::vec(200_u8..209, 1..40)) {
        // Headers whose lengths fit, around bytes that mean what they like.
        let mut bytes = BytesMut::new();
        for (index, chunk) in words.chunks(words.len().div_ceil(types.len())).enumerate() {
            let first = 0x80 | (chunk[0] as u8 & 0x1f);
            bytes.extend_from_slice(&[first, types[index % types.len()]]);
            bytes.extend_from_slice(&(chunk.len() as u16).to_be_bytes());
            chunk.iter().for_each(|word| bytes.extend_from_slice(&(word % 100).to_be_bytes()));
        }
        let packet = RtcpPacket::parse(bytes.freeze()).unwrap();
        let (line, fields) = (packet.to_string(), format!("{packet:?}"));
        prop_assert!(line.len() <= 2051 && !line.contains('\n'));
        prop_assert!(fields.len() <= 8195);
        prop_assert!(packet.packets().all(|packet| packet.to_string().len() <= 2051));
        let pretty = format!("{packet:#?}");
        prop_assert!(!pretty.is_empty());
    }

    #[test]
    fn rtp_is_shown_within_bounds(data in prop::collection::vec(any::<u8>(), 12..4000)) {
        let mut data = data;
        data[0] = 0x90 | data[0] & 0x0f;
        let Ok(packet) = RtpPacket::parse(Bytes::from(data)) else { return Ok(()) };
        let fields = format!("{packet:?}");
        prop_assert!(fields.len() < 2000);
        prop_assert!(packet.to_string().len() < 100);
    }
}

#[test]
fn views_show_themselves_as_well() {
    let packet = RtcpPacket::builder().nack(1, 2, &[3]).build().unwrap();
    let Some(Rtcp::Nack(nack)) = packet.packets().next() else { panic!("a NACK") };
    assert_eq!(format!("{nack:?}"), "Nack { sender: 0x00000001, media: 0x00000002, lost: [3] }");
    let feedback = format!("{:?}", *nack);
    assert_eq!(feedback, "Feedback { sender: 0x00000001, media: 0x00000002, fci: 00030000 }");
}
