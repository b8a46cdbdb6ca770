//! What a broken or hostile peer sends.

use bytes::Bytes;
use interceptor_packet::RtcpPacket;
use interceptor_test::{hex, rtp};
use proptest::prelude::*;

use crate::support::{Bench, LOCAL, REMOTE, REMOTE_RTX, built, ms};

#[test]
fn malformed_datagrams_are_counted_with_the_next_report_or_window() {
    let mut bench = Bench::with_video();
    let now = bench.clock.now();
    bench.chain.read_datagram(hex("90 60 0001"), now);
    bench.chain.read_datagram(hex("80 c9 00ff"), now);
    bench.chain.read_datagram(hex("00 01 0000"), now);
    bench.receive(rtp(4711).build());
    bench.send(rtp(4711).build());
    bench.receive(rtp(REMOTE).build());
    bench.run_for(ms(1000));
    let connection = bench.connection();
    assert_eq!((connection.malformed_datagrams, connection.foreign_datagrams), (2, 1));
    assert_eq!((connection.unbound_packets_received, connection.unbound_packets_sent), (1, 1));
}

#[test]
fn the_well_formed_parts_of_a_broken_compound_count() {
    let mut bench = Bench::with_video();
    // A NACK without a pair between two PLIs, and a tail that is no packet.
    let pli = built(RtcpPacket::builder().pli(REMOTE, LOCAL)).into_bytes();
    let mut datagram = pli.to_vec();
    datagram.extend(hex("81cd0002 01020304 0a0b0c0d"));
    datagram.extend(&pli);
    datagram.extend([0x80, 0xc9]);
    bench.chain.read_datagram(datagram.into(), bench.clock.now());
    assert_eq!((bench.outbound().pli_count, bench.outbound().nack_count), (2, 0));
    assert_eq!(bench.connection().malformed_rtcp_packets, 2);
}

proptest! {
    /// No datagram makes a number up, and none stops the count of good ones.
    #[test]
    fn anything_may_come_in(datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..40)) {
        let mut bench = Bench::with_video();
        for mut datagram in datagrams {
            // Often enough something that is about our streams.
            if let [first, .., _, _] = &mut datagram[..] {
                *first = 0x80 | (*first & 0x3f);
            }
            if datagram.len() >= 12 && datagram[3] % 2 == 0 {
                let ssrc = if datagram[3] % 4 == 0 { REMOTE } else { REMOTE_RTX };
                datagram[8..12].copy_from_slice(&ssrc.to_be_bytes());
            }
            bench.chain.read_datagram(Bytes::from(datagram), bench.clock.now());
            while bench.chain.poll_app().is_some() {}
            bench.clock.advance(ms(1));
        }
        let before = bench.inbound();
        prop_assert!(before.packets_received <= 40);
        prop_assert!(before.retransmitted_packets_received <= before.packets_received);
        bench.receive(rtp(REMOTE).build());
        prop_assert_eq!(bench.inbound().packets_received, before.packets_received + 1);
    }
}
