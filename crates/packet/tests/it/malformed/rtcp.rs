//! Malformed RTCP: skipped and counted, its neighbours seen.

use interceptor_packet::{ParseError, Rtcp, RtcpPacket};

use crate::hex::hex;

const PLI: &str = "81ce0002 01020304 0a0b0c0d";

#[track_caller]
fn parsed(text: &str) -> RtcpPacket {
    let bytes = hex(text);
    let packet = RtcpPacket::parse(bytes.clone()).unwrap();
    assert_eq!(packet.as_bytes(), &bytes, "malformed bytes stay");
    packet
}

#[track_caller]
fn assert_seen(text: &str, types: &[u8], malformed: usize) {
    let packet = parsed(text);
    let seen: Vec<u8> = packet.packets().map(|view| view.packet_type()).collect();
    assert_eq!((&seen[..], packet.malformed()), (types, malformed), "{text}");
}

#[test]
fn refuses_what_has_no_first_header() {
    let cases = [
        ("", "RTCP header needs 4 bytes, the packet has 0"),
        ("81c900", "RTCP header needs 4 bytes, the packet has 3"),
        ("41c90000", "version 1 is not 2"),
        ("81c90001", "RTCP packet needs 8 bytes, the packet has 4"),
        ("81c9ffff 01020304", "RTCP packet needs 262144 bytes, the packet has 8"),
    ];
    for (text, message) in cases {
        let bytes = hex(text);
        let (error, returned) = RtcpPacket::parse_or_return(bytes.clone()).unwrap_err();
        assert!(matches!(error, ParseError::Truncated { .. } | ParseError::Version(1)), "{error:?}");
        assert_eq!(error.to_string(), message);
        assert_eq!(returned, bytes, "the bytes come back");
        assert_eq!(RtcpPacket::parse(bytes), Err(error));
    }
}

#[test]
fn what_made_rtcp_017_panic_is_counted() {
    for text in [
        "81cd0001 00000000",
        "84ce0001 00000000",
        "84ce0003 00000000 00000000 00000000",
        "8fce0004 01020304 00000000 52454d42 ff000000",
    ] {
        assert_seen(text, &[], 1);
    }
}

#[test]
fn siblings_of_a_malformed_packet_are_seen() {
    assert_seen(&format!("{PLI} 81cd0001 00000000 {PLI}"), &[206, 206], 1);
    assert_seen(&format!("81cd0001 00000000 {PLI}"), &[206], 1);
}

#[test]
fn a_wrong_version_inside_is_skipped_by_its_length() {
    assert_seen(&format!("{PLI} 41c90001 01020304 {PLI}"), &[206, 206], 1);
}

#[test]
fn a_tail_that_is_no_packet_is_counted_once() {
    assert_seen(&format!("{PLI} 81"), &[206], 1);
    assert_seen(&format!("{PLI} 81c90007 0102030405060708"), &[206], 1);
    assert_seen(&format!("{PLI} 81cd0001 00000000 ffffffff"), &[206], 2);
}

#[test]
fn wrong_padding_is_counted() {
    assert_seen("a1ce0002 01020304 0a0b0c00", &[], 1);
    assert_seen("a1ce0002 01020304 0a0b0c09", &[], 1);
    assert_seen("a0cb0000", &[], 1);
}

#[test]
fn padding_is_not_taken_for_content() {
    // Four bytes of padding, which `rtcp` 0.17 reads as another pair.
    let packet = parsed("a1cd0004 01020304 0a0b0c0d 00010000 00000004");
    let Some(Rtcp::Nack(nack)) = packet.packets().next() else { panic!("{packet:?}") };
    assert!(nack.sequence_numbers().eq([1]));
    let packet = parsed("a0c90002 01020304 00000004");
    let Some(Rtcp::ReceiverReport(report)) = packet.packets().next() else { panic!("{packet:?}") };
    assert!(report.profile_extension().is_empty());
}

#[test]
fn padding_inside_a_compound_is_tolerated() {
    assert_seen(&format!("a0c90002 01020304 00000004 {PLI}"), &[201, 206], 0);
}

#[test]
fn padding_cannot_hide_the_content_that_a_count_promises() {
    // One report block is announced, and padding covers half of it.
    assert_seen("a1c90007 01020304 0a0b0c0d 00000000 00000000 00000000 00000000 0000000c", &[], 1);
}

#[test]
fn counts_that_promise_more_than_there_is() {
    for text in [
        "81c80006 01020304 00000000 00000000 00000000 00000000 00000000",
        "80c80005 01020304 00000000 00000000 00000000 00000000",
        "80c90000",
        "82c90007 01020304 0a0b0c0d 00000000 00000000 00000000 00000000 00000000",
        "81ca0000",
        "82ca0003 01020304 01047573 65720000",
        "81cb0000",
        "81cc0001 01020304",
        "81ce0001 01020304",
        "82ce0002 01020304 0a0b0c0d",
        "83ce0002 01020304 0a0b0c0d",
        "83ce0003 01020304 0a0b0c0d 11600000",
        "84ce0002 01020304 00000000",
        "8fcd0003 01020304 0a0b0c0d 00000000",
        "83cd0003 01020304 00000000 0a0b0c0d",
        "8fce0003 01020304 00000000 52454d42",
        "80cf0000",
        "80cf0002 01020304 04000001",
    ] {
        assert_seen(text, &[], 1);
    }
}

#[test]
fn items_over_the_end() {
    assert_seen("81ca0002 01020304 01ff7573", &[], 1);
    assert_seen("81ca0002 01020304 00000001", &[202], 0);
    assert_seen("81cb0002 01020304 04414243", &[], 1);
    assert_seen("81cb0002 01020304 03414243", &[203], 0);
}

#[test]
fn the_last_chunk_may_lack_its_null_octet() {
    let packet = parsed("81ca0002 01020304 01026162");
    let Some(Rtcp::Sdes(sdes)) = packet.packets().next() else { panic!("{packet:?}") };
    assert!(sdes.cnames().eq([(0x0102_0304, &b"ab"[..])]));
}

#[test]
fn a_chunk_with_an_ssrc_of_leading_zeros_follows_another() {
    // Two chunks; the null octets of the first must not be taken from the second's SSRC.
    let packet = parsed("82ca0006 01020304 01016100 00000001 01046263 64650000 00000000");
    let Some(Rtcp::Sdes(sdes)) = packet.packets().next() else { panic!("{packet:?}") };
    assert!(sdes.cnames().eq([(0x0102_0304, &b"a"[..]), (1, &b"bcde"[..])]));
}

#[test]
fn an_item_that_ends_on_a_word_is_followed_by_a_word_of_nulls() {
    let packet = parsed("82ca0005 01020304 01026162 00000000 00000001 00000000");
    let Some(Rtcp::Sdes(sdes)) = packet.packets().next() else { panic!("{packet:?}") };
    assert!(sdes.chunks().map(|chunk| (chunk.ssrc(), chunk.items().count())).eq([(0x0102_0304, 1), (1, 0)]));
}

#[test]
fn unknown_types_and_formats_are_passed_on_raw() {
    for text in [
        "80c0 0000",
        "81d00001 01020304",
        "85cd0002 01020304 0a0b0c0d",
        "8fce0003 01020304 00000000 41424344",
    ] {
        let packet = parsed(text);
        let Some(Rtcp::Other(frame)) = packet.packets().next() else { panic!("{packet:?}") };
        assert_eq!((frame.raw(), packet.malformed()), (&hex(text)[..], 0));
    }
}

#[test]
fn blocks_of_unknown_type_or_wrong_length_are_passed_on_raw() {
    use interceptor_packet::rtcp::XrBlock;
    let packet = parsed("80cf0006 01020304 63aa0001 deadbeef 04000001 00000000 05000000");
    let Some(Rtcp::Xr(xr)) = packet.packets().next() else { panic!("{packet:?}") };
    let blocks: Vec<XrBlock<'_>> = xr.blocks().collect();
    let unknown =
        XrBlock::Other { block_type: 0x63, type_specific: 0xaa, content: &[0xde, 0xad, 0xbe, 0xef] };
    assert_eq!(blocks[0], unknown);
    assert_eq!(blocks[1], XrBlock::Other { block_type: 4, type_specific: 0, content: &[0; 4] });
    assert!(matches!(blocks[2], XrBlock::Dlrr(entries) if entries.entries().count() == 0));
    assert_eq!((blocks.len(), xr.receiver_reference_time(), packet.malformed()), (3, None, 0));
}

#[test]
fn nothing_is_no_packet() {
    let packet = RtcpPacket::default();
    assert!(packet.is_empty() && !packet.is_compound());
    assert_eq!((packet.packets().count(), packet.malformed(), packet.len()), (0, 0, 0));
    assert!(matches!(RtcpPacket::parse(packet.into_bytes()), Err(ParseError::Truncated { .. })));
}

#[test]
fn a_compound_starts_with_a_report() {
    assert!(parsed(&format!("80c90001 01020304 {PLI}")).is_compound());
    assert!(!parsed(&format!("{PLI} 80c90001 01020304")).is_compound());
}
