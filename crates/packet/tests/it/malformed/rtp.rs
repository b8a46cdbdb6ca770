//! Malformed RTP: refused, or read as far as it can be.

use interceptor_packet::ext::{AbsSendTime, AudioLevel, Mid, PlayoutDelay, TransportSequenceNumber};
use interceptor_packet::{ParseError, RtpPacket};

use crate::hex::hex;
use crate::rtp_parse::parsed;

#[track_caller]
fn refused(text: &str) -> ParseError {
    let bytes = hex(text);
    let (error, returned) = RtpPacket::parse_or_return(bytes.clone()).unwrap_err();
    assert_eq!(returned, bytes, "the bytes come back");
    assert_eq!(RtpPacket::parse(bytes), Err(error));
    error
}

#[test]
fn refuses_other_versions() {
    for (first, version) in [("00", 0), ("40", 1), ("c0", 3)] {
        let error = refused(&format!("{first} 60 0001 00000002 00000003 aa"));
        assert_eq!(error, ParseError::Version(version));
    }
}

#[test]
fn refuses_every_truncation_of_a_header() {
    let whole = hex("92 60 0001 00000002 00000003 aabbccdd 00000001 bede0001 31123400");
    assert!(RtpPacket::parse(whole.clone()).is_ok());
    for len in 0..whole.len() {
        let error = RtpPacket::parse(whole.slice(..len)).unwrap_err();
        assert!(
            matches!(error, ParseError::Truncated { actual, needed, .. } if actual == len && needed > len),
            "{error}"
        );
    }
}

/// Identifiers and values.
type Elements = &'static [(u8, &'static [u8])];

#[test]
fn elements_over_the_end_of_their_block_hide_what_follows_and_not_the_packet() {
    // The first three made `rtp` 0.17 panic; the others made it eat payload.
    let cases: [(&str, Elements); 8] = [
        ("bede0001 1f000000", &[]),
        ("10000001 01ff0000", &[]),
        ("10000001 00000001", &[]),
        ("bede0001 00000031", &[]),
        ("bede0001 20ee1f00", &[(2, &[0xee])]),
        ("bede0001 10111f00", &[(1, &[0x11])]),
        ("bede0002 10aa2fbb 30cc40dd", &[(1, &[0xaa])]),
        ("100f0002 0500c801 aa070211", &[(5, &[]), (200, &[0xaa])]),
    ];
    for (block, elements) in cases {
        let packet = parsed(&format!("90 60 0001 00000002 00000003 {block} aabbccddeeff0011"));
        assert!(packet.extensions_malformed(), "{block}");
        assert!(packet.extensions().eq(elements.iter().copied()), "{block}");
        assert_eq!(packet.payload(), &[0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x11], "{block}");
    }
}

#[test]
fn only_elements_over_the_end_of_their_block_are_malformed() {
    for rest in [
        "00 99",
        "10 abac0001 1f000000 99",
        "10 bede0000 99",
        "10 bede0001 11aabb00 99",
        "10 bede0001 1200ffff 99",
        "10 bede0001 f1ffffff 99",
        "10 bede0001 00000000 99",
        "10 10000001 00000100 99",
    ] {
        let (extension, rest) = rest.split_once(' ').unwrap();
        let first = if extension == "10" { "90" } else { "80" };
        assert!(
            !parsed(&format!("{first} 60 0001 00000002 00000003 {rest}")).extensions_malformed(),
            "{rest}"
        );
    }
}

#[test]
fn refuses_padding_that_does_not_fit() {
    let error = refused("a0 60 0001 00000002 00000003 aabb00");
    assert_eq!(error, ParseError::Padding { padding: 0, available: 3 });
    let error = refused("a0 60 0001 00000002 00000003 aabb04");
    assert_eq!(error, ParseError::Padding { padding: 4, available: 3 });
    let error = refused("a0 60 0001 00000002 00000003");
    assert_eq!(error, ParseError::Padding { padding: 0, available: 0 });
}

#[test]
fn errors_say_what_is_wrong() {
    assert_eq!(refused("80").to_string(), "fixed header needs 12 bytes, the packet has 1");
    assert_eq!(refused("00 60 0001 00000002 00000003").to_string(), "version 0 is not 2");
}

#[test]
fn unknown_profiles_are_opaque_and_stay() {
    let packet = parsed("90 60 0001 00000002 00000003 abac0001 31123400 99");
    assert_eq!(packet.extension_block(), Some((0xabac, &[0x31, 0x12, 0x34, 0x00][..])));
    assert_eq!(packet.extensions().count(), 0);
    assert_eq!(packet.extension(3), None);
    assert_eq!(packet.payload(), &[0x99]);
}

#[test]
fn identifier_15_ends_the_elements_but_not_the_block() {
    let packet = parsed("90 60 0001 00000002 00000003 bede0002 10aa f1bbcc 20dd00 99");
    assert!(packet.extensions().eq([(1, &[0xaa][..])]));
    assert_eq!(packet.payload(), &[0x99], "`rtp` 0.17 took the rest of the block for payload");
}

#[test]
fn identifier_0_with_a_length_ends_the_elements() {
    let packet = parsed("90 60 0001 00000002 00000003 bede0001 05 10aa 00 99");
    assert_eq!(packet.extensions().count(), 0);
}

#[test]
fn elements_that_are_not_of_their_type_say_nothing_and_stay() {
    // Two bytes of send time, a name that is no token, delays in the wrong order, an empty level.
    let packet = parsed("90 60 0001 00000002 00000003 10000004 01020005 02022020 03030020 01040000 99");
    assert_eq!(packet.read::<AbsSendTime>(1), None);
    assert_eq!(packet.read::<Mid>(2), None);
    assert_eq!(packet.read::<PlayoutDelay>(3), None);
    assert_eq!(packet.read::<AudioLevel>(4), None);
    assert_eq!((packet.extension(4), packet.extension(5)), (Some(&[][..]), None), "there, and not there");
    assert_eq!(packet.read(1), Some(TransportSequenceNumber(5)), "another type may have its size");
}
