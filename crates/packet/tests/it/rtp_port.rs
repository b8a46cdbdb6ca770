//! What is RTCP on a port that RTP has for itself.

use interceptor_packet::{
    Kind, ReportBlockData, Rtcp, RtcpPacket, RtpPacket, classify, classify_on_rtp_port,
};
use proptest::prelude::*;

fn media(payload_type: u8, seq: u16, payload: &[u8]) -> Vec<u8> {
    let packet = RtpPacket::builder()
        .ssrc(0x1234_5678)
        .payload_type(payload_type)
        .marker(true)
        .sequence_number(seq)
        .timestamp(u32::from(seq) * 960)
        .payload(payload.to_vec());
    packet.build().unwrap().to_bytes().to_vec()
}

#[test]
fn media_of_any_payload_type_is_media() {
    for payload_type in 64..=95 {
        for seq in [0, 1, 90, 40_000, 65_535] {
            let datagram = media(payload_type, seq, &[7; 160]);
            assert_eq!((classify(&datagram), classify_on_rtp_port(&datagram)), (Kind::Rtcp, Kind::Rtp));
        }
    }
    assert_eq!(classify_on_rtp_port(&media(96, 1, b"frame")), Kind::Rtp);
    assert_eq!(classify_on_rtp_port(b"\x00\x01\x00\x00"), Kind::Other);
    assert_eq!(classify_on_rtp_port(&[]), Kind::Other);
}

/// The sequence number is where RTCP has its length: the worst case is that it fits.
#[test]
fn numbers_that_fit_as_a_length_make_no_rtcp_of_media() {
    let mut taken = Vec::new();
    for payload_type in 64..=95 {
        for words in 3..=375_u16 {
            for byte in [0, 0x55, 0xff] {
                let datagram = media(payload_type, words - 1, &vec![byte; usize::from(words) * 4 - 12]);
                if classify_on_rtp_port(&datagram) == Kind::Rtcp {
                    taken.push((payload_type, words * 4));
                }
            }
        }
    }
    taken.dedup();
    assert_eq!(taken, [(72, 28)], "a sender report without blocks");
}

#[test]
fn rtcp_is_rtcp_with_or_without_a_report_before_it() {
    let block = ReportBlockData::default();
    let all = [
        RtcpPacket::builder()
            .receiver_report(1, &[block])
            .sdes_cname(1, "someone")
            .nack(1, 2, &[7, 9])
            .build(),
        RtcpPacket::builder().sender_report(1, Default::default(), 2, 3, 4, &[block]).build(),
        RtcpPacket::builder().receiver_report(1, &[]).build(),
        RtcpPacket::builder().nack(1, 2, &[5]).build(),
        RtcpPacket::builder().pli(1, 2).build(),
        RtcpPacket::builder().fir(1, &[(2, 3)]).build(),
        RtcpPacket::builder().bye(&[1], "over").build(),
        RtcpPacket::builder().sdes_cname(1, "someone").build(),
    ];
    for packet in all {
        let bytes = packet.unwrap().into_bytes();
        assert_eq!(classify_on_rtp_port(&bytes), Kind::Rtcp, "{bytes:02x?}");
        for end in 2..bytes.len() {
            let whole = RtcpPacket::parse(bytes.slice(..end)).is_ok_and(|cut| cut.malformed() == 0);
            assert_eq!(classify_on_rtp_port(&bytes[..end]) == Kind::Rtcp, whole, "cut at {end}");
        }
    }
}

proptest! {
    /// Whatever is said to be RTCP can be read as RTCP, all of it.
    #[test]
    fn what_is_rtcp_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..80), words in 0..20_u8) {
        let mut bytes = bytes;
        if let [first, second, l0, l1, ..] = &mut bytes[..] {
            (*first, *second, *l0, *l1) = (0x80 | (*first & 0x3f), 200 + *second % 8, 0, words);
        }
        if classify_on_rtp_port(&bytes) == Kind::Rtcp {
            let packet = RtcpPacket::parse(bytes.into()).unwrap();
            prop_assert_eq!(packet.malformed(), 0);
            let first = packet.packets().next();
            prop_assert!(!matches!(first, None | Some(Rtcp::Other(_))));
        }
    }
}
