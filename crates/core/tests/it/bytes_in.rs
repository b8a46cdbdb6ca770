//! Whatever bytes come off the wire: nothing panics, nothing is lost, nothing changes.

use bytes::Bytes;
use interceptor_core::{Chain, Incoming, Outgoing, StreamInfo};
use proptest::prelude::*;

use crate::probe::{Bench, SSRC, config, rtp};

#[test]
fn arrival_and_congestion_mark_travel_with_the_packet() {
    use interceptor_core::packet::Ecn;
    let mut bench = Bench::new(&[]).bound();
    bench.chain.read_datagram_ecn(rtp(SSRC, 1).to_bytes(), Some(Ecn::Ce), bench.start);
    let Some(Incoming::Rtp(packet)) = bench.chain.poll_app() else { panic!("not delivered") };
    assert_eq!((packet.info().arrival, packet.info().ecn), (Some(bench.start), Some(Ecn::Ce)));
}

fn chain() -> Chain {
    let mut chain = Chain::new(config());
    let now = chain.config().now;
    chain.bind_remote(StreamInfo::new(SSRC, 96, 90_000).with_rtx(SSRC + 1, 97), now).unwrap();
    chain
}

/// Bytes that often look like RTP or RTCP.
fn datagram() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![Just(0x80u8), Just(0x90), Just(0xa0), Just(0xb1), any::<u8>()];
    let second = prop_oneof![Just(0x60u8), 192..=223u8, any::<u8>()];
    (first, second, prop::collection::vec(any::<u8>(), 0..200)).prop_map(|(first, second, mut rest)| {
        rest.insert(0, second);
        rest.insert(0, first);
        rest
    })
}

proptest! {
    #[test]
    fn every_datagram_comes_out_once_and_unchanged(bytes in datagram()) {
        let mut chain = chain();
        let now = chain.config().now;
        let datagram = Bytes::from(bytes);
        chain.read_datagram(datagram.clone(), now);
        let out = match chain.poll_app() {
            Some(Incoming::Rtp(packet) | Incoming::UnboundRtp(packet)) => packet.to_bytes(),
            Some(Incoming::Rtcp(packet)) => packet.into_bytes(),
            Some(Incoming::Raw(bytes)) => bytes,
            other => panic!("{other:?}"),
        };
        prop_assert_eq!(out, datagram);
        prop_assert!(chain.poll_app().is_none());
    }

    #[test]
    fn an_unmodified_packet_leaves_as_it_came(bytes in datagram()) {
        let mut chain = chain();
        let now = chain.config().now;
        chain.read_datagram(Bytes::from(bytes.clone()), now);
        if let Some(Incoming::Rtp(packet) | Incoming::UnboundRtp(packet)) = chain.poll_app() {
            chain.write_rtp(packet, now);
            prop_assert_eq!(chain.poll_wire().map(|packet| packet.to_bytes()), Some(Bytes::from(bytes)));
        }
    }
}

#[test]
fn outgoing_datagrams_are_the_packets_bytes() {
    let packet = rtp(SSRC, 1);
    assert_eq!(Outgoing::Rtp(packet.clone()).to_bytes(), packet.to_bytes());
}
