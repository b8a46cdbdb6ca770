//! The hostile datagrams.

use std::collections::HashSet;

use interceptor_core::packet::{Kind, RtcpPacket, RtpPacket, classify};
use interceptor_test::hostile_datagrams;

#[test]
fn the_corpus_is_large_varied_and_the_same_for_the_same_seed() {
    let corpus: Vec<_> = hostile_datagrams(0x1111_1111, 0x2222_2222, 5).collect();
    assert!(corpus.len() > 10_000, "{} datagrams", corpus.len());
    let distinct: HashSet<_> = corpus.iter().collect();
    assert!(distinct.len() * 2 > corpus.len(), "{} of {} are distinct", distinct.len(), corpus.len());
    assert_eq!(hostile_datagrams(0x1111_1111, 0x2222_2222, 5).collect::<Vec<_>>(), corpus);
    assert_ne!(hostile_datagrams(0x1111_1111, 0x2222_2222, 6).collect::<Vec<_>>(), corpus);
}

#[test]
fn it_holds_what_parsers_refuse_and_what_they_accept() {
    let mut counts = [[0; 2]; 2];
    let mut half_good = 0;
    for datagram in hostile_datagrams(1, 2, 5) {
        match classify(&datagram) {
            Kind::Rtp => counts[0][usize::from(RtpPacket::parse(datagram).is_ok())] += 1,
            Kind::Rtcp => {
                let parsed = RtcpPacket::parse(datagram);
                half_good += u32::from(parsed.as_ref().is_ok_and(|packet| packet.malformed() > 0));
                counts[1][usize::from(parsed.is_ok())] += 1;
            }
            Kind::Other => (),
        }
    }
    assert!(
        counts.as_flattened().iter().all(|count| *count > 100),
        "RTP and RTCP refused and accepted: {counts:?}"
    );
    assert!(half_good > 100, "{half_good} accepted with a malformed part");
}
