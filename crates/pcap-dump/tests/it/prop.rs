//! Whatever crosses comes out of the file byte by byte and nanosecond by nanosecond.

use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::{RtcpPacket, RtpPacket};
use interceptor_pcap_dump::{LinkType, PcapDumpOptions};
use proptest::prelude::*;

use crate::support::{ANCHOR, Call, IP_UDP, read_pcapng};

/// A datagram, and the nanoseconds since the one before.
fn datagrams() -> impl Strategy<Value = Vec<(Vec<u8>, u64)>> {
    let rtp = prop::collection::vec(any::<u8>(), 12..300).prop_map(|mut bytes| {
        bytes[0] = 0x80 | bytes[0] & 0x3f;
        bytes[1] &= 0x3f;
        bytes
    });
    let rtcp = prop::collection::vec(any::<u8>(), 4..300).prop_map(|mut bytes| {
        bytes[0] = 0x80 | bytes[0] & 0x3f;
        bytes[1] = 200 + bytes[1] % 8;
        bytes[2] = 0;
        bytes
    });
    let any = prop_oneof![rtp, rtcp, prop::collection::vec(any::<u8>(), 0..100)];
    prop::collection::vec((any, 0..5_000_000_000_u64), 1..40)
}

fn is_seen(datagram: &[u8]) -> bool {
    let bytes = Bytes::copy_from_slice(datagram);
    match datagram.get(1) {
        Some(192..=223) => RtcpPacket::parse(bytes).is_ok(),
        _ => RtpPacket::parse(bytes).is_ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn reads_back_what_came_in(datagrams in datagrams(), framing in 0..3) {
        let directory = tempfile::tempdir().unwrap();
        let (link_type, in_front) = match framing {
            0 => (LinkType::Ip, IP_UDP),
            1 => (LinkType::Ethernet, IP_UDP + 14),
            _ => (LinkType::RtpPdu, 52),
        };
        let options = PcapDumpOptions::new(directory.path().join("{id}")).with_link_type(link_type).with_fsync(false);
        let mut call = Call::new(options);
        let mut expected = Vec::new();
        let mut elapsed = Duration::ZERO;
        for (datagram, nanos) in &datagrams {
            elapsed += Duration::from_nanos(*nanos);
            call.chain.read_datagram(Bytes::copy_from_slice(datagram), call.start + elapsed);
            if is_seen(datagram) {
                expected.push((ANCHOR + elapsed, datagram.clone()));
            }
        }
        call.close(elapsed.as_micros() as u64 + 1);
        let found = read_pcapng(&directory.path().join("call-1")).packets;
        let found: Vec<_> = found.into_iter().map(|p| (p.timestamp, p.data[in_front..].to_vec())).collect();
        prop_assert_eq!(found, expected);
    }
}
