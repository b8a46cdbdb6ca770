//! Limits and errors of the RTCP builder.

use interceptor_packet::rtcp::TmmbEntry;
use interceptor_packet::{BuildError, NtpTime, ReportBlockData, Rtcp, RtcpBuilder, RtcpPacket};

use crate::hex::hex;

#[track_caller]
fn error(build: impl Fn(&mut RtcpBuilder)) -> BuildError {
    let mut builder = RtcpPacket::builder();
    build(&mut builder);
    let error = builder.build().unwrap_err();
    // The builder can be used again, and the error is gone.
    assert_eq!(builder.pli(1, 2).build().unwrap().len(), 12);
    error
}

#[test]
fn at_most_31_report_blocks() {
    let blocks = [ReportBlockData::default(); 32];
    let full = RtcpPacket::builder()
        .receiver_report(1, &blocks[..31])
        .sender_report(1, NtpTime(0), 0, 0, 0, &blocks[..31])
        .build()
        .unwrap();
    assert_eq!((full.malformed(), full.packets().count()), (0, 2));
    let too_many = BuildError::TooMany { what: "report blocks", count: 32, max: 31 };
    assert_eq!(error(|builder| _ = builder.receiver_report(1, &blocks)), too_many);
    assert_eq!(error(|builder| _ = builder.sender_report(1, NtpTime(0), 0, 0, 0, &blocks)), too_many);
}

#[test]
fn names_and_reasons_have_at_most_255_bytes() {
    let long = "x".repeat(256);
    let full = RtcpPacket::builder().sdes_cname(1, &long[..255]).bye(&[1], &long[..255]).build().unwrap();
    assert_eq!((full.malformed(), full.packets().count()), (0, 2));
    let too_many = |what| BuildError::TooMany { what, count: 256, max: 255 };
    assert_eq!(error(|builder| _ = builder.sdes_cname(1, &long)), too_many("bytes of a canonical name"));
    assert_eq!(error(|builder| _ = builder.bye(&[1], &long)), too_many("bytes of a reason"));
}

#[test]
fn names_of_every_length_are_padded_to_words() {
    for len in 0..=255 {
        let name = "n".repeat(len);
        let packet = RtcpPacket::builder().sdes_cname(7, &name).bye(&[7], &name).build().unwrap();
        assert_eq!((packet.malformed(), packet.packets().count(), packet.len() % 4), (0, 2, 0), "{len}");
    }
}

#[test]
fn at_most_31_sources_share_a_description() {
    let packet = RtcpPacket::builder().sdes_cnames(&[7; 31], "name").build().unwrap();
    let Some(Rtcp::Sdes(sdes)) = packet.packets().next() else { panic!("it is well-formed") };
    assert!(sdes.cnames().eq([(7, &b"name"[..]); 31]));
    assert!(matches!(
        error(|builder| _ = builder.sdes_cnames(&[7; 32], "name")),
        BuildError::TooMany { count: 32, max: 31, .. }
    ));
}

#[test]
fn at_most_31_sources_leave_at_once() {
    assert!(RtcpPacket::builder().bye(&[1; 31], "").build().is_ok());
    assert!(matches!(
        error(|builder| _ = builder.bye(&[1; 32], "")),
        BuildError::TooMany { count: 32, max: 31, .. }
    ));
}

#[test]
fn empty_requests_are_refused() {
    for result in [
        error(|builder| _ = builder.nack(1, 2, &[])),
        error(|builder| _ = builder.fir(1, &[])),
        error(|builder| _ = builder.tmmbr(1, &[])),
        error(|builder| _ = builder.xr_dlrr(1, &[])),
        error(|_| ()),
    ] {
        assert!(matches!(result, BuildError::Empty(_)), "{result}");
    }
}

#[test]
fn at_most_255_streams_share_an_estimate() {
    assert!(RtcpPacket::builder().remb(1, 5, &[1; 255]).build().is_ok());
    assert!(matches!(
        error(|builder| _ = builder.remb(1, 5, &[1; 256])),
        BuildError::TooMany { max: 255, .. }
    ));
}

#[test]
fn overhead_has_nine_bits() {
    let entry = TmmbEntry { overhead: 511, ..TmmbEntry::default() };
    assert!(RtcpPacket::builder().tmmbr(1, &[entry]).build().is_ok());
    let over = TmmbEntry { overhead: 512, ..entry };
    assert_eq!(
        error(|builder| _ = builder.tmmbn(1, &[over])).to_string(),
        "packet overhead is 512, outside 0..=511"
    );
}

#[test]
fn a_packet_has_at_most_65536_words() {
    let most: Vec<(u32, u8)> = vec![(1, 2); (65_536 - 3) / 2];
    assert_eq!(RtcpPacket::builder().fir(1, &most).build().unwrap().len(), 262_140);
    let over = [&most[..], &most[..1]].concat();
    assert!(matches!(error(|builder| _ = builder.fir(1, &over)), BuildError::TooMany { .. }));
    let entries = vec![(1, 2, 3); 21_845];
    assert!(matches!(error(|builder| _ = builder.xr_dlrr(1, &entries)), BuildError::TooMany { .. }));
    assert!(RtcpPacket::builder().xr_dlrr(1, &entries[..21_844]).build().is_ok());
}

#[test]
fn the_first_error_counts_and_stops_the_writing() {
    let mut builder = RtcpPacket::builder();
    builder.pli(1, 2).nack(1, 2, &[]).fir(1, &[]).pli(1, 2).raw(&hex("80c90001 01020304"));
    assert_eq!(builder.len(), 12);
    assert_eq!(builder.build(), Err(BuildError::Empty("feedback entries")));
    assert!(builder.is_empty());
}

#[test]
fn raw_packets_have_to_be_whole() {
    let good = hex("80c90001 01020304 81ce0002 01020304 0a0b0c0d");
    assert_eq!(RtcpPacket::builder().raw(&good).build().unwrap().as_bytes(), &good);
    for bad in ["80c900", "80c90001", "40c90001 01020304", "a0c90001 01020300"] {
        assert!(matches!(error(|builder| _ = builder.raw(&hex(bad))), BuildError::Raw(_)), "{bad}");
    }
}

#[test]
fn raw_content_is_not_judged() {
    let packet = RtcpPacket::builder().raw(&hex("81cd0001 01020304")).build().unwrap();
    assert_eq!(packet.malformed(), 1);
}

#[test]
fn malformed_bytes_can_be_added_as_they_are() {
    let broken = hex("80c90001 01020304 81cd0001 01020304 ff");
    let packet = RtcpPacket::builder().pli(1, 2).verbatim(&broken).build().unwrap();
    assert_eq!(packet.as_bytes()[12..], broken[..]);
    assert_eq!((packet.malformed(), packet.packets().count()), (2, 2));
}

#[cfg(feature = "rtcp-types")]
#[test]
fn writers_of_rtcp_types_can_be_used() {
    use rtcp_types::prelude::RtcpPacketWriter as _;

    let app = rtcp_types::App::builder(7, "name").data(&[1, 2, 3, 4]);
    let size = app.calculate_size().unwrap();
    let packet = RtcpPacket::builder().pli(1, 2).writer(&app).build().unwrap();
    assert_eq!((packet.len(), packet.malformed()), (12 + size, 0));
    assert_eq!(&packet.as_bytes()[20..24], b"name");
    assert!(matches!(
        error(|builder| _ = builder.writer(&rtcp_types::App::builder(7, "names"))),
        BuildError::Rtcp(_)
    ));
}
